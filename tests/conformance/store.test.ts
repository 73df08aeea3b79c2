import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SealAudit, Store } from '../../src/contracts/store.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { createSqlStore } from '../../src/stores/sql-store.ts';
import { describeStore } from './store.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'headgate-store-'));
const open = async (file: string, seal: SealAudit): Promise<Store> =>
  createSqlStore({ driver: openSqlite(file), seal, now: () => Date.now() });

describeStore('SQLite', {
  async open(seal) {
    const place = folder();
    const file = join(place, 'store.db');
    const store = await open(file, seal);
    return {
      store,
      again: () => open(file, seal),
      async close() {
        await store.close();
        rmSync(place, { recursive: true, force: true });
      },
    };
  },
});

describe('the file of a store', () => {
  const place = folder();
  afterEach(() => rmSync(place, { recursive: true, force: true }));
  const seal: SealAudit = (last, event) => ({
    ...event,
    sequence: (last?.sequence ?? 0) + 1,
    previous: '',
    hash: '',
  });

  it('is backed up whole while it is open, and never over another file', async () => {
    const store = await open(join(place, 'store.db'), seal);
    await store.commit(
      [{ op: 'create', kind: 'team', id: 't1', name: 'one', lookup: null, data: { n: 1 } }],
      null,
    );
    await store.backup(join(place, 'copy.db'));
    await expect(store.backup(join(place, 'copy.db'))).rejects.toThrow('already');
    await store.close();
    const copy = await open(join(place, 'copy.db'), seal);
    expect((await copy.get('team', 't1'))?.data).toEqual({ n: 1 });
    await copy.close();
    const newer = new DatabaseSync(join(place, 'copy.db'));
    newer.exec('PRAGMA user_version = 999');
    newer.close();
    expect(() => openSqlite(join(place, 'copy.db'))).toThrow('version 999');
  });
});
