// The store over a database that speaks SQL: what is asked of it. How it is asked is its driver's (sqlite.ts, postgres.ts).
import type {
  AuditEntry,
  CommitResult,
  ListQuery,
  ObjectKind,
  Page,
  SealAudit,
  Store,
  StoredObject,
} from '../contracts/store.ts';
import { commitWork, Refused } from './commit.ts';
import { auditWork, briefWork, listWork } from './queries.ts';
import { answerOf, ENTRY_COLUMNS, entryOf, OBJECT_COLUMNS, objectOf } from './rows.ts';
import { type SqlDriver, type SqlRow, type SqlValue, type SqlWork, statement } from './sql-driver.ts';

export interface SqlStoreDeps {
  readonly driver: SqlDriver;
  readonly seal: SealAudit;
  /** ms since 1970. */
  readonly now: () => number;
}

const MANY = 500;

export function createSqlStore(deps: SqlStoreDeps): Store {
  const { driver } = deps;

  function rows(text: string, ...values: SqlValue[]): Promise<readonly SqlRow[]> {
    return driver.read(() => one(text, values));
  }
  async function object(where: string, ...values: SqlValue[]): Promise<StoredObject | null> {
    const [row] = await rows(`SELECT ${OBJECT_COLUMNS} FROM objects WHERE gone = 0 AND ${where}`, ...values);
    return row === undefined ? null : objectOf(row);
  }

  return {
    shared: driver.shared,
    get: (kind, id) => object('kind = ? AND id = ?', kind, id),
    byName: (kind, name) => object('kind = ? AND name = ?', kind, name),
    byLookup: (kind, lookup) => object('kind = ? AND lookup = ?', kind, lookup),
    list: (query: ListQuery): Promise<Page<StoredObject>> => driver.read(() => listWork(driver.words, query)),
    brief: (kind, after, limit) => driver.read(() => briefWork(kind, after, limit)),
    async count(kind) {
      const [row] = await rows('SELECT count(*) AS n FROM objects WHERE kind = ? AND gone = 0', kind);
      return Number(row?.['n'] ?? 0);
    },
    async commit(changes, event): Promise<CommitResult> {
      try {
        return await driver.write(() => commitWork(deps, changes, event));
      } catch (error) {
        if (error instanceof Refused) return { ok: false, ...error.refusal };
        throw error;
      }
    },
    async changes(since, kinds: readonly ObjectKind[]) {
      // The counter first: what is committed between the two is told again the next time, and never left out.
      const [counter] = await rows(`SELECT value FROM counters WHERE name = 'revision'`);
      const marks = kinds.map(() => '?').join(', ');
      const found = await rows(
        `SELECT ${OBJECT_COLUMNS}, gone FROM objects WHERE revision > ? AND kind IN (${marks})
         ${since === 0 ? 'AND gone = 0' : ''} ORDER BY revision`,
        since,
        ...kinds,
      );
      const gone = (row: SqlRow): boolean => Number(row['gone']) !== 0;
      return {
        revision: Number(counter?.['value'] ?? 0),
        put: found.filter((row) => !gone(row)).map(objectOf),
        drop: found.filter(gone).map((row) => {
          const { kind, id } = objectOf(row);
          return { kind, id };
        }),
      };
    },
    watch: driver.watch,
    audit: (query): Promise<Page<AuditEntry>> => driver.read(() => auditWork(query)),
    async auditFrom(after, limit) {
      const found = await rows(
        `SELECT ${ENTRY_COLUMNS} FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        after,
        limit,
      );
      // Not what the entry says of itself, which somebody may have altered.
      return { items: found.map(entryOf), last: Number(found.at(-1)?.['sequence'] ?? after) };
    },
    async auditHead() {
      const [row] = await rows('SELECT sequence, hash FROM audit_head');
      return row === undefined ? null : { sequence: Number(row['sequence']), hash: String(row['hash']) };
    },
    async touch(used) {
      if (used.size === 0) return;
      await driver.write(function* touchWork(): SqlWork<void> {
        for (const [id, at] of used) {
          yield statement(
            `INSERT INTO used (id, at) VALUES (?, ?)
             ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE excluded.at > used.at`,
            id,
            at,
          );
        }
      });
    },
    async lastUsed(ids) {
      const times = new Map<string, number>();
      for (let from = 0; from < ids.length; from += MANY) {
        const some = ids.slice(from, from + MANY);
        const found = await rows(
          `SELECT id, at FROM used WHERE id IN (${some.map(() => '?').join(', ')})`,
          ...some,
        );
        for (const row of found) times.set(String(row['id']), Number(row['at']));
      }
      return times;
    },
    async keptAnswer(key) {
      const [row] = await rows('SELECT print, status, body, at FROM answers WHERE key = ?', key);
      return row === undefined ? null : answerOf(row);
    },
    keepAnswer: (key, { print, status, body, at }) =>
      driver.write(function* keepWork(): SqlWork<boolean> {
        const kept = yield statement(
          `INSERT INTO answers (key, print, status, body, at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (key) DO NOTHING RETURNING key`,
          key,
          print,
          status,
          body,
          at,
        );
        return kept.length > 0;
      }),
    settleAnswer: (key, answer) =>
      driver.write(function* settleWork(): SqlWork<void> {
        if (answer === null) yield statement('DELETE FROM answers WHERE key = ?', key);
        else
          yield statement(
            'UPDATE answers SET print = ?, status = ?, body = ?, at = ? WHERE key = ?',
            answer.print,
            answer.status,
            answer.body,
            answer.at,
            key,
          );
      }),
    forgetAnswers: (before) =>
      driver.write(function* forgetWork(): SqlWork<void> {
        yield statement('DELETE FROM answers WHERE at < ?', before);
      }),
    backup: driver.backup,
    close: () => driver.close(),
  };
}

function* one(text: string, values: readonly SqlValue[]): SqlWork<readonly SqlRow[]> {
  return yield { text, values };
}
