// The store in PostgreSQL, where several gateways share it; by the `postgres` package. Commits take turns under one
// advisory lock, so that revisions become visible in their order, and each is announced by NOTIFY.
import postgres from 'postgres';
import { StoreDown } from '../contracts/store.ts';
import { behindTurns, type Deadline } from '../ipc/behind-reads.ts';
import { Refused } from './commit.ts';
import { checkSchemaVersion } from './migrations.ts';
import { type Shape, STORE_SHAPE } from './shape.ts';
import { createTransactions, type Query, type Transactions } from './postgres-transactions.ts';
import type { SqlDriver, SqlWork } from './sql-driver.ts';

const CHANNEL = 'headgate_store';
/** For reading; one more writes, and one hears of commits. */
const CONNECTIONS = 3;
const CONNECT_S = 2;
/** Longest statement: many times longer than anybody waits for one. */
const STATEMENT_MS = 10_000;

/** Classes of SQLSTATE that say the server cannot be used now, not that the statement was wrong. */
const AWAY = /^(08|53|57|58)/;

/** Reads in transactions of its own. */
interface Reader {
  readonly transactions: Transactions;
  /** Those that have not been answered. */
  waiting: number;
}

interface Clients {
  readonly sql: postgres.Sql;
  /** Writes. */
  readonly transactions: Transactions;
  /** Behind a pooler alone. */
  readonly readers: readonly Reader[];
}

/** @param url `postgres://user:password@host/database`. The shape is brought up to date by the first use that succeeds. */
export function openPostgres(url: string, shape: Shape = STORE_SHAPE): SqlDriver {
  /** Behind a pooler (PgBouncer), which knows no such parameter of a connection and hands notices to nobody. */
  let pooled = false;
  const statementMs = shape.patientMs ?? STATEMENT_MS;
  let clients = open();

  function open(): Clients {
    const options = {
      connect_timeout: shape.patientMs === undefined ? CONNECT_S : shape.patientMs / 1_000,
      idle_timeout: 60,
      backoff: (tries: number) => Math.min(0.1 * 2 ** tries, 2),
      onnotice: () => undefined,
      // Asked as a connection opens, for arrays, which we have none of; where it is lost then, nobody can catch what that throws.
      fetch_types: false,
      connection: {
        application_name: 'headgate',
        ...(pooled ? {} : { statement_timeout: statementMs }),
      },
      types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    };
    const begin = pooled ? `BEGIN; SET LOCAL statement_timeout = ${statementMs}` : 'BEGIN';
    const transactions = (begun = begin): Transactions =>
      createTransactions(
        (lost) =>
          // The package hands a reserved connection on as a client; the answers are arrays of rows.
          postgres(url, { ...options, max: 1, onclose: lost }),
        begun,
        shape.patientMs,
      );
    return {
      // Of the two types of a number the package would make one.
      sql: postgres(url, { ...options, max: CONNECTIONS }) as unknown as postgres.Sql,
      transactions: transactions(),
      // A pooler hands each transaction another connection: a time limit holds within one alone, for reading as well.
      readers: pooled
        ? Array.from({ length: CONNECTIONS }, () => ({
            transactions: transactions(`${begin}; SET TRANSACTION READ ONLY`),
            waiting: 0,
          }))
        : [],
    };
  }
  const close = ({ sql, transactions, readers }: Clients): Promise<unknown> =>
    Promise.all([
      sql.end({ timeout: 1 }),
      transactions.close(),
      ...readers.map((reader) => reader.transactions.close()),
    ]);

  async function reading<T>(work: SqlWork<T>): Promise<T> {
    let free: Reader | undefined;
    for (const one of clients.readers) if (free === undefined || one.waiting < free.waiting) free = one;
    if (free === undefined) return drive(work, read);
    free.waiting++;
    try {
      return await free.transactions.run((query) => drive(work, query));
    } finally {
      free.waiting--;
    }
  }

  /** Once more without what a pooler refuses, where one did. */
  async function through<T>(work: () => Promise<T>): Promise<T> {
    const mine = clients;
    try {
      return await work();
    } catch (error) {
      if (!isPooler(error) || (clients === mine && pooled)) throw error;
      if (clients === mine) {
        pooled = true;
        clients = open();
        close(mine).catch(() => undefined);
      }
      return work();
    }
  }

  const watchers = new Set<() => void>();
  const wake = (): void => {
    for (const changed of watchers) changed();
  };
  let migrated: Promise<void> | null = null;
  let listening = false;

  const read: Query = (text, values = []) => clients.sql.unsafe(text, [...values] as never[]); // texts and numbers alone

  async function drive<T>(work: SqlWork<T>, query: Query): Promise<T> {
    let step = work.next();
    while (step.done !== true) {
      const { text, values } = step.value;
      step = work.next(await query(numbered(text), values));
    }
    return step.value;
  }

  async function ready(): Promise<void> {
    migrated ??= through(() => migrate(clients.transactions, shape)).catch((error: unknown) => {
      migrated = null;
      throw error;
    });
    await migrated;
    if (listening || pooled) return;
    listening = true;
    // Lost connections are dialled again by the package, which then says so: what was missed meanwhile has to be read.
    clients.sql.listen(CHANNEL, wake, wake).catch(() => {
      listening = false;
    });
  }

  const write = <T>(work: () => SqlWork<T>): Promise<T> =>
    answered(
      ready().then(() =>
        through(() =>
          clients.transactions.run(async (query) => {
            await query(`SELECT pg_advisory_xact_lock(${shape.lock})`);
            return drive(work(), query);
          }),
        ),
      ),
      shape.answerMs,
    );

  return {
    words: {
      json: '?::text::jsonb',
      member: (name) => `data ->> '${name}'`,
      has: (name) => `data ->> '${name}' IS NOT NULL`,
    },
    shared: true,
    read: (work) =>
      answered(
        ready().then(() => through(() => reading(work()))),
        shape.answerMs,
      ),
    write,
    // Others read on connections of their own in any case.
    writeLong: write,
    watch(changed) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    announce: (revision) => ({ text: `SELECT pg_notify('${CHANNEL}', ?)`, values: [String(revision)] }),
    backup: () =>
      Promise.reject(new Error('the store lies in PostgreSQL: use its own tools (pg_dump, snapshots)')),
    async close() {
      await close(clients);
    },
  };
}

