// Rows of the tables as what they mean, and back.
import type {
  AuditEntry,
  BriefObject,
  KeptAnswer,
  ObjectKind,
  StoredData,
  StoredObject,
} from '../contracts/store.ts';
import type { SqlRow } from './sql-driver.ts';

export const OBJECT_COLUMNS = 'kind, id, name, version, revision, lookup, created_at, updated_at, data';

export function objectOf(row: SqlRow): StoredObject {
  return {
    kind: row['kind'] as ObjectKind, // only written from one
    id: String(row['id']),
    name: String(row['name']),
    version: Number(row['version']),
    revision: Number(row['revision']),
    lookup: row['lookup'] === null ? null : String(row['lookup']),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    data: dataOf(row['data']),
  };
}

export function briefOf(kind: ObjectKind, row: SqlRow): BriefObject {
  return {
    kind,
    id: String(row['id']),
    name: String(row['name']),
    version: Number(row['version']),
    data: dataOf(row['data']),
  };
}

/** PostgreSQL gives JSON parsed, SQLite as text. */
function dataOf(value: unknown): StoredData {
  return (typeof value === 'string' ? JSON.parse(value) : value) as StoredData; // only written from one
}

/** What `entryOf` reads. */
export const ENTRY_COLUMNS = 'sequence, at, initiator, action, target, outcome, entry';

/**
 * An entry as it was sealed, but with what the columns say that it is found by: where somebody altered one or the other it
 * has no seal. One that nobody can read any more has none either.
 */
export function entryOf(row: SqlRow): AuditEntry {
  const found = {
    at: Number(row['at']),
    initiator: String(row['initiator']),
    action: String(row['action']),
    target: String(row['target']),
    outcome: row['outcome'] as AuditEntry['outcome'], // one that was altered is none, and told as it is
  };
  const sealed = sealedOf(String(row['entry']));
  if (sealed !== null) {
    const fits = (Object.keys(found) as (keyof typeof found)[]).every((name) => sealed[name] === found[name]);
    return fits ? sealed : { ...sealed, ...found, hash: '' };
  }
  const nothing = { previous: '', reason: '', ip: '', before: null, after: null, hash: '' };
  return { sequence: Number(row['sequence']), ...found, ...nothing };
}

function sealedOf(text: string): AuditEntry | null {
  try {
    const entry = JSON.parse(text) as Partial<AuditEntry> | null; // or whatever somebody put there
    const { sequence, previous, hash } = entry ?? {};
    const whole = Number.isSafeInteger(sequence) && typeof previous === 'string' && typeof hash === 'string';
    return whole ? (entry as AuditEntry) : null;
  } catch {
    return null;
  }
}

export function answerOf(row: SqlRow): KeptAnswer {
  return {
    print: String(row['print']),
    status: Number(row['status']),
    body: String(row['body']),
    at: Number(row['at']),
  };
}
