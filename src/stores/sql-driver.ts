// What the store asks of a database. Work is written once, as generators that yield statements and get rows back: SQLite
// runs them in one go without giving up its turn, PostgreSQL awaits each answer.

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, unknown>>;

/** `?` marks a value, in the order of `values`. */
export interface Statement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export type SqlWork<T> = Generator<Statement, T, readonly SqlRow[]>;

/** The little in which the two databases differ. */
export interface SqlWords {
  /** A text value as the column type of `data`. */
  readonly json: string;
  /** Text of a member of `data`; of a boolean `true` or `false`. @param name a plain word */
  member(name: string): string;
  /** Whether `data` has a member that is not null. @param name a plain word */
  has(name: string): string;
}

export interface SqlDriver {
  readonly words: SqlWords;
  readonly shared: boolean;
  /** Reads, one statement at a time. */
  read<T>(work: () => SqlWork<T>): Promise<T>;
  /** Writes: all or nothing, and nobody else writes meanwhile. Begun anew, `work` must do the same again. */
  write<T>(work: () => SqlWork<T>): Promise<T>;
  /** As `write`, for work of hundreds of statements: who reads meanwhile is answered, from what was there before. */
  writeLong<T>(work: () => SqlWork<T>): Promise<T>;
  watch(changed: () => void): () => void;
  /** Tells the others, once a commit is there. Part of the transaction where the database can do that. */
  readonly announce: (revision: number) => Statement | null;
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}

export function statement(text: string, ...values: SqlValue[]): Statement {
  return { text, values };
}
