// What a lane's numbers mean, in one word, and what is wrong with it.
import type { LaneView } from '../../api/cluster.ts';
import { span } from '../../format/time.ts';

export type LaneState = 'flows' | 'full' | 'resting' | 'blocked' | 'paused';

/** Failed attempts from which a lane counts as blocked, though its keys are good. */
const BLOCKED_RATE = 0.9;

export function stateOf(lane: LaneView): LaneState {
  if (lane.paused) return 'paused';
  const dead = lane.keys.length > 0 && lane.keys.every(({ up }) => up === 0);
  const open = (lane.circuits ?? []).some(({ state }) => state === 'open');
  if (dead || (open && lane.inFlight === 0) || (lane.errorRate ?? 0) >= BLOCKED_RATE) return 'blocked';
  if (lane.shed > 0 || (lane.queued > 0 && lane.inFlight >= lane.slots)) return 'full';
  if (open || lane.cooling.length > 0 || lane.keys.some(({ up, resting }) => up < 1 || resting.length > 0))
    return 'resting';
  return 'flows';
}

/** In words, the gravest first. */
export function marksOf(lane: LaneView): string[] {
  const down = lane.keys.filter(({ up }) => up === 0);
  const rests = lane.keys.flatMap(({ alias, resting }) =>
    resting.map(
      ({ model, forMs, limited }) =>
        `key ${alias} rests for ${model}, ${span(forMs)} (${limited ? 'limited' : 'refused'})`,
    ),
  );
  return [
    ...(lane.circuits ?? []).map(({ model, state }) => `breaker of ${model} is ${state}`),
    ...(down.length === 0
      ? []
      : [
          down.length === lane.keys.length
            ? 'no key is usable'
            : `${down.length} of ${lane.keys.length} keys rest`,
        ]),
    ...(lane.errorRate !== null && lane.errorRate >= 0.05
      ? [`${Math.round(lane.errorRate * 100)} % fail`]
      : []),
    ...(lane.shed > 0 ? [`${lane.shed} shed`] : []),
    ...lane.cooling.map(({ model, forMs }) => `${model} cools down, ${span(forMs)}`),
    ...rests,
  ];
}
