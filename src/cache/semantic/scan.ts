// The search itself: one pass over all rows. Runs where it is called, and in a thread for many rows. Most rows are passed by after a
// quarter of their numbers: what is left of two vectors cannot add more than the product of their lengths (Cauchy-Schwarz).
import type { VectorHit, VectorScan } from '../../contracts/vectors.ts';

/** Rounding of numbers of 32 bits; a row that is so near the least is looked at whole. */
const ROUNDING = 1e-5;

/** How many numbers of a vector are its first quarter. */
export function headOf(dimensions: number): number {
  return dimensions >> 2;
}

/** Length of what is behind a vector's first quarter, in `matrix` from `from` on. */
export function tailOf(matrix: Float32Array, from: number, dimensions: number): number {
  let sum = 0;
  for (let i = from + headOf(dimensions); i < from + dimensions; i++) sum += matrix[i]! * matrix[i]!;
  return Math.sqrt(sum);
}

/** Up to `count` rows whose cosine is `least` or more, most alike first. */
export function scan({ matrix, tails, rows, vector, least, count }: VectorScan): VectorHit[] {
  const found: [number, number][] = [];
  const dimensions = vector.length;
  const head = headOf(dimensions);
  const tail = tailOf(vector, 0, dimensions);
  const needed = least - ROUNDING;
  for (let row = 0, from = 0; row < rows; row++, from += dimensions) {
    const first = dot(matrix, from, vector, 0, head);
    if (first + tail * tails[row]! < needed) continue;
    const similarity = first + dot(matrix, from, vector, head, dimensions);
    if (similarity < least) continue;
    found.push([row, similarity]);
    if (found.length > 4 * count) keepBest(found, count);
  }
  keepBest(found, count);
  return found;
}

function keepBest(found: [number, number][], count: number): void {
  found.sort((one, other) => other[1] - one[1]);
  if (found.length > count) found.length = count;
}

/** Of the numbers `begin` to `end` of a row that lies at `from`, and of a vector. Four sums: a processor adds them side by side. */
export function dot(
  matrix: Float32Array,
  from: number,
  vector: Float32Array,
  begin: number,
  end: number,
): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = begin;
  for (; i + 3 < end; i += 4) {
    a += matrix[from + i]! * vector[i]!;
    b += matrix[from + i + 1]! * vector[i + 1]!;
    c += matrix[from + i + 2]! * vector[i + 2]!;
    d += matrix[from + i + 3]! * vector[i + 3]!;
  }
  for (; i < end; i++) a += matrix[from + i]! * vector[i]!;
  return a + b + c + d;
}
