import { expect, test, vi } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { GatewayError } from '../contracts/errors.ts';
import { principalOf } from '../governance/principal.ts';
import { dialectByName } from '../registry/dialects.ts';
import type { InnerAnswer, InnerRequest } from './inner-call.ts';
import { createParts, type PartsDeps } from './parts.ts';
import { createRefuser } from './refuse.ts';
import { createSettle } from './settle.ts';

interface Asked {
  body: { model: string; input: string[]; fallbacks?: string[]; dimensions?: number };
  request: InnerRequest;
  /** @param cost as its head says it. */
  answer(vectors: number[][], tokens: number | null, cost?: string): void;
  fail(error: GatewayError): void;
}

/** A caller of a provider that takes two inputs at a time, and what it is asked. */
function setUp(body: object, change: (call: Call) => void = () => {}, deps: Partial<PartsDeps> = {}) {
  const provider = fakeProvider('p', dialectByName('openai-chat'), {
    quirks: { streamUsage: true, legacyMaxTokens: false, embeddingInputs: 2 },
  });
  const dialect: DialectName = 'openai-chat';
  const { call, sink } = fakeCall(dialect, body, [provider], {}, 'embeddings');
  change(call);
  const settled: Call[] = [];
  const settle = createSettle({ now: () => 1, wall: () => 1 }, [
    { settled: (one) => void settled.push(one) },
  ]);
  const asked: Asked[] = [];
  const stage = createParts({
    inner: {
      ask(_parent, request) {
        const { promise, resolve, reject } = Promise.withResolvers<InnerAnswer>();
        asked.push({
          request,
          body: JSON.parse(request.body.toString()) as Asked['body'],
          answer(vectors, tokens, cost) {
            const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
            const usage = tokens === null ? undefined : { prompt_tokens: tokens, total_tokens: tokens };
            const answer = Buffer.from(JSON.stringify({ object: 'list', data, model: 'm-1', usage }));
            const made = { provider: 'p', upstreamModel: 'm' } as Call;
            resolve({
              status: 200,
              headers: [
                ['content-type', 'application/json'],
                ...(cost === undefined ? [] : [['x-headgate-cost-usd', cost] as const]),
              ],
              body: answer,
              call: made,
            });
          },
          fail: reject,
        });
        return { answer: promise, cancel() {} };
      },
    },
    offload: null,
    dialect: dialectByName,
    settle,
    refuse: createRefuser(dialectByName, settle, { headers: () => [] }),
    now: () => 1,
    wall: () => 1,
    ...deps,
  });
  return { stage, call, sink, asked, settled };
}

test('more inputs than the target takes go in parts, byte for byte, and come back in their order', async () => {
  const input = ['a', 'b"]', 'ü', 'd', 'e'];
  const { stage, call, sink, asked, settled } = setUp({ model: 'm', dimensions: 2, input, user: 'u' });
  expect(stage(call)).toBe('taken');
  expect(asked.map(({ body }) => body)).toEqual(
    [['a', 'b"]'], ['ü', 'd'], ['e']].map((some) => ({
      model: 'm',
      dimensions: 2,
      user: 'u',
      input: some,
    })),
  );
  asked[2]!.answer([[5, 5]], 1);
  asked[0]!.answer(
    [
      [1, 1],
      [2, 2],
    ],
    3,
  );
  asked[1]!.answer(
    [
      [3, 3],
      [4, 4],
    ],
    null,
  );
  await vi.waitFor(() => expect(settled).toEqual([call]));
  const whole = JSON.parse(sink.body) as { data: { index: number; embedding: number[] }[]; usage: unknown };
  expect(whole.data.map(({ index, embedding }) => [index, embedding[0]])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
  ]);
  expect(whole.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
  expect([sink.status, sink.headers['x-headgate-parts'], call.provider, call.usage]).toEqual([
    200,
    '3',
    'p',
    null,
  ]);
});

test.each([
  [['0.00012', '0.000000003', '1.5'], '1.500120003'],
  [['0.00012', undefined, '1.5'], undefined],
])('what parts cost is told as a sum, or not at all: %j', async (costs, sum) => {
  const { stage, call, sink, asked, settled } = setUp({ model: 'm', input: ['a', 'b', 'c', 'd', 'e'] });
  void stage(call);
  for (const [at, cost] of costs.entries()) asked[at]!.answer(at === 2 ? [[1]] : [[1], [1]], 1, cost);
  await vi.waitFor(() => expect(settled).toEqual([call]));
  expect(sink.headers['x-headgate-cost-usd']).toBe(sum);
});

test('no more than a few at a time', async () => {
  const { stage, call, asked } = setUp({ model: 'm', input: Array.from({ length: 20 }, () => 'x') });
  void stage(call);
  expect(asked).toHaveLength(4);
  asked[3]!.answer([[1], [1]], 1);
  await vi.waitFor(() => expect(asked).toHaveLength(5));
});

test.each([
  ['as many as it takes', ['a', 'b']],
  ['the tokens of one', [1, 2, 3, 4, 5]],
  ['a text', 'a long text that is one input'],
  ['nothing', []],
])('%s go as they are', (_what, input) => {
  const { stage, call, asked } = setUp({ model: 'm', input });
  expect([stage(call), asked.length]).toEqual(['continue', 0]);
});