function isPooler(error: unknown): boolean {
  return error instanceof Error && /unsupported startup parameter/i.test(error.message);
}

/** `?` to `$1`, `$2`, …; our statements have no question mark elsewhere. */
function numbered(text: string): string {
  let count = 0;
  return text.replace(/\?/g, () => `$${++count}`);
}

async function migrate(
  transactions: Transactions,
  { postgres: steps, versionTable, lock }: Shape,
): Promise<void> {
  await transactions.run(async (query) => {
    await query(`SELECT pg_advisory_xact_lock(${lock})`);
    await query(`CREATE TABLE IF NOT EXISTS ${versionTable} (version INTEGER NOT NULL)`);
    const [row] = await query(`SELECT version FROM ${versionTable}`);
    const found = Number(row?.['version'] ?? 0);
    const known = steps.length;
    checkSchemaVersion(found, known);
    for (const step of steps.slice(found)) for (const text of step) await query(text);
    if (row === undefined) await query(`INSERT INTO ${versionTable} VALUES (${known})`);
    else if (found < known) await query(`UPDATE ${versionTable} SET version = ${known}`);
  });
}

/** As `work`, but in time, and with StoreDown for everything that is the server's or the way's. */
async function answered<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: Deadline | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = behindTurns(withinMs, () => reject(new StoreDown('the database does not answer')));
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    if (error instanceof StoreDown || error instanceof Refused) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // Of the statement: a fault of ours. All else has no SQLSTATE, or one of the server's own troubles.
    if (/^[0-9A-Z]{5}$/.test(code) && !AWAY.test(code)) throw error;
    if (code === '') throw error;
    throw new StoreDown('the database cannot be reached', { cause: error });
  } finally {
    timer?.clear();
  }
}
