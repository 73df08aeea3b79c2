// What is done once, over gateways that share a real Redis: also one that is frozen, or killed, while somebody asks.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createOnceBook, type OnceBook } from '../../../cluster/limits/once-book.ts';
import type { RedisConfig } from '../../../src/contracts/redis-config.ts';
import type { Log } from '../../../src/observability/log.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const clock = { now: () => performance.now(), wall: () => Date.now() };
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet } as unknown as Log; // all that is called
const open: OnceBook[] = [];
const folders: string[] = [];
let server: RedisServer | null = null;

afterEach(async () => {
  for (const book of open.splice(0)) book.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  await server?.close();
  server = null;
});

function node(redis: RedisConfig): OnceBook {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-once-'));
  folders.push(folder);
  const book = createOnceBook({ clock, log }, folder);
  book.follow(redis);
  open.push(book);
  return book;
}
const trues = (answers: readonly boolean[]): number => answers.filter((mine) => mine).length;

it('one of all that ask may, whoever and whenever, and of two ways the first counts', async () => {
  server = await startRedis();
  const redis: RedisConfig = {
    url: `redis://127.0.0.1:${server.port}`,
    mode: 'lease',
    onFailure: 'open',
    timeoutMs: 5_000,
  };
  const nodes = [node(redis), node(redis), node(redis)];
  const all = await Promise.all(
    Array.from({ length: 60 }, (_, at) => nodes[at % 3]!.take(`part ${at % 10}`, null)),
  );
  expect(trues(all)).toBe(10);
  const ways = await Promise.all(nodes.map((book, at) => book.take('file', at === 0 ? 'told' : 'read')));
  expect([1, 2]).toContain(trues(ways));
  expect(ways[1]).toBe(ways[2]);
  // Frozen: who asks waits, and is answered when it goes on; nobody is told twice that it may.
  server.signal('SIGSTOP');
  const waiting = nodes.map((book) => book.take('frozen', null));
  server.signal('SIGCONT');
  expect(trues(await Promise.all(waiting))).toBeLessThanOrEqual(1);
  await server.kill();
  const later = nodes.map((book) => book.take('killed', null));
  await server.restart();
  expect(trues(await Promise.all(later))).toBe(1);
  // What this node knows itself it needs nobody for.
  expect(await nodes[0]!.take('part 1', null)).toBe(false);
});
