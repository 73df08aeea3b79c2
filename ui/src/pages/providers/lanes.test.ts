import { expect, test } from 'vitest';
import type { LaneView } from '../../api/cluster.ts';
import { marksOf, stateOf } from './lanes.ts';

const lane: LaneView = {
  provider: 'p',
  paused: false,
  inFlight: 2,
  slots: 4,
  queued: 0,
  queueSlots: 12,
  streams: 1,
  windowMs: 60_000,
  ratePerSecond: 1,
  errorRate: 0,
  p50Ms: 10,
  p95Ms: 20,
  shed: 0,
  keys: [{ alias: 'a', up: 1, resting: [] }],
  cooling: [],
  circuits: [],
};
const open = [{ model: 'm', state: 'open', since: 0 }];

test.each([
  [{}, 'flows'],
  [{ paused: true, shed: 3 }, 'paused'],
  [{ keys: [{ alias: 'a', up: 0, resting: [] }] }, 'blocked'],
  [{ errorRate: 0.95 }, 'blocked'],
  [{ circuits: open, inFlight: 0 }, 'blocked'],
  [{ circuits: open }, 'resting'],
  [{ shed: 1 }, 'full'],
  [{ queued: 1, inFlight: 4 }, 'full'],
  [{ queued: 1 }, 'flows'],
  [{ cooling: [{ model: 'm', forMs: 1, stated: true }] }, 'resting'],
] as const)('%j: %s', (more, state) => {
  expect(stateOf({ ...lane, ...more })).toBe(state);
});

test('what is wrong is said, the gravest first', () => {
  expect(marksOf(lane)).toEqual([]);
  expect(
    marksOf({
      ...lane,
      errorRate: 0.5,
      circuits: open,
      keys: [
        { alias: 'a', up: 0, resting: [] },
        { alias: 'b', up: 1, resting: [{ model: 'm', forMs: 5_000, limited: true }] },
      ],
    }),
  ).toEqual(['breaker of m is open', '1 of 2 keys rest', '50 % fail', 'key b rests for m, 5 s (limited)']);
});
