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

export function entryOf(row: SqlRow): AuditEntry {
  return JSON.parse(String(row['entry'])) as AuditEntry; // as it was sealed, byte for byte
}

export function answerOf(row: SqlRow): KeptAnswer {
  return {
    print: String(row['print']),
    status: Number(row['status']),
    body: String(row['body']),
    at: Number(row['at']),
  };
}
