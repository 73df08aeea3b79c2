// Lists with filters, by pages: one row more than was asked for says whether there is another page.
import type {
  AuditEntry,
  AuditQuery,
  BriefObject,
  ListQuery,
  ObjectKind,
  Page,
  StoredObject,
} from '../contracts/store.ts';
import { briefOf, ENTRY_COLUMNS, entryOf, OBJECT_COLUMNS, objectOf } from './rows.ts';
import type { SqlValue, SqlWords, SqlWork } from './sql-driver.ts';

const WORD = /^[A-Za-z][A-Za-z0-9]*$/;

export function* listWork(words: SqlWords, query: ListQuery): SqlWork<Page<StoredObject>> {
  const { kind, where = {}, has, prefix, after, limit } = query;
  const terms = ['kind = ?', 'gone = 0'];
  const values: SqlValue[] = [kind];
  const add = (term: string, value: SqlValue): void => {
    terms.push(term);
    values.push(value);
  };
  for (const [name, value] of Object.entries(where)) {
    // Ours, out of a schema: a broken invariant, and never a way for text of a caller's into the statement.
    if (!WORD.test(name)) throw new Error('filter by a name that is no plain word');
    add(`${name === 'name' ? 'name' : words.member(name)} = ?`, String(value));
  }
  if (has !== undefined)
    terms.push(
      `(${[has]
        .flat()
        .map((name) => memberIs(words, name))
        .join(' OR ')})`,
    );
  if (prefix !== undefined && prefix !== '') add(`name LIKE ? ESCAPE '\\'`, `${escapeLike(prefix)}%`);
  if (after !== undefined && after !== null) add('id > ?', after);
  const rows = yield {
    text: `SELECT ${OBJECT_COLUMNS} FROM objects WHERE ${terms.join(' AND ')} ORDER BY id LIMIT ?`,
    values: [...values, limit + 1],
  };
  const items = rows.slice(0, limit).map(objectOf);
  return { items, next: rows.length > limit ? items.at(-1)!.id : null };
}

/** A member that is there. */
function memberIs(words: SqlWords, name: string): string {
  if (!WORD.test(name)) throw new Error('filter by a name that is no plain word');
  return words.has(name);
}

export function* briefWork(
  kind: ObjectKind,
  after: string | null,
  limit: number,
): SqlWork<Page<BriefObject>> {
  const rows = yield {
    text: `SELECT id, name, version, data FROM objects WHERE kind = ? AND gone = 0 AND id > ? ORDER BY id LIMIT ?`,
    values: [kind, after ?? '', limit + 1],
  };
  const items = rows.slice(0, limit).map((row) => briefOf(kind, row));
  return { items, next: rows.length > limit ? items.at(-1)!.id : null };
}

export function* auditWork(query: AuditQuery): SqlWork<Page<AuditEntry>> {
  const terms = ['1 = 1'];
  const values: SqlValue[] = [];
  const add = (term: string, value: SqlValue | undefined): void => {
    if (value === undefined || value === null) return;
    terms.push(term);
    values.push(value);
  };
  add('sequence < ?', query.before);
  add('initiator = ?', query.initiator);
  add('action = ?', query.action);
  add('target = ?', query.target);
  add('outcome = ?', query.outcome);
  add('at >= ?', query.since);
  add('at <= ?', query.until);
  const rows = yield {
    text: `SELECT ${ENTRY_COLUMNS} FROM audit WHERE ${terms.join(' AND ')} ORDER BY sequence DESC LIMIT ?`,
    values: [...values, query.limit + 1],
  };
  const page = rows.slice(0, query.limit);
  // Not what the entry says of itself, which somebody may have altered.
  return {
    items: page.map(entryOf),
    next: rows.length > query.limit ? String(page.at(-1)!['sequence']) : null,
  };
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
