import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SealAudit, type Store, StoreDown } from '../../../src/contracts/store.ts';
import { createLogStore } from '../../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../../src/stores/log/shape.ts';
import { openPostgres } from '../../../src/stores/postgres.ts';
import { STORE_SHAPE } from '../../../src/stores/shape.ts';
import { type SqlRow, type SqlWork, statement } from '../../../src/stores/sql-driver.ts';
import { createSqlStore } from '../../../src/stores/sql-store.ts';
import { describeEdgeBook } from '../../conformance/edge-book.ts';
import { describeLogCorrections } from '../../conformance/log-corrections.ts';
import { describeLogStore } from '../../conformance/log-store.ts';
import type { LogStoreMaker } from '../../conformance/log-store/log-under-test.ts';
import { describeStore } from '../../conformance/store.ts';
import { startPooler } from './pooler.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

const open = (url: string, seal: SealAudit, driver = openPostgres(url)): Store =>
  createSqlStore({ driver, seal, now: () => Date.now() });

/** What a store does is asked here, not how long it takes on a machine that stands still. */
const PATIENT = { answerMs: 150_000, patientMs: 150_000 };
const patiently = (url: string, seal: SealAudit): Store =>
  open(url, seal, openPostgres(url, { ...STORE_SHAPE, ...PATIENT }));
const openLog = (url: string) => createLogStore(openPostgres(url, { ...LOG_SHAPE, ...PATIENT }));

describeStore('PostgreSQL', {
  async open(seal) {
    const url = await server.database('conformance');
    const store = patiently(url, seal);
    return { store, again: async () => patiently(url, seal), close: () => store.close() };
  },
});

describeEdgeBook('devices at the edge, in PostgreSQL', {
  async open(seal) {
    const url = await server.database('edge');
    const store = patiently(url, seal);
    return { store, again: async () => patiently(url, seal), close: () => store.close() };
  },
});

const logIn = (database: string): LogStoreMaker => ({
  async open() {
    const url = await server.database(database);
    const store = openLog(url);
    return { store, again: async () => openLog(url), close: () => store.close() };
  },
});

describeLogStore('the log in PostgreSQL', logIn('log'));
describeLogCorrections('the log in PostgreSQL', logIn('corrections'));

it('behind a pooler reading has the same time limit, and cannot write', async () => {
  const pooler = await startPooler(server.port);
  const url = (await server.database('pooled')).replace(`:${server.port}/`, `:${pooler.port}/`);
  const driver = openPostgres(url, { ...STORE_SHAPE, ...PATIENT });
  function* ask(text: string): SqlWork<readonly SqlRow[]> {
    return yield statement(text);
  }
  try {
    const limits = await Promise.all(
      Array.from({ length: 8 }, () => driver.read(() => ask('SHOW statement_timeout'))),
    );
    expect(limits).toEqual(Array.from({ length: 8 }, () => [{ statement_timeout: '150s' }]));
    await expect(driver.read(() => ask('CREATE TABLE nowhere (x INTEGER)'))).rejects.toMatchObject({
      code: '25006',
    });
    expect(await driver.read(() => ask('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    expect(pooler.refused()).toBeGreaterThan(0);
  } finally {
    await driver.close();
    await pooler.close();
  }
});

describe('a PostgreSQL that is away', () => {
  const seal: SealAudit = (last, event) => ({
    ...event,
    sequence: (last?.sequence ?? 0) + 1,
    previous: '',
    hash: '',
  });

  it('that ends within writes, again and again, throws where it is waited for and nowhere else', async () => {
    const url = await server.database('killed');
    const store = open(url, seal);
    const patient = patiently(url, seal);
    await patient.commit(
      [{ op: 'create', kind: 'team', id: 't0', name: 't0', lookup: null, data: {} }],
      null,
    );
    await patient.close();
    const uncaught: unknown[] = [];
    const hear = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtExceptionMonitor', hear);
    let number = 0;
    let done = false;
    const answered = new Set<string>();
    const faults: unknown[] = [];
    const writers = Array.from({ length: 6 }, async () => {
      while (!done) {
        const id = `t${++number}`;
        // Long enough to be on its way in several pieces, so that it is met at every point of a transaction.
        const data = { description: 'x'.repeat(number % 3 === 0 ? 40_000 : 10) };
        try {
          const { ok } = await store.commit(
            [{ op: 'create', kind: 'team', id, name: id, lookup: null, data }],
            null,
          );
          if (ok) answered.add(id);
        } catch (error) {
          faults.push(error);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    });
    for (let round = 0; round < 4; round++) {
      const before = answered.size;
      await expect.poll(() => answered.size, { timeout: 20_000 }).toBeGreaterThan(before + 10);
      await server.stop();
      await server.start();
    }
    const before = answered.size;
    await expect.poll(() => answered.size, { timeout: 20_000 }).toBeGreaterThan(before + 10);
    done = true;
    await Promise.all(writers);
    process.off('uncaughtExceptionMonitor', hear);
    expect(uncaught).toEqual([]);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toBeInstanceOf(StoreDown);
    // What was answered is there: nothing was told done that the server lost.
    const after = patiently(url, seal);
    for (const id of answered) expect(await after.get('team', id), id).not.toBeNull();
    for (const one of [store, after]) await one.close();
  }, 120_000);

  it('is StoreDown while it is stopped or frozen, and all is well again when it is back', async () => {
    const url = await server.database('away');
    const store = open(url, seal);
    let told = 0;
    store.watch(() => {
      told += 1;
    });
    const patient = patiently(url, seal);
    await patient.commit(
      [{ op: 'create', kind: 'team', id: 't1', name: 'one', lookup: null, data: {} }],
      null,
    );
    await patient.close();
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
    const other = patiently(url, seal);
    await other.commit([{ op: 'create', kind: 'team', id: 't2', name: 'two', lookup: null, data: {} }], null);
    await expect.poll(() => told, { timeout: 20_000 }).toBeGreaterThan(before);
    await other.close();
    await store.close();
  });
});
