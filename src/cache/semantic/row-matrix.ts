// Rows of one partition as one block of numbers, so that a search is one pass over memory. A row that leaves is filled by the last.
//
//   rows     ┌ a ┬ b ┬ c ┬ d ┐ free
//   matrix   │...│...│...│...│......   row n begins at n × dimensions
import type { IndexRow } from '../../contracts/vectors.ts';
import { tailOf } from './scan.ts';

/** What is kept of a row beside its numbers. */
export interface HeldRow extends Omit<IndexRow, 'vector'> {
  readonly of: RowMatrix;
  /** Its place now. */
  at: number;
}

const FIRST_ROWS = 4;

export class RowMatrix {
  readonly dimensions: number;
  readonly rows: HeldRow[] = [];
  readonly #sharedBytes: number;
  matrix: Float32Array;
  /** By row, for the search (scan.ts). */
  tails: Float32Array;

  /** @param sharedBytes a block as large is in memory that threads can read. */
  constructor(dimensions: number, sharedBytes: number) {
    this.dimensions = dimensions;
    this.#sharedBytes = sharedBytes;
    this.matrix = new Float32Array(FIRST_ROWS * dimensions);
    this.tails = new Float32Array(FIRST_ROWS);
  }

  add({ id, partition, text, untilMs, vector }: IndexRow): HeldRow {
    const at = this.rows.length;
    if ((at + 1) * this.dimensions > this.matrix.length) this.#grow();
    this.matrix.set(vector, at * this.dimensions);
    this.tails[at] = tailOf(vector, 0, this.dimensions);
    const row: HeldRow = { id, partition, text, untilMs, of: this, at };
    this.rows.push(row);
    return row;
  }

  remove(row: HeldRow): void {
    const last = this.rows.pop()!; // it holds `row` at least
    if (last === row) return;
    const { dimensions, matrix, tails } = this;
    matrix.copyWithin(row.at * dimensions, last.at * dimensions, (last.at + 1) * dimensions);
    tails[row.at] = tails[last.at]!;
    last.at = row.at;
    this.rows[row.at] = last;
  }

  /** The numbers of a row, in memory of their own. */
  vectorOf({ at }: HeldRow): Float32Array {
    return this.matrix.slice(at * this.dimensions, (at + 1) * this.dimensions);
  }

  #grow(): void {
    const shared = 8 * this.matrix.length >= this.#sharedBytes;
    this.matrix = doubled(this.matrix, shared);
    this.tails = doubled(this.tails, shared);
  }
}

function doubled(numbers: Float32Array, shared: boolean): Float32Array {
  const bytes = 8 * numbers.length;
  const larger = new Float32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  larger.set(numbers);
  return larger;
}
