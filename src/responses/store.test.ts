// One worker's store between a Redis and other workers, both by hand: where is looked, in what order, and what stays where.
import { beforeEach, expect, test, vi } from 'vitest';
import type { SharedTurns, SiblingWish } from '../contracts/response-ports.ts';
import type { StoredResponse } from '../contracts/responses.ts';
import { WorkerStore } from './store.ts';
import { packStored } from './stored.ts';

const options = {
  store: 'auto',
  ttlMs: 1_000,
  maxBytes: 100_000,
  unknown: 'refuse',
  maxBackground: 1,
} as const;
const turn = (id: string, answer = '{}'): StoredResponse => ({
  kind: 'response',
  id,
  owner: 'a',
  provider: 'p',
  model: 'm',
  upstream: false,
  chain: [],
  input: '[]',
  answer: Buffer.from(answer),
  expiresMs: 5_000,
});

/** A Redis that says what the test lets it. */
class FakeShared implements SharedTurns {
  ready = true;
  readonly texts = new Map<string, string>();
  async put(owner: string, id: string, text: string): Promise<boolean> {
    if (this.ready) this.texts.set(`${owner} ${id}`, text);
    return this.ready;
  }
  async many(owner: string, ids: readonly string[]): Promise<(string | null)[] | null> {
    return this.ready ? ids.map((id) => this.texts.get(`${owner} ${id}`) ?? null) : null;
  }
  async drop(owner: string, id: string): Promise<boolean | null> {
    return this.ready ? this.texts.delete(`${owner} ${id}`) : null;
  }
}

let here: WorkerStore;
let there: WorkerStore;
const asked = vi.fn();
/** What happens while a store waits before it looks once more. */
const paused = vi.fn();

function worker(other: () => WorkerStore): WorkerStore {
  return new WorkerStore({
    wall: () => 1_000,
    pause: async () => paused(),
    siblings: {
      async ask(wish: SiblingWish, owner, ids) {
        asked(wish, ids);
        return wish === 'stop' || wish === 'chat' ? ids.map(() => null) : other().asked(wish, owner, ids);
      },
    },
  });
}

beforeEach(() => {
  asked.mockReset();
  paused.mockReset();
  here = worker(() => there);
  there = worker(() => here);
  for (const store of [here, there]) store.configure(options, null);
});

test('what this worker made comes at once, what another one made by a question', async () => {
  const value = turn('resp_1');
  here.put(value);
  expect(here.get('a', 'resp_1')).toBe(value);
  expect(asked).not.toHaveBeenCalled();
  expect(await there.get('a', 'resp_1')).toEqual({ ...value, answer: '{}' });
  expect(await there.get('b', 'resp_1')).toBeNull();
  expect(here.get('a', 'x'.repeat(300))).toBeNull();
});

test('of many only those that are missing are asked for', async () => {
  here.put(turn('resp_1'));
  there.put(turn('resp_2'));
  const found = await here.many('a', ['resp_2', 'resp_1', 'resp_3']);
  expect(found.map((one) => one?.id)).toEqual(['resp_2', 'resp_1', undefined]);
  expect(asked.mock.calls).toEqual([['read', ['resp_2', 'resp_3']]]);
});

test('it is forgotten wherever it is', async () => {
  here.put(turn('resp_1'));
  there.put(turn('resp_2'));
  expect(await here.drop('a', 'resp_1')).toBe(true);
  expect(await here.drop('a', 'resp_2')).toBe(true);
  expect(await here.drop('a', 'resp_2')).toBe(false);
  expect(await there.get('a', 'resp_2')).toBeNull();
});

