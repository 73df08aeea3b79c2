// The audit log in a database that somebody else can write to: what was changed there is found, and stops nobody's work.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AuditEvent, Store } from '../contracts/store.ts';
import { type ChainFault, createAuditSeal, EMPTY_CHAIN, verifyChain } from '../governance/hash-chain.ts';
import type { SqlDriver, SqlWork } from './sql-driver.ts';
import { createSqlStore } from './sql-store.ts';
import { openSqlite } from './sqlite.ts';

const KEY = Buffer.alloc(32, 7);
let folder: string;
let driver: SqlDriver;
let store: Store;

const event = (action: string): AuditEvent => ({
  ...{ at: 1_000, initiator: 'admin:ada', action, target: 'key/key_1', outcome: 'success' },
  ...{ reason: '', ip: '127.0.0.1', before: null, after: { name: 'app' } },
});
const write = async (...actions: string[]): Promise<void> => {
  for (const action of actions) expect(await store.commit([], event(action))).toMatchObject({ ok: true });
};
const tamper = (...statements: string[]): Promise<void> =>
  driver.write(function* work(): SqlWork<void> {
    for (const text of statements) yield { text, values: [] };
  });
async function faults(): Promise<readonly ChainFault[]> {
  const { items } = await store.auditFrom(0, 1_000);
  return verifyChain(items, KEY, await store.auditHead(), EMPTY_CHAIN).faults;
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-audit-'));
  driver = openSqlite(path.join(folder, 'a.db'));
  store = createSqlStore({ driver, seal: createAuditSeal(KEY), now: () => 1_000 });
  await write('one', 'two', 'three', 'four');
  expect(await faults()).toEqual([]);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['what it says', `UPDATE audit SET entry = replace(entry, 'app', 'apq') WHERE sequence = 2`],
  ['who did it, as it is found', `UPDATE audit SET initiator = 'admin:eve' WHERE sequence = 2`],
  ['when, as it is found', 'UPDATE audit SET at = 5 WHERE sequence = 2'],
  ['what was done, as it is found', `UPDATE audit SET action = 'login' WHERE sequence = 2`],
  ['to what, as it is found', `UPDATE audit SET target = '' WHERE sequence = 2`],
  ['how it ended, as it is found', `UPDATE audit SET outcome = 'denied' WHERE sequence = 2`],
  ...['initiator', 'action', 'target', 'outcome', 'at'].map((field): [string, string] => [
    `${field}, as it says, and found as before`,
    `UPDATE audit SET entry = json_set(entry, '$.${field}', 'eve') WHERE sequence = 2`,
  ]),
  ['all of it, into nothing that can be read', `UPDATE audit SET entry = 'no JSON' WHERE sequence = 2`],
  ['all of it, into something else', `UPDATE audit SET entry = '[]' WHERE sequence = 2`],
  ['its hash', `UPDATE audit SET entry = json_set(entry, '$.hash', 5) WHERE sequence = 2`],
])('an entry is altered in %s', async (_, statement) => {
  await tamper(statement);
  expect(await faults()).toContainEqual({ fault: 'altered', sequence: 2 });
  // It is listed all the same, and pages go on behind it.
  const { items, next } = await store.audit({ limit: 3 });
  expect(items).toHaveLength(3);
  expect((await store.audit({ limit: 3, before: Number(next) })).items).toHaveLength(1);
  await write('five');
  expect((await faults()).map(({ sequence }) => sequence)).not.toContain(5);
});

it('entries that were put elsewhere, or taken out, are told', async () => {
  await tamper(
    'UPDATE audit SET sequence = -1 WHERE sequence = 2',
    'UPDATE audit SET sequence = 2 WHERE sequence = 3',
    'UPDATE audit SET sequence = 3 WHERE sequence = -1',
  );
  expect(await faults()).toEqual([{ fault: 'reordered', sequence: 2 }]);
  await tamper('DELETE FROM audit WHERE sequence = 1');
  expect(await faults()).toContainEqual({ fault: 'removed', sequence: 1 });
});

it('entries that were cut off stay missing, whatever is written behind them', async () => {
  await tamper('DELETE FROM audit WHERE sequence >= 3');
  expect(await faults()).toEqual([{ fault: 'cut', sequence: 3 }]);
  await write('five', 'six');
  expect(await faults()).toEqual([
    { fault: 'removed', sequence: 3 },
    { fault: 'removed', sequence: 4 },
  ]);
  await tamper('DELETE FROM audit');
  await write('seven');
  expect((await faults()).length).toBe(6);
});

it('a last entry that nobody can read stops no work', async () => {
  await tamper(`UPDATE audit SET entry = 'no JSON' WHERE sequence = 4`);
  await write('five');
  expect(await faults()).toEqual([{ fault: 'altered', sequence: 4 }]);
});

it('an end that is gone, or older than the entries, stops no work either', async () => {
  await tamper('DELETE FROM audit_head');
  await write('five');
  expect(await faults()).toEqual([]);
  await tamper('UPDATE audit_head SET sequence = 2');
  await write('six');
  expect(await faults()).toEqual([]);
  expect((await store.auditFrom(0, 100)).items.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
});
