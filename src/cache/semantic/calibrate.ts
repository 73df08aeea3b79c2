// How often a threshold is right: what `headgate cache calibrate` prints, over labelled pairs of questions.
import { differenceOf } from './guard.ts';

export interface Pair {
  one: string;
  other: string;
  /** They ask the same. */
  same: boolean;
}

export interface Calibration {
  threshold: number;
  /** Of the pairs that are called the same, the part that is; 1 where none is. */
  precision: number;
  /** Of the pairs that are the same, the part that is called so. */
  recall: number;
  /** Pairs that are called the same and are not. */
  wrong: Pair[];
}

/**
 * Lines of `question | the same | another | another …`; `#` begins a remark. Or one pair a line: `+` or `-`, a tab, one, a tab, the
 * other.
 */
export function readPairs(text: string): Pair[] {
  const pairs: Pair[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [sign, first, second] = line.split('\t');
    if ((sign === '+' || sign === '-') && first !== undefined && second !== undefined) {
      pairs.push({ one: first.trim(), other: second.trim(), same: sign === '+' });
      continue;
    }
    const [one, same, ...others] = line.split('|').map((part) => part.trim());
    if (one === undefined || same === undefined) continue;
    pairs.push({ one, other: same, same: true });
    for (const other of others) pairs.push({ one, other, same: false });
  }
  return pairs;
}

/**
 * @param vectors of the two questions of each pair, of length 1.
 * @param guarded false: by the vectors alone.
 */
export function calibrate(
  pairs: readonly Pair[],
  vectors: readonly (readonly [Float32Array, Float32Array])[],
  thresholds: readonly number[],
  guarded = true,
): Calibration[] {
  const judged = pairs.map((pair, index) => ({
    pair,
    similarity: cosine(...vectors[index]!),
    apart: guarded && differenceOf(pair.one, pair.other) !== null,
  }));
  const positives = pairs.filter(({ same }) => same).length;
  return thresholds.map((threshold) => {
    const called = judged.filter(({ similarity, apart }) => !apart && similarity >= threshold);
    const right = called.filter(({ pair }) => pair.same).length;
    return {
      threshold,
      precision: called.length === 0 ? 1 : right / called.length,
      recall: positives === 0 ? 1 : right / positives,
      wrong: called.filter(({ pair }) => !pair.same).map(({ pair }) => pair),
    };
  });
}

function cosine(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}