test('of the copies of a conversation the one that was changed last counts, and none stays behind', async () => {
  const value = {
    kind: 'conversation',
    id: 'c',
    owner: 'a',
    createdAt: 1,
    metadata: '{}',
    expiresMs: 5_000,
  } as const;
  there.put({ ...value, version: 1, items: [] });
  here.put({ ...value, version: 2, items: ['{}'] });
  for (const store of [here, there])
    expect(await store.newest('a', 'c')).toMatchObject({ version: 2, items: ['{}'] });
  const shared = new FakeShared();
  for (const store of [here, there]) store.configure(options, shared);
  shared.texts.set('a c', JSON.stringify({ ...value, version: 3, items: [] }));
  expect(await there.newest('a', 'c')).toMatchObject({ version: 3 });
  expect(await here.drop('a', 'c')).toBe(true);
  expect(await there.newest('a', 'c')).toBeNull();
});

test('Redis has it, then this worker does not keep it twice', async () => {
  const shared = new FakeShared();
  for (const store of [here, there]) store.configure(options, shared);
  here.put(turn('resp_1'));
  await vi.waitFor(() => expect(here.shelf.size).toBe(0));
  expect(await there.get('a', 'resp_1')).toMatchObject({ id: 'resp_1' });
  expect(asked).not.toHaveBeenCalled();
  expect(await there.drop('a', 'resp_1')).toBe(true);
  expect(await here.get('a', 'resp_1')).toBeNull();
});

test('without its Redis a worker keeps what it makes, and the others find it there', async () => {
  const shared = new FakeShared();
  for (const store of [here, there]) store.configure(options, shared);
  shared.ready = false;
  here.put(turn('resp_1'));
  expect(here.shelf.size).toBe(1);
  expect(await there.get('a', 'resp_1')).toMatchObject({ id: 'resp_1' });
  shared.ready = true;
  expect(await there.get('a', 'resp_1')).toMatchObject({ id: 'resp_1' });
});

test('what a Redis says under a name that is not its own is not believed', async () => {
  const shared = new FakeShared();
  here.configure(options, shared);
  shared.texts.set('a resp_1', JSON.stringify(turn('resp_other')));
  shared.texts.set('a resp_2', 'no JSON');
  expect(await here.many('a', ['resp_1', 'resp_2'])).toEqual([null, null]);
});

test('switched off it keeps nothing and asks no Redis', () => {
  here.put(turn('resp_1'));
  here.configure({ ...options, store: 'off' }, new FakeShared());
  expect([here.ttlMs, here.shelf.size]).toEqual([0, 0]);
  here.put(turn('resp_2'));
  expect(here.shelf.size).toBe(0);
});

test('what comes to Redis a moment behind its answer is found by who asks for it at once', async () => {
  const shared = new FakeShared();
  for (const store of [here, there]) store.configure(options, shared);
  const value = { kind: 'conversation', owner: 'a', createdAt: 1, metadata: '{}', expiresMs: 5_000 } as const;
  // Of another node: nobody here has it.
  paused.mockImplementationOnce(() => shared.texts.set('a resp_1', packStored(turn('resp_1'))));
  expect(await there.get('a', 'resp_1')).toMatchObject({ id: 'resp_1' });
  paused.mockImplementationOnce(() =>
    shared.texts.set('a c', packStored({ ...value, id: 'c', version: 1, items: [] })),
  );
  expect(await there.newest('a', 'c')).toMatchObject({ id: 'c' });
  expect(paused).toHaveBeenCalledTimes(2);
  // What nobody has heard of is not looked for for ever.
  expect([await there.get('a', 'resp_2'), await there.newest('a', 'd')]).toEqual([null, null]);
});

test('what a worker lets go of between two looks, since Redis has it, is found', async () => {
  const shared = new FakeShared();
  here.configure(options, null);
  there.configure(options, shared);
  const value = { kind: 'conversation', owner: 'a', createdAt: 1, metadata: '{}', expiresMs: 5_000 } as const;
  for (const one of [turn('resp_1'), { ...value, id: 'c', version: 1, items: [] }]) {
    asked.mockImplementationOnce(() => {
      shared.texts.set(`a ${one.id}`, packStored(one));
      void here.drop('a', one.id);
    });
    here.put(one);
    const found = one.kind === 'response' ? there.get('a', one.id) : there.newest('a', one.id);
    expect(await found).toMatchObject({ id: one.id });
  }
});
