// Batches under way, shared through a real Redis: the primaries' side, without gateways around it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type BatchBook, createBatchBook } from '../../../cluster/known/batch-book.ts';
import type { BatchPolling, BatchWatch } from '../../../src/contracts/batch-watch.ts';
import type { RedisConfig } from '../../../src/contracts/redis-config.ts';
import type { Log } from '../../../src/observability/log.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const MINUTE = 60_000;
const polling: BatchPolling = { poll: true, pollMs: 5 * MINUTE, maxPollMs: 60 * MINUTE, forMs: 600 * MINUTE };
const WAIT = { timeout: 20_000, interval: 20 };
let server: RedisServer;
let redis: RedisConfig;
let folder: string;
/** Of all nodes: ms since 1970. */
let wall: number;
let books: BatchBook[];

beforeEach(async () => {
  server = await startRedis();
  redis = { url: `redis://127.0.0.1:${server.port}`, mode: 'lease', onFailure: 'open', timeoutMs: 5_000 };
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-shared-batches-'));
  wall = 1_000_000;
  books = [];
});
afterEach(async () => {
  for (const book of books) book.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Node {
  readonly book: BatchBook;
  readonly asked: string[];
  open: number;
}

/** Each has a batch of its own, which is never over. */
function node(name: string): Node {
  const say = (): void => undefined;
  const log = { debug: say, info: say, warn: say, error: say, fatal: say } as unknown as Log; // all that is called
  const asked: string[] = [];
  const made: Node = {
    asked,
    open: 0,
    book: createBatchBook(
      {
        clock: { now: () => wall, wall: () => wall },
        log,
        totals: { inc: () => undefined, setGauge: (_family, _labels, value) => void (made.open = value) },
        look: (what) => {
          const { id } = (what as { watch: BatchWatch }).watch;
          asked.push(id);
          return Promise.resolve(id === 'batch-1' ? 'over' : 'open');
        },
      },
      path.join(folder, name),
      polling,
    ),
  };
  made.book.follow(polling, redis);
  books.push(made.book);
  return made;
}
const watch = (id: string): BatchWatch => ({
  ...{ id, provider: 'oa', operation: 'batch', dialect: 'openai-chat', template: '/v1/batches' },
  ...{ path: `/batches/${id}`, fromOrigin: false, keyAlias: 'oa-1', call: 'req-1' },
  ...{ holder: { name: 'app' }, customer: null, headers: [] },
});
it('a batch whose gateway is gone is asked after by another alone, until it is over', async () => {
  const kept = () => server.cli('hlen', '{headgate}:bw').trim();
  const [one, two, three] = [node('a'), node('b'), node('c')];
  // Begun until Redis has it: they connect while they serve.
  const begin = ({ book }: Node, id: string, count: string) =>
    vi.waitFor(() => {
      book.begun(watch(id));
      expect(kept()).toBe(count);
    }, WAIT);
  await begin(one, 'batch-1', '1');
  wall += 8 * MINUTE;
  await begin(two, 'batch-2', '2');
  await begin(three, 'batch-3', '3');
  one.book.close();
  wall += 9 * MINUTE;
  const others = () => [...two.asked, ...three.asked];
  await vi.waitFor(() => {
    for (const { book } of [two, three]) book.tick();
    expect(others().toSorted()).toEqual(['batch-1', 'batch-2', 'batch-3']);
    expect(kept()).toBe('2');
  }, WAIT);
  // It is over, and nobody else's: also not of who starts later.
  const later = node('d');
  wall += 9 * MINUTE;
  await vi.waitFor(() => {
    for (const { book } of [two, three, later]) book.tick();
    expect(others().toSorted()).toEqual(['batch-1', 'batch-2', 'batch-2', 'batch-3', 'batch-3']);
  }, WAIT);
  expect(later.asked).toEqual([]);
  expect([two.open, three.open]).toEqual([1, 1]);
});
