// Vectors of questions whose answers are kept: what an index of them does, wherever it is, and what a search of one is.

/** A question whose answer is kept. */
export interface IndexRow {
  /** Name of the kept answer. */
  readonly id: string;
  /** All that must be equal before a vector is compared: whose it is, of which model, with what beside it. */
  readonly partition: string;
  /** Length 1. */
  readonly vector: Float32Array;
  /** What was asked. */
  readonly text: string;
  /** ms since 1970. */
  readonly untilMs: number;
}

export interface Candidate {
  /** Name of the kept answer, and what was asked. */
  readonly row: Pick<IndexRow, 'id' | 'text'>;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
}

/** Nothing of it rejects: what cannot be asked, or is late, has found nothing. */
export interface VectorIndex {
  /** Rows it holds in this process. */
  readonly size: number;
  /** Up to `count`, most alike first, none below `least`. */
  nearest(
    partition: string,
    vector: Float32Array,
    least: number,
    count: number,
    nowMs: number,
  ): Candidate[] | Promise<Candidate[]>;
  /** Nobody waits for it. */
  put(row: IndexRow): void;
  /** The answer of that name is gone. */
  drop(id: string): void;
}

/** A search through vectors that lie one behind the other. */
export interface VectorScan {
  /** Of length 1 each; in memory that threads share where a thread is to search it. */
  matrix: Float32Array;
  /** Of each row, the length of what is behind its first quarter (headOf in src/cache/semantic/scan.ts); memory as of `matrix`. */
  tails: Float32Array;
  /** How many of them count. */
  rows: number;
  /** Of length 1; its length is that of each row. */
  vector: Float32Array;
  least: number;
  /** At most so many are found. */
  count: number;
}

/** Number of the row, and its cosine, most alike first. */
export type VectorHit = readonly [row: number, similarity: number];

/** A store of vectors outside this process, as it is asked: each may reject, and may take its time. */
export interface VectorStore {
  search(wanted: {
    partition: string;
    vector: Float32Array;
    least: number;
    count: number;
    nowMs: number;
  }): Promise<Candidate[]>;
  add(row: IndexRow): Promise<void>;
  remove(id: string): Promise<void>;
  /** Drops what is over. */
  sweep(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Where questions are kept beside the memory of workers. */
export interface VectorsConfig {
  store: 'qdrant' | 'postgres' | 'redis';
  /** May hold a password. */
  url: string;
  /** Qdrant's; null = none. */
  key: string | null;
  /** Name of collections, tables and indexes; the number of dimensions is added. */
  collection: string;
  /** Longest wait of a call. */
  timeoutMs: number;
}
