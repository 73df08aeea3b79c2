import { describe, expect, it } from 'vitest';
import type { MeterPace } from '../../limits/meter.ts';
import { LocalLimits } from './local-limits.ts';

const PACE: MeterPace = { spacingUs: 1_000_000, spacingFrac: 0, burst: 10 };
const NOW = 1_000_000;
const left = (limits: LocalLimits, key: string, pace = PACE, now = NOW): number =>
  limits.standing(key, pace, 1, 1, now).left;

describe('limits of this process alone', () => {
  it('a client that sends a new name with each call clears the count of nobody', () => {
    const limits = new LocalLimits(1_000);
    const victims = ['{h}:r:keys|team', '{h}:r:users|team|~victim', '{h}:r:gateway'];
    for (const key of victims) limits.take(key, PACE, 10, 1, true, NOW);
    for (let at = 0; at < 20_000; at++) {
      limits.heard(`{h}:r:users|team|~${at}`, PACE, 1_000_000, NOW);
      limits.take(`{h}:r:users|team|~${at}`, PACE, 1, 1, true, NOW);
    }
    expect(limits.size).toBeLessThanOrEqual(1_000);
    for (const key of victims) expect(left(limits, key), key).toBe(0);
    const owed = limits.settle(NOW).filter(({ key }) => victims.includes(key));
    expect(owed.map(({ own }) => own)).toEqual([10, 10, 10]);
  });

  it('a reload keeps what was used in units', () => {
    const limits = new LocalLimits(10);
    const day: MeterPace = { ...PACE, spacingUs: 86_400_000 };
    limits.take('r', day, 7, 1, true, NOW);
    expect(left(limits, 'r', PACE)).toBe(3);
    expect(limits.settle(NOW)).toEqual([{ key: 'r', pace: PACE, debtUs: 7_000_000, restUs: 0, own: 7 }]);
  });
});
