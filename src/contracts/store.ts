// What the gatehouse keeps, whichever database it lies in: objects with a version each, changed together in commits that
// are audited in the same transaction. Every commit has a number of its own, so that what changed since another one is a
// question with an answer (deltas to the workers, to other nodes). Nothing of it is in the path of a request.

/** A kind of object that people manage, or that the gatehouse needs for them to do so. */
export type ObjectKind =
  | 'organization'
  | 'team'
  | 'user'
  | 'customer'
  | 'project'
  | 'key'
  | 'limit'
  | 'budget'
  | 'credit'
  | 'provider'
  | 'provider-key'
  | 'model'
  | 'config'
  | 'admin'
  /** A machine at the edge, what was found on such machines, and which of it on which. */
  | 'device'
  | 'edge-item'
  | 'edge-find'
  | 'edge-policy'
  | 'edge-authority'
  | 'session'
  | 'token'
  | 'setting';

export type StoredValue =
  | string
  | number
  | boolean
  | null
  | readonly StoredValue[]
  | { readonly [key: string]: StoredValue };

/** What an object says, as its kind's schema has it; never a secret in the clear. */
export type StoredData = Readonly<Record<string, StoredValue>>;

/** One object as it was at some commit; never changed, another version is another object. */
export interface StoredObject {
  readonly kind: ObjectKind;
  /** Sorts by the time of its creation. */
  readonly id: string;
  /** Unique among the living of its kind. */
  readonly name: string;
  /** From 1; counts the changes of this object, and is its ETag. */
  readonly version: number;
  /** Of the commit that made this version. */
  readonly revision: number;
  /** What a credential is found by (a digest, never itself), unique in its kind; null = not found by one. */
  readonly lookup: string | null;
  /** ms since 1970. */
  readonly createdAt: number;
  /** ms since 1970. */
  readonly updatedAt: number;
  readonly data: StoredData;
}

export type Change =
  | {
      readonly op: 'create';
      readonly kind: ObjectKind;
      readonly id: string;
      readonly name: string;
      readonly lookup: string | null;
      readonly data: StoredData;
    }
  | {
      readonly op: 'replace';
      readonly kind: ObjectKind;
      readonly id: string;
      /** The version that the change was made from; null = whichever there is. */
      readonly from: number | null;
      readonly name: string;
      readonly lookup: string | null;
      readonly data: StoredData;
    }
  | {
      readonly op: 'delete';
      readonly kind: ObjectKind;
      readonly id: string;
      readonly from: number | null;
    };

/** Why nothing of a commit was done. `change`: which of its changes it was. */
export type Refusal =
  | { readonly why: 'missing'; readonly change: number }
  /** Somebody else was first: `version` is what there is now. */
  | { readonly why: 'stale'; readonly change: number; readonly version: number }
  /** Another object of the kind has this name or credential. */
  | { readonly why: 'taken'; readonly change: number; readonly field: 'id' | 'name' | 'lookup' };

export type CommitResult =
  | { readonly ok: true; readonly revision: number; readonly objects: readonly StoredObject[] }
  | ({ readonly ok: false } & Refusal);

/** What was done, or refused, and by whom. Secrets in `before` and `after` are masked before it is written. */
export interface AuditEvent {
  /** ms since 1970. */
  readonly at: number;
  /** Who did it: `admin:ada`, `token:ci`, `key:app`, `setup`, `anonymous`. */
  readonly initiator: string;
  /** `key.create`, `login`, `config.apply`, … */
  readonly action: string;
  /** Kind and id of what it was done to, e.g. `key/key_01…`; '' = nothing that there is. */
  readonly target: string;
  readonly outcome: 'success' | 'failure' | 'denied';
  /** Why it failed or was denied; '' = it was not. */
  readonly reason: string;
  /** Address it came from; '' = not known. */
  readonly ip: string;
  readonly before: StoredData | null;
  readonly after: StoredData | null;
}

/** An event in its place in the log. */
export interface AuditEntry extends AuditEvent {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Hash of the entry before it; of the first, of nothing. */
  readonly previous: string;
  readonly hash: string;
}

/** Where a log ends. */
export type AuditEnd = Pick<AuditEntry, 'sequence' | 'hash'>;

/** Puts an event behind the end of the log (null = it is the first). Pure; governance/ has the hashes. */
export type SealAudit = (last: AuditEnd | null, event: AuditEvent) => AuditEntry;

