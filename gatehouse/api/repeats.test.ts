// Gateways with one store: what is sent to both under one key is done once.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../src/contracts/store.ts';
import { createEnvelopes } from '../../src/governance/envelope.ts';
import { createAuditSeal } from '../../src/governance/hash-chain.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { createSqlStore } from '../../src/stores/sql-store.ts';
import { createRepeats, type Repeats } from './repeats.ts';

let folder: string;
let store: Store;
let now: number;
let gateways: [Repeats, Repeats];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-repeats-'));
  now = 1_800_000_000_000;
  store = createSqlStore({
    driver: openSqlite(path.join(folder, 'store.db')),
    seal: createAuditSeal(randomBytes(32)),
    now: () => now,
  });
  const keys = { envelopes: createEnvelopes([randomBytes(32)], randomBytes) };
  gateways = [createRepeats({ store, keys, now: () => now }), createRepeats({ store, keys, now: () => now })];
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

it('the second gateway waits for the first, and gives its answer', async () => {
  const begun = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  let done = 0;
  const first = gateways[0].once('ada', 'k', 'r', async () => {
    begun.resolve();
    await finished.promise;
    done += 1;
    return { status: 201, body: { id: 'made', version: 3 }, headers: { etag: '"3"' } };
  });
  await begun.promise;
  const second = gateways[1].once('ada', 'k', 'r', async () => {
    done += 1;
    return { status: 201, body: { id: 'twice' } };
  });
  // It is asked for while the first is under way.
  await new Promise((resolve) => setImmediate(resolve));
  finished.resolve();
  expect((await first).body).toEqual({ id: 'made', version: 3 });
  expect(await second).toMatchObject({
    status: 201,
    body: { id: 'made', version: 3 },
    headers: { 'idempotency-replayed': 'true', etag: '"3"' },
  });
  expect(done).toBe(1);
  await expect(gateways[1].once('ada', 'k', 'other', async () => ({ status: 201 }))).rejects.toMatchObject({
    status: 422,
  });
  expect(await gateways[1].once('bob', 'k', 'other', async () => ({ status: 202 }))).toEqual({ status: 202 });
});

it('what was refused may be sent again, and what nobody finished, after a while', async () => {
  await expect(
    gateways[0].once('ada', 'k', 'r', async () => {
      throw new Error('refused');
    }),
  ).rejects.toThrow('refused');
  expect(await gateways[1].once('ada', 'k', 'r', async () => ({ status: 201 }))).toEqual({ status: 201 });
  // The gateway died within it.
  const begun = Promise.withResolvers<void>();
  void gateways[0].once('ada', 'lost', 'r', () => {
    begun.resolve();
    return new Promise(() => undefined);
  });
  await begun.promise;
  now += 61_000;
  expect(await gateways[1].once('ada', 'lost', 'r', async () => ({ status: 201 }))).toEqual({ status: 201 });
});
