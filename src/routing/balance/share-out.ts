// Choices that share calls out exactly, whatever became of the calls before: by weight, and in turn.
import type { Balancer } from '../../contracts/balance.ts';
import type { Target } from '../../contracts/plan.ts';

/** The chosen one first, the others behind it as they are listed. */
export function firstThenListed(targets: readonly Target[], first: number): readonly Target[] {
  if (first === 0) return targets;
  const order = [targets[first]!];
  for (let at = 0; at < targets.length; at++) if (at !== first) order.push(targets[at]!);
  return order;
}

/**
 * Smooth weighted round-robin (nginx's): each call adds every weight to its target's credit, the highest credit is chosen
 * and pays the sum. Exact over any run of `sum of weights` calls, on each worker, so over all of them too: each is off by less than a
 * call. Where a worker begins differs, so that few calls over many workers do not all go to the heaviest.
 *
 * @param start of this worker: its number.
 */
export function createWeighted(targets: readonly Target[], start = 0): Balancer<Target> {
  const weights = targets.map(({ weight }) => weight);
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const credit = weights.map(() => 0);
  const next = (): number => {
    let best = 0;
    for (let at = 0; at < credit.length; at++) {
      credit[at]! += weights[at]!;
      if (credit[at]! > credit[best]!) best = at;
    }
    credit[best]! -= sum;
    return best;
  };
  // Of the round's beginnings those of all workers are spread evenly (the golden ratio).
  for (let steps = Math.floor(((start * GOLDEN) % 1) * ROUND); steps > 0; steps--) next();
  return { order: () => firstThenListed(targets, next()) };
}

const GOLDEN = 0.618_033_988_749_895;
/** Calls that any weights in use have come round in, or nearly. */
const ROUND = 1_000;

/** @param start where this worker begins, so that all of them do not begin with the same. */
export function createRoundRobin(targets: readonly Target[], start: number): Balancer<Target> {
  let next = start % targets.length;
  return {
    order() {
      const first = next;
      next = (next + 1) % targets.length;
      return first === 0 ? targets : [...targets.slice(first), ...targets.slice(0, first)];
    },
  };
}
