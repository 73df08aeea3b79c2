// Arithmetic over rounds: what several runs of one thing say together. A round that does not count is null, never a number.
import type { Measurement } from '../contract.ts';

/** One value a round, in order; null where the round is void. */
export type Rounds = readonly (number | null)[];

/** The middle value, or the mean of the two in the middle; null of nothing. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? null;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function counted(rounds: Rounds): number[] {
  return rounds.filter((value) => value !== null);
}

/** Round by round, so that what disturbed both cancels out; null where either is void. */
export function paired(a: Rounds, b: Rounds, combine: (a: number, b: number) => number): Rounds {
  return a.map((left, round) => {
    const right = b[round] ?? null;
    return left === null || right === null ? null : combine(left, right);
  });
}

export const difference = (a: Rounds, b: Rounds): Rounds => paired(a, b, (left, right) => left - right);

/** Null where the yardstick is 0: a ratio to nothing says nothing. */
export const ratio = (a: Rounds, b: Rounds): Rounds =>
  paired(a, b, (left, right) => left / right).map((value) =>
    value !== null && Number.isFinite(value) ? value : null,
  );

/**
 * @param remark why rounds do not count, or what must be known
 */
export function measurement(target: string, metric: string, rounds: Rounds, remark?: string): Measurement {
  const values = counted(rounds);
  const value = median(values);
  const lost = rounds.length - values.length;
  const why =
    lost > 0 && values.length > 0
      ? [`${lost} of ${rounds.length} rounds void`, remark].filter(Boolean).join(': ')
      : remark;
  return { target, metric, value, rounds: values, ...(why !== undefined && why !== '' && { remark: why }) };
}

/** Of a thing measured once. */
export function single(
  target: string,
  metric: string,
  value: number | null,
  remark?: string | null,
): Measurement {
  return measurement(target, metric, [value], remark ?? undefined);
}
