// What calls pay for that tried more than once: the real limiter over the embedded books, providers that break off.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { LimitBooks, limitRule } from '../../../tests/kit/limit-books.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { principalOf } from '../../governance/principal.ts';
import { createLimiter } from '../../limiter/limiter.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

const openai = dialectByName('openai-chat');
const anthropic = dialectByName('anthropic');
const once = { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } };
const again = { retries: { max: 1, backoffMs: 0, maxBackoffMs: 0, maxAttempts: 5 } };
const request = { model: 'm', max_tokens: 200, messages: [{ role: 'user', content: 'hi' }] };
const answer = {
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const delta = (content: string) => ({
  id: 'a',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { content } }],
});
const RULES = ['p', 'q', null].flatMap((provider) =>
  (['requests', 'tokens', 'concurrent'] as const).map((dimension) =>
    limitRule(`${provider ?? 'own'}.${dimension}`, dimension, 5_000, provider),
  ),
);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const time = { now: 1_000 };
  const clocks = createClocks({ now: () => time.now, wall: () => time.now });
  const books = new LimitBooks();
  const none = (): void => undefined;
  const meter = { admitted: none, refused: none, unknown: none, refilled: none };
  const limiter = createLimiter({ clock: clocks, origin: 'test', meter: { rule: () => meter } });
  const options = { holders: 1, strict: false, failOpen: false, ietf: false, version: 1 };
  const limits = limiter.compile(RULES, ['p', 'q'], books, options);
  const dispatch = quietDispatch(clocks, [limiter], { admission: limiter });
  /** A call that was admitted and reached its first provider. */
  const run = async (providers: readonly FakeProvider[], change: object = {}) => {
    const { call, sink } = fakeCall('openai-chat', { ...request, ...change }, providers);
    call.principal = principalOf({ name: 'team' });
    (call as { snapshot: Snapshot }).snapshot = { ...call.snapshot, limits };
    expect(await limiter.admit(call)).toBeNull();
    void dispatch(call);
    await pass();
    return { call, sink, prompt: Math.ceil(call.facts!.promptBytes / 3.5) };
  };
  const pass = async (): Promise<void> => {
    time.now += 60;
    await vi.advanceTimersByTimeAsync(60);
  };
  /** What each limit has paid in the end: requests and tokens; of slots none may be left. */
  const paid = async (call: Call, name: string): Promise<[number, number]> => {
    expect(call.settled).toBe(true);
    limiter.close();
    await pass();
    for (const [id, units] of books.uncommitted) expect([id, units]).toEqual([id, 0]);
    expect(books.ledger.taken(`${name}.concurrent`)).toBe(0);
    return [books.out.get(`${name}.requests`) ?? 0, books.out.get(`${name}.tokens`) ?? 0];
  };
  return { run, pass, paid, books };
}

const cut = (): GatewayError => new GatewayError('GW_UPSTREAM_TRUNCATED');

describe('what a call pays for', () => {
  test('a retry: the answer that broke off and the one that came', async () => {
    const { run, pass, paid, books } = setUp();
    const p = fakeProvider('p', openai, again);
    const { call, prompt } = await run([p]);
    const { handler } = p.requests[0]!;
    handler.onSent(true);
    handler.onHead(200, { 'content-type': 'application/json' });
    handler.onData(Buffer.from('{"id":'));
    handler.onError(cut());
    await pass();
    // What the first attempt held is settled before the second takes its own.
    expect(p.requests).toHaveLength(2);
    p.requests[1]!.json(200, answer);
    expect(await paid(call, 'own')).toEqual([1, prompt + 4]);
    expect(await paid(call, 'p')).toEqual([2, prompt + 4]);
    expect(books.out.get('q.requests') ?? 0).toBe(0);
  });

  test('a fallback behind a stream that told its prompt and broke off: each provider its own, the key both', async () => {
    const { run, pass, paid } = setUp();
    const [p, q] = [fakeProvider('p', anthropic, once), fakeProvider('q', openai, once)];
    const { call, sink } = await run([p, q], { stream: true });
    const usage = { input_tokens: 25, output_tokens: 1 };
    const message = { id: 'x', type: 'message', role: 'assistant', model: 'm', content: [], usage };
    const { handler } = p.requests[0]!.stream();
    handler.onData(
      Buffer.from(`event: message_start\ndata: ${JSON.stringify({ type: 'message_start', message })}\n\n`),
    );
    handler.onError(cut());
    await pass();
    const second = q.requests[0]!.stream().send(delta('hello'));
    const end = { ...delta(''), choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
    second.send(end, { ...end, choices: [], usage: answer.usage }, '[DONE]').end();
    expect(sink.body).toContain('hello');
    const [requests, tokens] = await paid(call, 'own');
    const [asked, first] = await paid(call, 'p');
    expect(await paid(call, 'q')).toEqual([1, 4]);
    expect([requests, asked]).toEqual([1, 1]);
    expect(first).toBeGreaterThanOrEqual(25);
    expect(tokens).toBe(first + 4);
  });

  test('a fallback behind a refusal: nothing but the answer', async () => {
    const { run, pass, paid } = setUp();
    const [p, q] = [fakeProvider('p', openai, once), fakeProvider('q', openai, once)];
    const { call } = await run([p, q]);
    p.requests[0]!.json(503, { error: { message: 'no' } });
    await pass();
    q.requests[0]!.json(200, answer);
    expect(await paid(call, 'own')).toEqual([1, 4]);
    expect(await paid(call, 'p')).toEqual([1, 0]);
    expect(await paid(call, 'q')).toEqual([1, 4]);
  });

  test.each(['its provider', 'its client', 'a drain'])(
    'a stream cut by %s: its prompt and what had come',
    async (by) => {
      const { run, paid } = setUp();
      const p = fakeProvider('p', openai, again);
      const { call, prompt } = await run([p], { stream: true });
      const upstream = p.requests[0]!.stream().send(delta('a'), delta('b'), delta('c'));
      if (by === 'its provider') upstream.handler.onError(cut());
      else call.work!.cancel(new GatewayError(by === 'a drain' ? 'GW_GATEWAY_DRAINING' : 'GW_CLIENT_GONE'));
      expect(await paid(call, 'own')).toEqual([1, prompt + 3]);
      expect(await paid(call, 'p')).toEqual([1, prompt + 3]);
    },
  );

  test('a client that leaves while a retry waits: what the first attempt used, and nothing is held', async () => {
    const { run, paid } = setUp();
    const p = fakeProvider('p', openai, {
      retries: { ...again.retries, backoffMs: 5_000, maxBackoffMs: 5_000 },
    });
    const { call, prompt } = await run([p]);
    const { handler } = p.requests[0]!;
    handler.onSent(true);
    handler.onError(new GatewayError('GW_UPSTREAM_RESET', { retry: 'same' }));
    expect(call.settled).toBe(false);
    call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    expect(await paid(call, 'own')).toEqual([1, prompt]);
    expect(await paid(call, 'p')).toEqual([1, prompt]);
  });
});
