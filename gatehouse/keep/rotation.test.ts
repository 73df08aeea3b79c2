import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Store } from '../../src/contracts/store.ts';
import { createEnvelopes } from '../../src/governance/envelope.ts';
import { createAuditSeal } from '../../src/governance/hash-chain.ts';
import { credentialHash, holds, issueCredential } from '../../src/governance/virtual-key.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { createSqlStore } from '../../src/stores/sql-store.ts';
import { hashesOf } from './holders.ts';
import { createRotation, waitingCredential } from './rotation.ts';

const HOUR = 3_600_000;
const secret = randomBytes(32);
const envelopes = createEnvelopes([randomBytes(32)], randomBytes);
let store: Store;
const folders: string[] = [];
let now = 0;

afterEach(async () => {
  await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function rotationOf(data: Record<string, string | boolean>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-rotation-'));
  folders.push(folder);
  now = 1_800_000_000_000;
  store = createSqlStore({
    driver: openSqlite(path.join(folder, 'store.db')),
    seal: createAuditSeal(randomBytes(32)),
    now: () => now,
  });
  const key = issueCredential('key', randomBytes);
  const current = credentialHash(secret, key);
  await store.commit(
    [
      {
        op: 'create',
        kind: 'key',
        id: 'key_1',
        name: 'k',
        lookup: current,
        data: { ...data, rotatedAt: new Date(now).toISOString(), secret: { current, previous: null } },
      },
    ],
    null,
  );
  const log = { info: () => undefined, warn: () => undefined };
  const rotation = createRotation({ store, secret, envelopes, now: () => now, log });
  return { key, rotation, found: async () => (await store.get('key', 'key_1'))! };
}

it('gives a key that is due a new credential, which waits, while the old one holds for its grace', async () => {
  const { key, rotation, found } = await rotationOf({ rotateEvery: '24h', rotateGrace: '2h' });
  now += 23 * HOUR;
  expect(await rotation.look()).toBe(0);
  now += HOUR;
  expect(await rotation.look()).toBe(1);
  const next = waitingCredential(await found(), envelopes)!;
  const hashes = hashesOf(await found());
  expect(next).toMatch(/^hg-/);
  expect(hashes.current).toBe(credentialHash(secret, next));
  expect(holds(hashes, credentialHash(secret, key), now + HOUR)).toBe(true);
  expect(holds(hashes, credentialHash(secret, key), now + 2 * HOUR)).toBe(false);
  expect(JSON.stringify((await found()).data)).not.toContain(next);
  // Found by the old one, so that its holder can fetch the new one.
  expect((await found()).lookup).toBe(credentialHash(secret, key));
  const { items } = await store.audit({ limit: 1 });
  expect(items[0]).toMatchObject({ initiator: 'schedule', action: 'key.rotate', target: 'key/key_1' });
});

it('does not rotate again what nobody fetched, nor what is blocked, nor what has no schedule', async () => {
  const { rotation } = await rotationOf({ rotateEvery: '1h' });
  now += HOUR;
  expect(await rotation.look()).toBe(1);
  now += 5 * HOUR;
  expect(await rotation.look()).toBe(0);
  await store.close();
  const blocked = await rotationOf({ rotateEvery: '1h', blocked: true });
  now += 5 * HOUR;
  expect(await blocked.rotation.look()).toBe(0);
  await store.close();
  const never = await rotationOf({});
  now += 1_000 * HOUR;
  expect(await never.rotation.look()).toBe(0);
});
