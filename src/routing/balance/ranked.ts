// Choices by what is known of each target: the least of a score first, and the others in its order behind it.
import type { Balancer, TargetLoad } from '../../contracts/balance.ts';
import type { Target } from '../../contracts/plan.ts';

/** Smaller is better. */
export type Score = (target: Target, load: TargetLoad, nowMs: number) => number;

/** Calls under way for each weight. */
export const busy: Score = ({ weight }, load, nowMs) => load.pressure(nowMs) / weight;

/** What a target that has only failed so far is taken for, ms: nobody knows, so it is not preferred. */
const NEVER_ANSWERED_MS = 10_000;

/** Until an answer is good: its time, and that of the failures before it. */
function expected(load: TargetLoad, nowMs: number, errors: number): number {
  const known = load.latencyMs(nowMs);
  const timeMs = known === 0 && errors > 0 ? NEVER_ANSWERED_MS * errors : known;
  return timeMs / Math.max(0.01, 1 - errors);
}

/** One that nobody has asked yet is asked. Failing fast is not being fast. */
export const latency: Score = (_, load, nowMs) => {
  const errors = load.errorRate(nowMs);
  return expected(load, nowMs, errors) + (errors > 0.5 ? 1e6 * errors : 0);
};

/**
 * The fuller of both windows, for each weight: weights stand for what each target may have a minute. Of what others use there only what is
 * under way is known, and only where the server says it: so many requests more.
 */
export const usage: Score = ({ weight }, load, nowMs) => {
  const others = load.pressure(nowMs) - load.inFlight;
  return (load.requests(nowMs) + others + load.tokens(nowMs) / 1_000) / weight;
};

/** Latency x errors x load (power of two choices compares two of it). */
export const adaptive: Score = ({ weight }, load, nowMs) => {
  const errors = load.errorRate(nowMs);
  const failing = 1 + 20 * errors * errors;
  return ((expected(load, nowMs, errors) + 1) * (load.pressure(nowMs) + 1) * failing) / weight;
};

/** When each target was last first, as a count: of equals the one that waited longest goes before. */
type Turns = Map<Target, number>;

function ranked(targets: readonly Target[], score: Score, nowMs: number, turns: Turns): readonly Target[] {
  const scored = targets.map((target) => ({
    target,
    score: score(target, target.load!, nowMs),
    turn: turns.get(target) ?? -1,
  }));
  scored.sort((one, other) => one.score - other.score || one.turn - other.turn);
  return scored.map(({ target }) => target);
}

export function createRanked(targets: readonly Target[], score: Score): Balancer<Target> {
  const turns: Turns = new Map();
  let calls = 0;
  return {
    order(ask) {
      const order = ranked(targets, score, ask.nowMs(), turns);
      turns.set(order[0]!, calls++);
      return order;
    },
  };
}

/** In place and by insertion: there are a few of them, and each call asks. Equals stay in the order of the targets. */
function firstAndRest(targets: readonly Target[], scores: Float64Array, first: number): readonly Target[] {
  const order = [targets[first]!];
  const places = [first];
  for (let at = 0; at < targets.length; at++) {
    if (at === first) continue;
    let to = order.length;
    while (to > 1 && scores[places[to - 1]!]! > scores[at]!) {
      order[to] = order[to - 1]!;
      places[to] = places[to - 1]!;
      to--;
    }
    order[to] = targets[at]!;
    places[to] = at;
  }
  return order;
}

/**
 * Power of two choices: two at random, the better one. Workers that know little of each other do not all run to the same
 * target, as they would to the best (Mitzenmacher 2001).
 */
export function createTwoChoices(targets: readonly Target[], score: Score = adaptive): Balancer<Target> {
  const count = targets.length;
  const scores = new Float64Array(count);
  return {
    order(ask) {
      const one = Math.floor(ask.random() * count);
      let other = Math.floor(ask.random() * (count - 1));
      if (other >= one) other++;
      const nowMs = ask.nowMs();
      for (let at = 0; at < count; at++) scores[at] = score(targets[at]!, targets[at]!.load!, nowMs);
      const first = scores[one]! <= scores[other]! ? one : other;
      return firstAndRest(targets, scores, first);
    },
  };
}

/** The cheapest first, decided once; one without a known price comes last. Equals take turns. */
export function createCheapest(
  targets: readonly Target[],
  costOf: (target: Target) => number | null,
): Balancer<Target> {
  const costs = new Map(targets.map((target) => [target, costOf(target) ?? Number.POSITIVE_INFINITY]));
  return createRanked(targets, (target) => costs.get(target)!);
}
