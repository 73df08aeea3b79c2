// For tests: what points come to.
import type { StatPoint, StatSums } from '../../contracts/log-store.ts';
import { Tally } from './tally.ts';

export function tallyOf(points: readonly StatPoint[]): Tally {
  const tally = new Tally();
  for (const { cell } of points) tally.add(cell);
  return tally;
}

export const sumOf = (points: readonly StatPoint[], name: keyof StatSums): number =>
  tallyOf(points).sum(name);
