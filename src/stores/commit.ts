// A commit, statement by statement: the next revision, every change under its check, the event behind the last one. It
// runs where nobody else writes, so what was looked at stays true until the end.
import type {
  AuditEnd,
  AuditEvent,
  Change,
  CommitResult,
  Refusal,
  SealAudit,
  StoredObject,
} from '../contracts/store.ts';
import { ENTRY_COLUMNS, entryOf, OBJECT_COLUMNS, objectOf } from './rows.ts';
import { type SqlDriver, type SqlWork, statement } from './sql-driver.ts';

/** Leaves the transaction without a trace; caught where the commit began. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.why);
    this.refusal = refusal;
  }
}

export interface CommitDeps {
  readonly driver: Pick<SqlDriver, 'words' | 'announce'>;
  readonly seal: SealAudit;
  /** ms since 1970. */
  readonly now: () => number;
}

/** @throws Refused */
export function* commitWork(
  deps: CommitDeps,
  changes: readonly Change[],
  event: AuditEvent | null,
): SqlWork<CommitResult> {
  const counted = yield statement(
    `UPDATE counters SET value = value + 1 WHERE name = 'revision' RETURNING value`,
  );
  const revision = Number(counted[0]?.['value']);
  const objects: StoredObject[] = [];
  for (const [index, change] of changes.entries()) {
    const made = yield* applyChange(deps, change, index, revision);
    if (made !== null) objects.push(made);
  }
  if (event !== null) yield* append(deps.seal, event);
  const told = deps.driver.announce(revision);
  if (told !== null) yield told;
  return { ok: true, revision, objects };
}

function* applyChange(
  { driver, now }: CommitDeps,
  change: Change,
  index: number,
  revision: number,
): SqlWork<StoredObject | null> {
  const { kind, id } = change;
  const found = (yield statement(
    `SELECT ${OBJECT_COLUMNS}, gone FROM objects WHERE kind = ? AND id = ?`,
    kind,
    id,
  ))[0];
  const living = found !== undefined && Number(found['gone']) === 0 ? objectOf(found) : null;
  if (change.op === 'create') {
    if (found !== undefined) throw new Refused({ why: 'taken', change: index, field: 'id' });
  } else {
    if (living === null) throw new Refused({ why: 'missing', change: index });
    if (change.from !== null && change.from !== living.version)
      throw new Refused({ why: 'stale', change: index, version: living.version });
  }
  const at = now();
  if (change.op === 'delete') {
    yield statement(
      `UPDATE objects SET gone = 1, version = version + 1, revision = ?, updated_at = ?, data = ${driver.words.json}
       WHERE kind = ? AND id = ?`,
      revision,
      at,
      '{}',
      kind,
      id,
    );
    return null;
  }
  const { name, lookup, data } = change;
  yield* checkFree(change, index);
  const made: StoredObject = {
    kind,
    id,
    name,
    version: (living?.version ?? 0) + 1,
    revision,
    lookup,
    createdAt: living?.createdAt ?? at,
    updatedAt: at,
    data,
  };
  if (living === null) {
    yield statement(
      `INSERT INTO objects (${OBJECT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ${driver.words.json})`,
      kind,
      id,
      name,
      made.version,
      revision,
      lookup,
      made.createdAt,
      at,
      JSON.stringify(data),
    );
  } else {
    yield statement(
      `UPDATE objects SET name = ?, version = ?, revision = ?, lookup = ?, updated_at = ?, data = ${driver.words.json}
       WHERE kind = ? AND id = ?`,
      name,
      made.version,
      revision,
      lookup,
      at,
      JSON.stringify(data),
      kind,
      id,
    );
  }
  return made;
}

function* checkFree(change: Exclude<Change, { op: 'delete' }>, index: number): SqlWork<void> {
  const { kind, id, name, lookup } = change;
  const named = yield statement(
    'SELECT id FROM objects WHERE kind = ? AND name = ? AND gone = 0 AND id <> ?',
    kind,
    name,
    id,
  );
  if (named.length > 0) throw new Refused({ why: 'taken', change: index, field: 'name' });
  if (lookup === null) return;
  const looked = yield statement(
    'SELECT id FROM objects WHERE kind = ? AND lookup = ? AND gone = 0 AND id <> ?',
    kind,
    lookup,
    id,
  );
  if (looked.length > 0) throw new Refused({ why: 'taken', change: index, field: 'lookup' });
}

/** What the next entry stands behind: the end that was written last, so that entries which were cut off stay missing. */
function* lastOf(): SqlWork<AuditEnd | null> {
  const head = (yield statement('SELECT sequence, hash FROM audit_head'))[0];
  const row = (yield statement(`SELECT ${ENTRY_COLUMNS} FROM audit ORDER BY sequence DESC LIMIT 1`))[0];
  const end = head && { sequence: Number(head['sequence']), hash: String(head['hash']) };
  if (row === undefined || (end !== undefined && end.sequence >= Number(row['sequence']))) return end ?? null;
  // There is no end, or an older one.
  return { sequence: Number(row['sequence']), hash: entryOf(row).hash };
}

function* append(seal: SealAudit, event: AuditEvent): SqlWork<void> {
  const entry = seal(yield* lastOf(), event);
  yield statement(
    'INSERT INTO audit (sequence, at, initiator, action, target, outcome, entry) VALUES (?, ?, ?, ?, ?, ?, ?)',
    entry.sequence,
    entry.at,
    entry.initiator,
    entry.action,
    entry.target,
    entry.outcome,
    JSON.stringify(entry),
  );
  yield statement(
    `INSERT INTO audit_head (id, sequence, hash) VALUES (1, ?, ?)
     ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash`,
    entry.sequence,
    entry.hash,
  );
}
