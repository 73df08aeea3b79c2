// Headgate beside the best of the other gateways; nginx, haproxy and the bare loop are yardsticks and do not count.
import type { Measurement } from '../contract.ts';
import { single } from './rounds.ts';
import { HEADGATE, YARDSTICKS } from './targets.ts';

/** @returns nothing when no other gateway was measured. */
export function cheapest(costs: readonly Measurement[], metric: string): Measurement[] {
  const own = costs.find(({ target }) => target === HEADGATE)?.value ?? null;
  let best: { target: string; value: number } | null = null;
  for (const { target, value } of costs) {
    if (target === HEADGATE || YARDSTICKS.has(target) || value === null) continue;
    if (best === null || value < best.value) best = { target, value };
  }
  if (own === null || best === null) return [];
  return [single(HEADGATE, metric, own / best.value, `to ${best.target}`)];
}
