import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { faultError } from '../dialects/fault-error.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createCount, createTokenCounter, isNoCount } from './count.ts';
import { lacksRoute } from './lacks.ts';
import { createSettle } from './settle.ts';

const anthropic = dialectByName('anthropic');
const MINUTE_MS = 60_000;

function setUp(count: (signal: AbortSignal) => Promise<number> = () => Promise.resolve(7)) {
  let now = 1_000;
  const settled: Call[] = [];
  const asked: unknown[][] = [];
  const counter = createTokenCounter({
    count: (body, dialect, model, signal) => {
      asked.push([body.toString(), dialect, model]);
      return count(signal);
    },
    settle: createSettle({ now: () => now, wall: () => 0 }, [{ settled: (call) => settled.push(call) }]),
    admission: { headers: () => [['anthropic-ratelimit-requests-limit', '5']] },
    now: () => now,
  });
  const pass = (ms: number): void => void (now += ms);
  return { counter, settled, asked, pass, stage: createCount(counter) };
}

function counting(provider = fakeProvider('p', anthropic)) {
  const made = fakeCall('anthropic', { model: 'm', messages: [] }, [provider], {}, 'token-count');
  return { ...made, target: provider.target };
}

describe('a target is asked', () => {
  test('when it speaks the client’s dialect', () => {
    const { counter } = setUp();
    const { call, target } = counting();
    expect(counter.asks(call, target)).toBe(true);
    expect(counter.asks(call, fakeProvider('q', dialectByName('openai-chat')).target)).toBe(false);
  });

  test('unless it is the demo', () => {
    const { target, call } = counting(fakeProvider('demo', anthropic, { kind: 'demo' }));
    expect(setUp().counter.asks(call, target)).toBe(false);
  });

  test('again ten minutes after it had no counter; others of the same name meanwhile', () => {
    const { counter, pass } = setUp();
    const { call, target } = counting();
    counter.lacking(target);
    expect(counter.asks(call, target)).toBe(false);
    // Another configuration of it, after a reload.
    expect(counter.asks(call, fakeProvider('p', anthropic).target)).toBe(true);
    pass(10 * MINUTE_MS - 1);
    expect(counter.asks(call, target)).toBe(false);
    pass(1);
    expect(counter.asks(call, target)).toBe(true);
  });
});

describe('the stage', () => {
  test('lets a call go on to a vendor that counts', () => {
    const { stage, asked } = setUp();
    expect(stage(counting().call)).toBe('continue');
    expect(asked).toEqual([]);
  });

  test('answers in its place with an estimate that says so, and settles', async () => {
    const { stage, settled, asked } = setUp();
    const { call, sink } = counting(fakeProvider('p', dialectByName('openai-chat')));
    expect(await stage(call)).toBe('taken');
    expect(asked).toEqual([['{"model":"m","messages":[]}', 'anthropic', 'm']]);
    expect([sink.status, sink.body]).toEqual([200, '{"input_tokens":7}']);
    expect(sink.headers).toEqual({
      'content-type': 'application/json',
      'x-headgate-estimated': '1',
      'x-headgate-provider': 'p',
      'x-headgate-model': 'm',
      'anthropic-ratelimit-requests-limit': '5',
    });
    expect(settled).toEqual([call]);
    expect(call).toMatchObject({ provider: 'p', upstreamModel: 'm', status: 200 });
  });

  test('fails as its thread does', async () => {
    const late = new GatewayError('GW_GATEWAY_INTERNAL');
    const { stage, settled } = setUp(() => Promise.reject(late));
    const { call } = counting(fakeProvider('p', dialectByName('openai-chat')));
    await expect(stage(call)).rejects.toBe(late);
    expect(settled).toEqual([]);
  });
});

describe('a client that leaves while its tokens are counted', () => {
  test('gives the thread up, and gets no answer', async () => {
    let signal: AbortSignal | null = null;
    let counted: (tokens: number) => void = () => {};
    const { counter, settled } = setUp((given) => {
      signal = given;
      return new Promise((resolve) => {
        counted = resolve;
      });
    });
    const { call, sink, target } = counting();
    const estimate = counter.estimate(call, target);
    call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    expect(signal!).toMatchObject({ aborted: true });
    call.settledAt = 1;
    counted(7);
    await estimate;
    expect(sink.replies).toBe(0);
    expect(settled).toEqual([]);
  });
});

describe('a refusal', () => {
  const refusal = (status: number, message: string, code: string | null = null) =>
    faultError({
      dialect: 'anthropic',
      status,
      body: null,
      type: null,
      code,
      param: null,
      message,
      headers: {},
    });

  test.each([
    [404, 'Not Found', true],
    [405, 'Method Not Allowed', true],
    [501, 'no such route', true],
    [400, 'Not Found', false],
    [500, 'Not Found', false],
    [404, 'The model does not exist', false],
    [404, 'claude-x is unknown', false],
    [404, 'remodelled', true],
  ])('of %i with %j says that there is no counter: %s', (status, message, lacks) => {
    expect(lacksRoute(refusal(status, message), 'claude-x')).toBe(lacks);
  });

  test('that names the model in its code, or is our own, does not', () => {
    expect(lacksRoute(refusal(404, 'no', 'model_not_found'), 'claude-x')).toBe(false);
    expect(lacksRoute(new GatewayError('GW_UPSTREAM_RESET'), 'claude-x')).toBe(false);
  });
});

test.each([
  ['{"input_tokens":3}', false],
  ['{"input_tokens":0}', false],
  ['{"message":"hello"}', true],
  ['{"input_tokens":"3"}', true],
  // What is no JSON is told as a broken answer, by who reads it.
  ['<html>', false],
])('an answer %s is something else than a count: %s', (text, is) => {
  expect(isNoCount(counting().target, Buffer.from(text))).toBe(is);
});
