import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BatchPolling, BatchWatch } from '../../src/contracts/batch-watch.ts';
import { fakeLog } from '../fakes.fixture.ts';
import { BATCHES_FILE, type BatchBook, createBatchBook } from './batch-book.ts';

const MINUTE = 60_000;
const polling: BatchPolling = { poll: true, pollMs: 5 * MINUTE, maxPollMs: 10 * MINUTE, forMs: 60 * MINUTE };
let folder: string;
let wall: number;
/** Asked and not answered, in order. */
let asked: { id: string; answer(state: unknown): Promise<void>; fail(): Promise<void> }[];
let counted: string[];
let size: number;
let books: BatchBook[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-batches-'));
  wall = 0;
  asked = [];
  counted = [];
  size = -1;
  books = [];
});
afterEach(() => {
  for (const book of books) book.close();
  rmSync(folder, { recursive: true, force: true });
});

function opened(settings = polling, max?: number): BatchBook {
  const look = ({ watch }: { watch: BatchWatch }) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const heard = () => new Promise<void>((done) => void setImmediate(done));
    asked.push({
      id: watch.id,
      answer(state) {
        resolve(state);
        return heard();
      },
      fail() {
        reject(new Error('no worker serves'));
        return heard();
      },
    });
    return promise;
  };
  const deps = {
    ...{ clock: { now: () => wall, wall: () => wall }, log: fakeLog(), look },
    totals: {
      inc: (_family: string, labels: readonly string[]) => void counted.push(labels.join(' ')),
      setGauge: (_family: string, _labels: readonly string[], value: number) => void (size = value),
    },
  };
  const book = createBatchBook(deps as never, folder, settings, max); // all that is used of them
  books.push(book);
  return book;
}
const watch = (id: string, provider = 'oa'): BatchWatch => ({
  ...{ id, provider, operation: 'batch', dialect: 'openai-chat', template: '/v1/batches' },
  ...{ path: `/batches/${id}`, fromOrigin: false, keyAlias: 'oa-1', call: 'req-1' },
  ...{ holder: { name: 'app' }, customer: null, headers: [] },
});

it('asks after a batch until it is over, with pauses that grow up to the longest', async () => {
  const book = opened();
  book.begun(watch('b'));
  const pauses: number[] = [];
  for (let last = 0; pauses.length < 4; wall += MINUTE / 2) {
    book.tick();
    const one = asked.shift();
    if (one === undefined) continue;
    pauses.push((wall - last) / MINUTE);
    last = wall;
    await one.answer(pauses.length === 2 ? undefined : 'open');
  }
  expect(pauses).toEqual([5, 7.5, 10, 10]);
  wall += 10 * MINUTE;
  book.tick();
  expect(size).toBe(1);
  await asked.shift()!.answer('over');
  expect(size).toBe(0);
  wall += 60 * MINUTE;
  book.tick();
  expect(asked).toEqual([]);
  expect(counted).toEqual(['oa open', 'oa failed', 'oa open', 'oa open', 'oa over']);
});

it('asks one of a provider at a time, those whose time came first, and of a few providers', async () => {
  const book = opened();
  for (const id of ['a', 'b']) book.begun(watch(id));
  for (const provider of ['p', 'q', 'r', 's']) book.begun(watch(provider, provider));
  wall = 5 * MINUTE;
  book.tick();
  book.tick();
  expect(asked.map(({ id }) => id)).toEqual(['a', 'p', 'q', 'r']);
  await asked[0]!.answer('over');
  book.tick();
  expect(asked.slice(4).map(({ id }) => id)).toEqual(['b']);
});

it('asks again where nobody answered, and no longer than it is to', async () => {
  const book = opened();
  book.begun(watch('b'));
  wall = 5 * MINUTE;
  book.tick();
  await asked.shift()!.fail();
  wall = 20 * MINUTE;
  book.tick();
  expect(asked.map(({ id }) => id)).toEqual(['b']);
  await asked.shift()!.answer('open');
  wall = 60 * MINUTE;
  book.tick();
  expect([asked.length, size]).toEqual([0, 0]);
});

it('asks after a job that may take longer than others for as long as that, and while it cannot be read', async () => {
  const book = opened();
  book.begun({ ...watch('b'), forMs: 120 * MINUTE });
  for (wall = 5 * MINUTE; wall < 120 * MINUTE; wall += 10 * MINUTE) {
    book.tick();
    await asked.shift()!.answer('unread');
  }
  expect(new Set(counted)).toEqual(new Set(['oa unread']));
  wall = 120 * MINUTE;
  book.tick();
  expect([asked.length, size]).toEqual([0, 0]);
});

it('goes on behind a restart, and passes over what nobody of us wrote', async () => {
  const before = opened();
  before.begun(watch('b'));
  before.close();
  const after = opened();
  wall = 5 * MINUTE;
  after.tick();
  expect(asked.map(({ id }) => id)).toEqual(['b']);
  await asked.shift()!.answer('over');
  after.close();
  const rows = [null, 7, { watch: {}, begunAt: 0, nextAt: 0, pauseMs: 1 }, { watch: watch('x') }];
  for (const text of ['{', '{}', JSON.stringify(rows)]) {
    writeFileSync(path.join(folder, BATCHES_FILE), text);
    opened().tick();
    expect(asked).toEqual([]);
  }
});

it('asks nobody while it is off', () => {
  const book = opened();
  book.begun(watch('b'));
  book.follow({ ...polling, poll: false }, null);
  book.begun(watch('c'));
  wall = 30 * MINUTE;
  book.tick();
  expect(asked).toEqual([]);
  book.follow(polling, null);
  book.tick();
  expect(asked.map(({ id }) => id)).toEqual(['b']);
});

it('keeps so many, and gives up the first', () => {
  const book = opened(polling, 2);
  for (const id of ['a', 'b', 'c']) book.begun(watch(id, id));
  wall = 5 * MINUTE;
  book.tick();
  expect(asked.map(({ id }) => id)).toEqual(['b', 'c']);
});
