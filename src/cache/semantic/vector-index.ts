// Vectors of questions in the memory of a worker, by partition: only those of one are ever compared, so that whose they are and what
// they belong to is decided before any distance is. What was not used for longest goes first. A small partition is searched at once,
// a large one in a thread; what changed under a search is seen when its hits are looked at again.
import { LRUCache } from 'lru-cache';
import type { Candidate, IndexRow, VectorHit, VectorIndex, VectorScan } from '../../contracts/vectors.ts';
import { type HeldRow, RowMatrix } from './row-matrix.ts';
import { dot, scan } from './scan.ts';

/** Searches in a thread. Rejects when it cannot. */
export type ThreadScan = (wanted: VectorScan) => Promise<VectorHit[]>;

export interface MemoryIndex extends VectorIndex {
  resize(maxRows: number): void;
}

/** Bytes of a partition from which a thread searches it: about half a millisecond of work. */
export const THREAD_BYTES = 2 * 1024 * 1024;

/** @param inThread null = no threads: large partitions too are searched at once. */
export function createVectorIndex(maxRows: number, inThread: ThreadScan | null = null): MemoryIndex {
  return new PartitionedIndex(maxRows, inThread);
}

class PartitionedIndex implements MemoryIndex {
  readonly #partitions = new Map<string, RowMatrix>();
  readonly #inThread: ThreadScan | null;
  #rows: LRUCache<string, HeldRow>;

  constructor(maxRows: number, inThread: ThreadScan | null) {
    this.#inThread = inThread;
    this.#rows = this.#rowsOf(maxRows);
  }

  get size(): number {
    return this.#rows.size;
  }

  nearest(
    partition: string,
    vector: Float32Array,
    least: number,
    count: number,
    nowMs: number,
  ): Candidate[] | Promise<Candidate[]> {
    const part = this.#partitions.get(nameOf(partition, vector));
    if (part === undefined) return [];
    const { matrix, tails, rows } = part;
    const wanted = { matrix, tails, rows: rows.length, vector, least, count };
    if (this.#inThread !== null && matrix.buffer instanceof SharedArrayBuffer) {
      return this.#inThread(wanted).then(
        (hits) => this.#read(part, hits, wanted, nowMs),
        () => [], // no thread is free: a miss
      );
    }
    const found = this.#read(part, scan(wanted), wanted, nowMs);
    // Rows whose time was over have left, and may have stood in the place of others.
    return found.length === 0 && part.rows.length < wanted.rows
      ? this.nearest(partition, vector, least, count, nowMs)
      : found;
  }

  put(row: IndexRow): void {
    this.drop(row.id);
    const name = nameOf(row.partition, row.vector);
    let part = this.#partitions.get(name);
    if (part === undefined) {
      part = new RowMatrix(row.vector.length, THREAD_BYTES);
      this.#partitions.set(name, part);
    }
    this.#rows.set(row.id, part.add(row));
  }

  drop(id: string): void {
    this.#rows.delete(id);
  }

  resize(maxRows: number): void {
    if (maxRows === this.#rows.max) return;
    const old = [...this.#rows.values()].reverse().map((row) => ({ ...row, vector: row.of.vectorOf(row) }));
    this.#rows.clear();
    this.#rows = this.#rowsOf(maxRows);
    for (const row of old) this.put(row);
  }

  /** What stands at the places of the hits now, as far as it is alike and its time is not over. */
  #read(part: RowMatrix, hits: readonly VectorHit[], wanted: VectorScan, nowMs: number): Candidate[] {
    const found: Candidate[] = [];
    // First all are read: a row that leaves moves another.
    for (const row of hits.map(([at]) => part.rows[at])) {
      if (row === undefined) continue;
      const similarity = dot(part.matrix, row.at * part.dimensions, wanted.vector, 0, part.dimensions);
      if (row.untilMs <= nowMs) this.drop(row.id);
      else if (similarity >= wanted.least) found.push({ row, similarity });
    }
    for (const { row } of found) this.#rows.get(row.id);
    return found.sort((one, other) => other.similarity - one.similarity);
  }

  #rowsOf(max: number): LRUCache<string, HeldRow> {
    return new LRUCache({ max, dispose: (row) => this.#left(row) });
  }

  #left(row: HeldRow): void {
    row.of.remove(row);
    if (row.of.rows.length === 0) this.#partitions.delete(`${row.of.dimensions} ${row.partition}`);
  }
}

/** Vectors of two models are never compared, whatever else is equal. */
function nameOf(partition: string, { length }: Float32Array): string {
  return `${length} ${partition}`;
}
