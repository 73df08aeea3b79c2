import { expect, it } from 'vitest';
import type { Standing } from '../../src/contracts/standing.ts';
import { standingView } from './standing-view.ts';

const START = Date.UTC(2026, 10, 1);
const END = Date.UTC(2026, 11, 1);
const budget = {
  amountNano: 100e9,
  window: '1M',
  align: 'calendar',
  timezone: 'UTC',
  anchorMs: 0,
  softAt: 0.5,
  override: null,
} as const;
const one = (change: Partial<Standing>): Standing => ({
  name: 'team.budget',
  dimension: 'cost',
  per: ['team'],
  match: { key: null, model: null, provider: null, team: 'red' },
  owner: 'team red',
  limit: 100e9,
  remaining: 40e9,
  spent: 60e9,
  resetMs: 0,
  periodMs: 0,
  startMs: START,
  endMs: END,
  budget,
  ...change,
});

it('a budget is told in dollars, with what its window comes to if it goes on like that', () => {
  const view = (change: Partial<Standing>, days: number) =>
    standingView([one(change)], START + days * 86_400_000).budgets[0] as Record<string, unknown>;
  expect(view({}, 10)).toMatchObject({
    name: 'team',
    match: { team: 'red' },
    amountUsd: 100,
    spentUsd: 60,
    remainingUsd: 40,
    spentNano: 60e9,
    soft: true,
    startsAt: '2026-11-01T00:00:00.000Z',
    resetsAt: '2026-12-01T00:00:00.000Z',
    forecastUsd: 180,
  });
  expect(Date.parse(String(view({}, 10)['exhaustedAt']))).toBeCloseTo(START + (100 / 6) * 86_400_000, -3);
  expect(view({ remaining: 90e9, spent: 10e9 }, 10)).toMatchObject({
    soft: false,
    forecastUsd: 30,
    exhaustedAt: null,
  });
  // Nothing spent yet, spent beyond the amount, and a window that never ends.
  expect(view({ remaining: 100e9, spent: 0 }, 0)).toMatchObject({
    spentUsd: 0,
    forecastUsd: null,
    exhaustedAt: null,
  });
  expect(view({ remaining: 0, spent: 100e9 }, 10)).toMatchObject({
    spentUsd: 100,
    exhaustedAt: '2026-11-11T00:00:00.000Z',
  });
  expect(view({ startMs: 0, endMs: 0 }, 10)).toMatchObject({
    resetsAt: null,
    forecastUsd: null,
    exhaustedAt: null,
  });
});

it('what is set aside or leased is no spending, and is told apart where it is known', () => {
  const view = (change: Partial<Standing>) =>
    standingView([one(change)], START + 86_400_000).budgets[0] as Record<string, unknown>;
  expect(view({ remaining: 98e9, spent: 1e9 })).toMatchObject({
    spentNano: 1e9,
    reservedNano: 1e9,
    remainingNano: 98e9,
    reservedUsd: 1,
    soft: false,
  });
  // A stream of unknown length passed what was there: that is said, too.
  expect(view({ remaining: 0, spent: 101e9 })).toMatchObject({
    spentUsd: 101,
    reservedUsd: 0,
    remainingUsd: 0,
  });
  expect(view({ remaining: 98e9, spent: null })).toMatchObject({
    spentNano: 2e9,
    reservedNano: null,
    reservedUsd: null,
  });
});