test('a part that fails fails the whole, once', async () => {
  const { stage, call, sink, asked, settled } = setUp({ model: 'm', input: ['a', 'b', 'c'] });
  void stage(call);
  asked[1]!.fail(new GatewayError('GW_UPSTREAM_RATE_LIMIT'));
  await vi.waitFor(() => expect(settled).toEqual([call]));
  asked[0]!.fail(new GatewayError('GW_UPSTREAM_RESET'));
  await Promise.resolve();
  expect([sink.status, sink.replies, settled.length]).toEqual([429, 1, 1]);
});

test('an answer with too few vectors is none', async () => {
  const { stage, call, sink, asked } = setUp({ model: 'm', input: ['a', 'b', 'c'] });
  void stage(call);
  asked[0]!.answer([[1]], 1);
  asked[1]!.answer([[1]], 1);
  await vi.waitFor(() => expect(sink.status).toBe(502));
});

test('a client that leaves is answered nothing', async () => {
  const { stage, call, sink, asked } = setUp({ model: 'm', input: ['a', 'b', 'c'] });
  void stage(call);
  call.work?.cancel(new GatewayError('GW_CLIENT_GONE'));
  asked[0]!.answer([[1], [1]], 1);
  asked[1]!.answer([[1]], 1);
  await Promise.resolve();
  expect(sink.status).toBe(0);
});

test('what a plugin chose of its targets is what the parts may use', () => {
  const { stage, call, asked } = setUp({ model: 'alias', input: ['a', 'b', 'c'] }, (one) => {
    one.plan = { ...one.plan!, chosen: true };
  });
  void stage(call);
  expect(asked[0]!.body).toEqual({ model: call.plan!.targets[0]!.label, fallbacks: [], input: ['a', 'b'] });
});

test('what the key of its caller may use alone is what the parts may use', () => {
  const { stage, call, asked } = setUp(
    { model: 'alias', fallbacks: ['other'], input: ['a', 'b', 'c'] },
    (one) => {
      one.principal = principalOf({ name: 'app', aliases: { alias: ['p/m', 'q/n'] } });
      const [target] = one.plan!.targets;
      one.plan = { ...one.plan!, targets: [target!, { ...target!, label: 'q/n' }] };
    },
  );
  void stage(call);
  expect(asked[0]!.body).toEqual({ model: 'p/m', fallbacks: ['q/n'], input: ['a', 'b'] });
});

const full = () =>
  new GatewayError('GW_LIMIT_EXCEEDED', { errorType: 'policy_concurrency', retryAfterMs: 100 });
const LIMITED = (call: Call): void => {
  Object.assign(call.snapshot, { limits: {} });
};

test('of a key that may have one call at once the parts go one by one', async () => {
  const { stage, call, sink, asked } = setUp({ model: 'm', input: ['a', 'b', 'c', 'd', 'e'] }, LIMITED);
  expect(stage(call)).toBe('taken');
  asked[1]!.fail(full());
  asked[2]!.fail(full());
  asked[0]!.answer([[1], [2]], 1);
  await vi.waitFor(() => expect(asked).toHaveLength(4));
  const inputs = asked.map(({ body }) => body.input);
  expect(inputs[3]).toEqual(inputs[2]);
  asked[3]!.answer([[5]], 1);
  await vi.waitFor(() => expect(asked).toHaveLength(5));
  expect(asked[4]!.body.input).toEqual(inputs[1]);
  asked[4]!.answer([[3], [4]], 1);
  await vi.waitFor(() => expect(sink.status).toBe(200));
  const { data } = JSON.parse(sink.body) as { data: { embedding: number[] }[] };
  expect(data.map(({ embedding }) => embedding[0])).toEqual([1, 2, 3, 4, 5]);
});

test('a place that others took meanwhile is waited for', async () => {
  vi.useFakeTimers();
  try {
    const { stage, call, asked, sink } = setUp({ model: 'm', input: ['a', 'b', 'c'] }, LIMITED);
    expect(stage(call)).toBe('taken');
    asked[0]!.answer([[1], [2]], 1);
    asked[1]!.fail(full());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(3);
    asked[2]!.answer([[3]], 1);
    await vi.advanceTimersByTimeAsync(0);
    expect(sink.status).toBe(200);
  } finally {
    vi.useRealTimers();
  }
});

test('where none of them gets a place the request has none', async () => {
  const { stage, call, asked, sink } = setUp({ model: 'm', input: ['a', 'b', 'c'] }, LIMITED);
  expect(stage(call)).toBe('taken');
  for (const one of asked) one.fail(full());
  await vi.waitFor(() => expect(sink.status).toBe(429));
  expect(asked).toHaveLength(2);
});

test('any other limit ends them all', async () => {
  const { stage, call, asked, sink } = setUp({ model: 'm', input: ['a', 'b', 'c'] }, LIMITED);
  expect(stage(call)).toBe('taken');
  asked[1]!.fail(new GatewayError('GW_LIMIT_EXCEEDED', { retryAfterMs: 100 }));
  await vi.waitFor(() => expect(sink.status).toBe(429));
});
