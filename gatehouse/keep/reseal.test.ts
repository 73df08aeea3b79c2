import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store, StoredData } from '../../src/contracts/store.ts';
import { createEnvelopes } from '../../src/governance/envelope.ts';
import { createAuditSeal } from '../../src/governance/hash-chain.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { createSqlStore } from '../../src/stores/sql-store.ts';
import { openKeys } from './keys.ts';
import { reseal } from './reseal.ts';

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-reseal-'));
  store = createSqlStore({
    driver: openSqlite(path.join(folder, 'store.db')),
    seal: createAuditSeal(randomBytes(32)),
    now: () => 1,
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const masters = Array.from({ length: 3 }, () => randomBytes(32));
const [newest, older, unknown] = masters as [Buffer, Buffer, Buffer];

async function put(
  kind: 'provider-key' | 'config' | 'admin' | 'key',
  id: string,
  data: StoredData,
): Promise<void> {
  const done = await store.commit([{ op: 'create', kind, id, name: id, lookup: null, data }], null);
  expect(done.ok).toBe(true);
}

it('wraps every secret of the store with the newest master key, and leaves what does not open', async () => {
  const before = createEnvelopes([older], randomBytes);
  const after = createEnvelopes([newest, older], randomBytes);
  const strange = createEnvelopes([unknown], randomBytes);
  await put('provider-key', 'pk', {
    provider: 'p',
    secret: before.seal('sk-1', { kind: 'provider-key', id: 'pk', field: 'secret' }),
  });
  await put('provider-key', 'lost', {
    secret: strange.seal('sk-2', { kind: 'provider-key', id: 'lost', field: 'secret' }),
  });
  await put('config', 'c', { secret: before.seal('{}', { kind: 'config', id: 'c', field: 'state' }) });
  await put('admin', 'a', {
    role: 'admin',
    secret: {
      password: 'scrypt…',
      totp: { sealed: before.seal('code', { kind: 'admin', id: 'a', field: 'totp' }), step: 7 },
    },
  });
  await put('admin', 'plain', { role: 'viewer', secret: { password: 'scrypt…' } });
  await put('key', 'k', {
    waiting: true,
    secret: { current: 'hash', waiting: before.seal('hg-new', { kind: 'key', id: 'k', field: 'waiting' }) },
  });
  await put('key', 'idle', { secret: { current: 'hash' } });

  expect(await reseal(store, after)).toEqual({ resealed: 4, lost: 1 });
  // Without the older key all of it opens.
  const alone = createEnvelopes([newest], randomBytes);
  const data = async (kind: 'provider-key' | 'config' | 'admin' | 'key', id: string) =>
    (await store.get(kind, id))!.data as Record<string, unknown>;
  expect(
    alone.open(String((await data('provider-key', 'pk'))['secret']), {
      kind: 'provider-key',
      id: 'pk',
      field: 'secret',
    }),
  ).toBe('sk-1');
  const admin = (await data('admin', 'a'))['secret'] as {
    password: string;
    totp: { sealed: string; step: number };
  };
  expect(admin).toMatchObject({ password: 'scrypt…', totp: { step: 7 } });
  expect(alone.open(admin.totp.sealed, { kind: 'admin', id: 'a', field: 'totp' })).toBe('code');
  const key = (await data('key', 'k'))['secret'] as { waiting: string };
  expect(alone.open(key.waiting, { kind: 'key', id: 'k', field: 'waiting' })).toBe('hg-new');
  // There is nothing left to do.
  expect(await reseal(store, after)).toEqual({ resealed: 0, lost: 1 });
});

it('goes on from what somebody changed meanwhile', async () => {
  const before = createEnvelopes([older], randomBytes);
  const after = createEnvelopes([newest, older], randomBytes);
  const place = { kind: 'provider-key', id: 'pk', field: 'secret' };
  await put('provider-key', 'pk', { weight: 1, secret: before.seal('sk-1', place) });
  let raced = false;
  const racing: Store = {
    ...store,
    async commit(changes, event) {
      if (!raced) {
        raced = true;
        const { version, data } = (await store.get('provider-key', 'pk'))!;
        const change = {
          op: 'replace',
          kind: 'provider-key',
          id: 'pk',
          from: version,
          name: 'pk',
          lookup: null,
        } as const;
        await store.commit([{ ...change, data: { ...data, weight: 2 } }], null);
      }
      return store.commit(changes, event);
    },
  };
  expect(await reseal(racing, after)).toEqual({ resealed: 1, lost: 0 });
  const { data } = (await store.get('provider-key', 'pk'))!;
  expect(data['weight']).toBe(2);
  expect(createEnvelopes([newest], randomBytes).open(String(data['secret']), place)).toBe('sk-1');
});

it('a new master key goes in front of those of the file, hashes stay, and with keys of the environment none is made', () => {
  const admin = { masterKey: null, dataDir: folder } as Parameters<typeof openKeys>[0]; // it reads no more of it
  const keys = openKeys(admin);
  const place = { kind: 'provider-key', id: 'x', field: 'secret' };
  const sealed = keys.envelopes.seal('sk-1', place);
  const { keyId } = keys.envelopes;
  expect([keys.master.from, keys.master.count(), keys.master.renew()]).toEqual(['file', 1, true]);
  expect(keys.envelopes.keyId).not.toBe(keyId);
  expect(keys.envelopes.open(sealed, place)).toBe('sk-1');
  expect(keys.envelopes.rewrap(sealed, place)).not.toBe(sealed);
  const file = path.join(folder, 'master.key');
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = openKeys(admin);
  expect(again.envelopes.keyId).toBe(keys.envelopes.keyId);
  expect(again.virtualKey).toEqual(keys.virtualKey);
  const stated = openKeys({ ...admin, masterKey: older.toString('base64') });
  expect([stated.master.from, stated.master.renew(), stated.master.count()]).toEqual([
    'environment',
    false,
    1,
  ]);
});
