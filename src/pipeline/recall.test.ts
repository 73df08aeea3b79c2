// What a request builds on, by a store that the test fills: where it goes, what its body becomes, and when it is refused.
import { beforeEach, expect, test } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { StoredResponse } from '../contracts/responses.ts';
import { dialectByName } from '../registry/dialects.ts';
import { WorkerStore } from '../responses/store.ts';
import { createRecall } from './recall.ts';

const options = {
  store: 'auto',
  ttlMs: 1_000,
  maxBytes: 100_000,
  unknown: 'refuse',
  maxBackground: 1,
} as const;
const quirks = { streamUsage: true, legacyMaxTokens: false, keepsResponses: true };
let store: WorkerStore;
let keeper: FakeProvider;
let plain: FakeProvider;

beforeEach(() => {
  store = new WorkerStore({
    wall: () => 0,
    siblings: { ask: async (_wish, _owner, ids) => ids.map(() => null) },
    pause: async () => undefined,
  });
  store.configure(options, null);
  keeper = fakeProvider('keeper', dialectByName('openai-responses'), { quirks });
  plain = fakeProvider('plain', dialectByName('openai-chat'));
});

const turn = (id: string, change: Partial<StoredResponse> = {}): StoredResponse => ({
  kind: 'response',
  id,
  owner: 'me',
  provider: 'plain',
  model: 'm',
  upstream: false,
  chain: [],
  input: `[{"role":"user","content":"asked ${id}"}]`,
  answer: JSON.stringify({
    id,
    object: 'response',
    status: 'completed',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: `said ${id}` }] }],
  }),
  expiresMs: 500,
  ...change,
});

async function recall(
  body: object,
  providers = [plain],
  {
    unknown = 'refuse',
    maxBodyBytes = 10_000,
    alone = false,
  }: { unknown?: 'refuse' | 'pass'; maxBodyBytes?: number; alone?: boolean } = {},
): Promise<Call> {
  const { call } = fakeCall('openai-responses', { model: 'm', ...body }, providers);
  call.principal = { ...call.principal, id: 'me', name: 'me' } as NonNullable<Call['principal']>;
  Object.assign(call.snapshot.config, { responses: { ...options, unknown } });
  Object.assign(call.snapshot.config.server, { maxBodyBytes });
  const stage = createRecall({
    store,
    locks: { take: () => Promise.resolve(null) },
    alone: () => alone,
    randomBytes: (count) => Buffer.alloc(count, 7),
    inspect: (_, text) => inspectBody(text),
  });
  const result = await stage(call);
  if (result instanceof GatewayError) throw result;
  return call;
}
const refused = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (cause: unknown) => (cause instanceof GatewayError ? [cause.code, cause.param] : cause),
  );
const inputOf = ({ body }: Call): unknown => (JSON.parse(body!.toString()) as { input: unknown }).input;

test('a request that builds on nothing stays as it is, and will be kept', async () => {
  const call = await recall({ input: 'hi' });
  expect(inputOf(call)).toBe('hi');
  expect(call.kept).toMatchObject({ id: `resp_${'07'.repeat(20)}`, previous: null, chain: [], answer: null });
  expect((await recall({ input: 'hi', store: false })).kept).toBeNull();
  expect(call.builtOn).toBeNull();
});

test('all turns before it are put in front, oldest first', async () => {
  store.put(turn('r1'));
  store.put(turn('r2', { chain: ['r1'] }));
  const call = await recall({ input: 'now', previous_response_id: 'r2' });
  const text = JSON.stringify(inputOf(call));
  const places = ['asked r1', 'said r1', 'asked r2', 'said r2', 'now'].map((words) => text.indexOf(words));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  expect(call.facts!.promptBytes).toBeGreaterThan(text.length / 2);
  expect(call.kept).toMatchObject({ previous: 'r2', chain: ['r1', 'r2'] });
});

test('what a request builds on its answer is to say, also where that is not kept', async () => {
  store.put(turn('r1'));
  for (const stores of [true, false]) {
    const call = await recall({ input: 'hi', previous_response_id: 'r1', store: stores });
    expect([call.kept !== null, call.builtOn]).toEqual([stores, { previous: 'r1', conversation: null }]);
  }
});

