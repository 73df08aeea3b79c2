// The store and the keys it is sealed with, as the configuration says where.
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import type { Store } from '../../src/contracts/store.ts';
import { createAuditSeal } from '../../src/governance/hash-chain.ts';
import { createSqlStore } from '../../src/stores/sql-store.ts';
import { type GatehouseKeys, openKeys } from './keys.ts';

/** There is no place for a store: the gateway runs from its file alone. In words for the operator. */
export class NoPlace extends Error {}

const STORE_FILE = 'headgate.db';

/** @throws NoPlace when the folder cannot be written to; any other error is a fault, and worth another try. */
export async function openStore(
  admin: AdminConfig,
  now: () => number,
): Promise<{ store: Store; keys: GatehouseKeys }> {
  const { dataDir, databaseUrl, masterKey } = admin;
  if (databaseUrl === null || masterKey === null) checkFolder(dataDir);
  const keys = openKeys(admin);
  // Of the two only the one that is used is loaded.
  const driver =
    databaseUrl === null
      ? (await import('../../src/stores/sqlite.ts')).openSqlite(path.join(dataDir, STORE_FILE))
      : (await import('../../src/stores/postgres.ts')).openPostgres(databaseUrl);
  return { store: createSqlStore({ driver, seal: createAuditSeal(keys.audit), now }), keys };
}

function checkFolder(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault';
    throw new NoPlace(`the data folder ${folder} cannot be written to (${code}); set HEADGATE_DATA_DIR`);
  }
}

/** One after the other: of a place that refuses them (`/proc`) node's own recursion never comes back. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) makeFolder(above);
  mkdirSync(folder, { mode: 0o700 });
}
