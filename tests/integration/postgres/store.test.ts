import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SealAudit, type Store, StoreDown } from '../../../src/contracts/store.ts';
import { createLogStore } from '../../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../../src/stores/log/shape.ts';
import { openPostgres } from '../../../src/stores/postgres.ts';
import { createSqlStore } from '../../../src/stores/sql-store.ts';
import { describeLogStore } from '../../conformance/log-store.ts';
import { describeStore } from '../../conformance/store.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

const open = (url: string, seal: SealAudit): Store =>
  createSqlStore({ driver: openPostgres(url), seal, now: () => Date.now() });

describeStore('PostgreSQL', {
  async open(seal) {
    const url = await server.database('conformance');
    const store = open(url, seal);
    return { store, again: async () => open(url, seal), close: () => store.close() };
  },
});

describeLogStore('the log in PostgreSQL', {
  async open() {
    const url = await server.database('log');
    const store = createLogStore(openPostgres(url, LOG_SHAPE));
    return {
      store,
      again: async () => createLogStore(openPostgres(url, LOG_SHAPE)),
      close: () => store.close(),
    };
  },
});

describe('a PostgreSQL that is away', () => {
  const seal: SealAudit = (last, event) => ({
    ...event,
    sequence: (last?.sequence ?? 0) + 1,
    previous: '',
    hash: '',
  });

  it('is StoreDown while it is stopped or frozen, and all is well again when it is back', async () => {
    const store = open(await server.database('away'), seal);
    let told = 0;
    store.watch(() => {
      told += 1;
    });
    await store.commit([{ op: 'create', kind: 'team', id: 't1', name: 'one', lookup: null, data: {} }], null);
    await server.stop();
    await expect(store.get('team', 't1')).rejects.toBeInstanceOf(StoreDown);
    await server.start();
    await expect
      .poll(() => store.get('team', 't1').catch(() => null), { timeout: 20_000 })
      .toMatchObject({ name: 'one' });
    server.signal('SIGSTOP');
    await expect(store.get('team', 't1')).rejects.toBeInstanceOf(StoreDown);
    server.signal('SIGCONT');
    await expect
      .poll(() => store.get('team', 't1').catch(() => null), { timeout: 20_000 })
      .toMatchObject({ name: 'one' });
    const before = told;
    const other = open(`postgres://headgate@127.0.0.1:${server.port}/away`, seal);
    await other.commit([{ op: 'create', kind: 'team', id: 't2', name: 'two', lookup: null, data: {} }], null);
    await expect.poll(() => told, { timeout: 20_000 }).toBeGreaterThan(before);
    await other.close();
    await store.close();
  });
});
