// Vectors of questions whose answers are kept, by partition: only those of one are ever compared, so that whose they are and what
// they belong to is decided before any distance is.
import { LRUCache } from 'lru-cache';

export interface IndexRow {
  /** Name of the kept answer. */
  readonly id: string;
  readonly partition: string;
  /** Length 1. */
  readonly vector: Float32Array;
  /** What was asked. */
  readonly text: string;
  /** ms since 1970. */
  readonly untilMs: number;
}

export interface Candidate {
  readonly row: IndexRow;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
}

export interface VectorIndex {
  readonly size: number;
  /** Up to `count`, most alike first, none below `least`. */
  nearest(partition: string, vector: Float32Array, least: number, count: number, nowMs: number): Candidate[];
  put(row: IndexRow): void;
  drop(id: string): void;
  resize(maxRows: number): void;
}

/** In the memory of a worker; what was not used for longest goes first. */
export function createVectorIndex(maxRows: number): VectorIndex {
  return new MemoryIndex(maxRows);
}

class MemoryIndex implements VectorIndex {
  readonly #partitions = new Map<string, Map<string, IndexRow>>();
  #rows: LRUCache<string, IndexRow>;

  constructor(maxRows: number) {
    this.#rows = this.#rowsOf(maxRows);
  }

  get size(): number {
    return this.#rows.size;
  }

  nearest(partition: string, vector: Float32Array, least: number, count: number, nowMs: number): Candidate[] {
    const rows = this.#partitions.get(partition);
    if (rows === undefined) return [];
    const found: Candidate[] = [];
    let over: string[] | null = null;
    for (const row of rows.values()) {
      if (row.untilMs <= nowMs) {
        (over ??= []).push(row.id);
        continue;
      }
      const similarity = dot(row.vector, vector);
      if (similarity < least) continue;
      found.push({ row, similarity });
      if (found.length > 4 * count) keepBest(found, count);
    }
    for (const id of over ?? []) this.drop(id);
    keepBest(found, count);
    for (const { row } of found) this.#rows.get(row.id);
    return found;
  }

  put(row: IndexRow): void {
    this.drop(row.id);
    this.#rows.set(row.id, row);
    const rows = this.#partitions.get(row.partition);
    if (rows === undefined) this.#partitions.set(row.partition, new Map([[row.id, row]]));
    else rows.set(row.id, row);
  }

  drop(id: string): void {
    this.#rows.delete(id);
  }

  resize(maxRows: number): void {
    if (maxRows === this.#rows.max) return;
    const old = [...this.#rows.values()].reverse();
    this.#rows.clear();
    this.#rows = this.#rowsOf(maxRows);
    for (const row of old) this.put(row);
  }

  #rowsOf(max: number): LRUCache<string, IndexRow> {
    return new LRUCache({ max, dispose: (row) => this.#left(row) });
  }

  #left({ id, partition }: IndexRow): void {
    const rows = this.#partitions.get(partition);
    if (rows?.delete(id) === true && rows.size === 0) this.#partitions.delete(partition);
  }
}

function keepBest(found: Candidate[], count: number): void {
  found.sort((one, other) => other.similarity - one.similarity);
  if (found.length > count) found.length = count;
}

/** Four sums: a processor adds them side by side. 0 for vectors of two models. */
function dot(one: Float32Array, other: Float32Array): number {
  const { length } = one;
  if (length !== other.length) return 0;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += one[i]! * other[i]!;
    b += one[i + 1]! * other[i + 1]!;
    c += one[i + 2]! * other[i + 2]!;
    d += one[i + 3]! * other[i + 3]!;
  }
  for (; i < length; i++) a += one[i]! * other[i]!;
  return a + b + c + d;
}