export interface ListQuery {
  readonly kind: ObjectKind;
  /** Members of `data` (or `name`) that have to be equal. Names come from a schema, never from a caller. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** A member of `data` that has to be there; of several any of them. */
  readonly has?: string | readonly string[];
  /** `name` begins so. */
  readonly prefix?: string;
  /** Ids above this one. */
  readonly after?: string | null;
  /** At most so many, from 1. */
  readonly limit: number;
}

/** What is needed of objects where all of a kind are read: half the work of whole ones. */
export type BriefObject = Pick<StoredObject, 'kind' | 'id' | 'name' | 'version' | 'data'>;

export interface Page<T> {
  readonly items: readonly T[];
  /** What to say as `after` for the rest; null = that was all. */
  readonly next: string | null;
}

export interface AuditQuery {
  /** Sequences below this one: newest first. */
  readonly before?: number | null;
  readonly limit: number;
  readonly initiator?: string;
  readonly action?: string;
  readonly target?: string;
  readonly outcome?: AuditEvent['outcome'];
  /** ms since 1970, both inclusive. */
  readonly since?: number;
  readonly until?: number;
}

/** What became of some kinds since a revision. */
export interface StoreDelta {
  readonly revision: number;
  readonly put: readonly StoredObject[];
  readonly drop: readonly { readonly kind: ObjectKind; readonly id: string }[];
}

/** An answer that a repeated request gets again. */
export interface KeptAnswer {
  /** Of the request it belongs to: another request under the same key is a fault of the caller's. */
  readonly print: string;
  /** 0: it is under way. */
  readonly status: number;
  readonly body: string;
  /** ms since 1970. */
  readonly at: number;
}

/** The database does not answer, or not in time. What it was asked may or may not have been done. */
export class StoreDown extends Error {}

/** Every method rejects with StoreDown when the database cannot be reached. */
export interface Store {
  /** Other gateways may write to it. */
  readonly shared: boolean;
  get(kind: ObjectKind, id: string): Promise<StoredObject | null>;
  byName(kind: ObjectKind, name: string): Promise<StoredObject | null>;
  byLookup(kind: ObjectKind, lookup: string): Promise<StoredObject | null>;
  /** In the order of their ids, which is that of their creation. */
  list(query: ListQuery): Promise<Page<StoredObject>>;
  /** All of a kind, as `list` orders and pages them. */
  brief(kind: ObjectKind, after: string | null, limit: number): Promise<Page<BriefObject>>;
  count(kind: ObjectKind): Promise<number>;
  /** All or nothing; the event, if any, is written in the same transaction, and only if the changes are. */
  commit(changes: readonly Change[], event: AuditEvent | null): Promise<CommitResult>;
  /** Of these kinds since a revision; 0 = from the beginning. */
  changes(since: number, kinds: readonly ObjectKind[]): Promise<StoreDelta>;
  /** Calls `changed` soon after commits, of other gateways too, and whenever some may have been missed. */
  watch(changed: () => void): () => void;
  audit(query: AuditQuery): Promise<Page<AuditEntry>>;
  /** In the order of their places, from the first above `after`; `last` is the place of the last of them. */
  auditFrom(
    after: number,
    limit: number,
  ): Promise<{ readonly items: readonly AuditEntry[]; readonly last: number }>;
  /** The end of the log, as it is kept apart from the entries; null = there are none. */
  auditHead(): Promise<{ readonly sequence: number; readonly hash: string } | null>;
  /** Remembers when keys were last used: ms since 1970 by id. No version, no revision, no audit. */
  touch(used: ReadonlyMap<string, number>): Promise<void>;
  /** By id, ms since 1970; ids never used are absent. */
  lastUsed(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  keptAnswer(key: string): Promise<KeptAnswer | null>;
  /** @returns false when there is one under this key already. */
  keepAnswer(key: string, answer: KeptAnswer): Promise<boolean>;
  /** Another one in its place; null = none any more. */
  settleAnswer(key: string, answer: KeptAnswer | null): Promise<void>;
  /** Forgets answers from before this moment, ms since 1970. */
  forgetAnswers(before: number): Promise<void>;
  /** Writes all of it, whole and consistent, to a file that is not there yet. @throws where the database has its own tools. */
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}
