// Marks of budgets over gateways that share a Redis: each is told by one of them, and what Redis did not take is said again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBudgetBook } from '../../../cluster/limits/budget-book.ts';
import { addUse, newMarkRow } from '../../../src/budgets/marks.ts';
import type { BudgetUse } from '../../../src/contracts/budget.ts';
import { MARKS_SCRIPT } from '../../../src/redis/budgets/marks-script.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.port, '127.0.0.1');
  redis.on('error', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

const use = (change: Partial<BudgetUse> = {}): BudgetUse => ({
  id: 'team-1d.budget@1d-x|red',
  budget: 'team-1d',
  owner: 'team red',
  window: '1d',
  amountNano: 1_000,
  softNano: 800,
  endsAtMs: Date.now() + 3_600_000,
  nano: 0,
  refused: 0,
  ...change,
});

it('the script says what its model in TypeScript does', async () => {
  let serial = 0;
  const step = fc.record({
    nano: fc.nat(600),
    refused: fc.nat(1),
    amountNano: fc.constantFrom(0, 500, 1_000, 2_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const key = `model:${serial++}`;
      const row = newMarkRow(0);
      for (const one of steps) {
        const softNano = one.amountNano * 0.8;
        const marks = addUse(row, { ...one, softNano });
        const told = await redis.eval(
          MARKS_SCRIPT,
          1,
          key,
          one.nano,
          one.refused,
          one.amountNano,
          softNano,
          0,
        );
        expect(told).toEqual([
          String(row.nano),
          row.refused,
          marks.includes('soft') ? 1 : 0,
          marks.includes('hard') ? 1 : 0,
        ]);
      }
    }),
    { numRuns: 100 },
  );
});

describe('three gateways', () => {
  const none = (): void => undefined;
  const log = { debug: none, info: none, warn: none, error: none, fatal: none };
  const clock = { now: () => performance.now(), wall: () => Date.now() };

  it('tell of a budget once, also when Redis was away meanwhile', async () => {
    const told: string[] = [];
    const folders: string[] = [];
    const config = {
      url: `redis://127.0.0.1:${server.port}`,
      mode: 'lease',
      onFailure: 'open',
      timeoutMs: 1_000,
    } as const;
    const books = Array.from({ length: 3 }, () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'marks-'));
      folders.push(folder);
      const book = createBudgetBook(
        { clock, log, booked: () => ({ spent: 0, held: 0 }), tell: ({ mark }) => told.push(mark) },
        folder,
      );
      book.follow({ ...config });
      return book;
    });
    const spent = (): string => server.cli('HGET', '{headgate}:bm:team-1d.budget@1d-x|red', 'n');
    for (const book of books) book.heard([use({ nano: 250 })]);
    await waitUntil(() => spent() === '750', 'what three gateways used to be added');
    expect(told).toEqual([]);
    server.signal('SIGSTOP');
    for (const book of books) book.heard([use({ nano: 25 }), use({ id: 'other', nano: 1 })]);
    server.signal('SIGCONT');
    await waitUntil(() => spent() === '825', 'what was said while Redis stood still');
    await waitUntil(() => told.length === 1, 'one of them to tell');
    for (const book of books) book.heard([use({ nano: 60, refused: 1 })]);
    await waitUntil(() => spent() === '1005', 'the rest to be added');
    await waitUntil(() => told.length === 2, 'the end to be told');
    expect(told).toEqual(['soft', 'hard']);
    for (const book of books) book.close();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
});