test('an item that is referred to is put in its place, also where the turn is not kept', async () => {
  const own = 'ab'.repeat(20);
  const id = `msg_${own}0000`;
  const said = {
    id,
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'said it' }],
  };
  const answer = JSON.stringify({ object: 'response', status: 'completed', output: [said] });
  store.put(turn(`resp_${own}`, { answer }));
  for (const stores of [true, false]) {
    const input = [
      { type: 'item_reference', id },
      { role: 'user', content: 'now' },
    ];
    const call = await recall({ input, store: stores });
    expect(JSON.stringify(inputOf(call))).toContain('said it');
  }
});

test('a chain with a link that is gone, one without an answer, and one that is too long are refused', async () => {
  store.put(turn('r2', { chain: ['r1'] }));
  const gone = ['GW_CLIENT_RESPONSE_NOT_FOUND', 'previous_response_id'];
  expect(await refused(recall({ input: 'x', previous_response_id: 'r2' }))).toEqual(gone);
  expect(await refused(recall({ input: 'x', previous_response_id: 'never' }))).toEqual(gone);
  store.put(turn('r3', { answer: '{"object":"response","status":"in_progress"}' }));
  const running = await refused(recall({ input: 'x', previous_response_id: 'r3' }));
  expect(running).toEqual(['GW_CLIENT_BAD_REQUEST', 'previous_response_id']);
  store.put(turn('r4'));
  const long = recall({ input: 'x', previous_response_id: 'r4' }, [plain], { maxBodyBytes: 100 });
  expect(await refused(long)).toEqual(['GW_CLIENT_TOO_LARGE', null]);
});

test('a turn that its provider keeps goes there alone; elsewhere it is put in front', async () => {
  store.put(turn('r1', { provider: 'keeper', upstream: true }));
  const there = await recall({ input: 'x', previous_response_id: 'r1' }, [plain, keeper]);
  expect(there.plan!.targets).toEqual([keeper.target]);
  expect(there.body!.toString()).toContain('"previous_response_id":"r1"');
  const elsewhere = await recall({ input: 'x', previous_response_id: 'r1' }, [plain]);
  expect(elsewhere.body!.toString()).not.toContain('previous_response_id');
  expect(JSON.stringify(inputOf(elsewhere))).toContain('said r1');
});

test('what nobody here knows goes to a provider that keeps responses where that is allowed, and nowhere else', async () => {
  const asked = { input: 'x', previous_response_id: 'of_yesterday' };
  expect(await refused(recall(asked, [keeper]))).toEqual([
    'GW_CLIENT_RESPONSE_NOT_FOUND',
    'previous_response_id',
  ]);
  const passed = await recall(asked, [plain, keeper], { unknown: 'pass' });
  expect(passed.plan!.targets).toEqual([keeper.target]);
  expect(await refused(recall(asked, [plain], { unknown: 'pass' }))).toEqual([
    'GW_CLIENT_RESPONSE_NOT_FOUND',
    'previous_response_id',
  ]);
  expect(await refused(recall({ input: 'x', conversation: 'conv_1' }))).toEqual([
    'GW_CLIENT_RESPONSE_NOT_FOUND',
    'conversation',
  ]);
});

test('switched off it leaves requests as they are', async () => {
  store.configure({ ...options, store: 'off' }, null);
  const call = await recall({ input: 'x', previous_response_id: 'r1' }, [keeper]);
  expect([call.kept, call.body!.toString().includes('"r1"')]).toEqual([null, true]);
});

test('two histories exclude each other, unless a provider that keeps turns may judge that', async () => {
  const body = { input: 'hi', conversation: 'conv_1', previous_response_id: 'resp_1' };
  expect(await refused(recall(body))).toEqual(['GW_CLIENT_BAD_REQUEST', 'previous_response_id']);
  expect(await refused(recall(body, [plain], { unknown: 'pass' }))).toEqual([
    'GW_CLIENT_BAD_REQUEST',
    'previous_response_id',
  ]);
  const call = await recall(body, [keeper], { alone: true });
  expect(call.plan!.targets).toHaveLength(1);
});
