import { expect, it } from 'vitest';
import { ownRules } from './own-rules.ts';

it('are named by the id of their key, which counters are kept by, and count for its name', () => {
  const rules = ownRules({
    name: 'app one',
    id: 'key_1',
    own: {
      version: 3,
      limits: [{ requests: '600/min', tokens: '10/s', burst: 5 }, { concurrent: 2 }],
      budgets: [
        { amountUsd: 5, window: '1d' },
        { amountUsd: 50 },
        { amountUsd: 9, window: '1d', softAt: 0.5 },
      ],
      creditNano: 2_000_000,
    },
  });
  expect(rules.map(({ name, dimension, limit }) => [name, dimension, limit])).toEqual([
    ['key_1.requests', 'requests', 600],
    ['key_1.tokens', 'tokens', 10],
    ['key_1-2.concurrent', 'concurrent', 2],
    ['key_1-1d.budget', 'cost', 5e9],
    ['key_1-1M.budget', 'cost', 50e9],
    ['key_1-1d-2.budget', 'cost', 9e9],
    ['key_1-credit.budget', 'cost', 2e6],
  ]);
  for (const rule of rules)
    expect(rule).toMatchObject({ version: 3, per: ['key'], match: { key: 'app one', model: null } });
  expect(rules[0]).toMatchObject({ burst: 5, periodMs: 60_000, spacingMs: 100 });
  // A burst is of requests where an entry has both.
  expect(rules[1]!.burst).toBe(1);
  expect(rules[5]!.budget).toMatchObject({ softAt: 0.5, align: 'calendar', timezone: 'UTC', override: null });
  expect(rules[6]!.budget).toMatchObject({ window: 'never' });
});

it('are none for who has none, and the same list for all of those', () => {
  expect(ownRules({ name: 'a' })).toEqual([]);
  expect(ownRules({ name: 'a' })).toBe(ownRules({ name: 'b', id: 'key_2' }));
});

it('have the times of a budget as the entry says them', () => {
  const [rule] = ownRules({
    name: 'a',
    own: {
      version: 1,
      budgets: [
        {
          ...{ amountUsd: 1, window: '1w', align: 'rolling', anchor: '2026-01-02T00:00:00Z' },
          override: { amountUsd: 3, from: '2026-03-01T00:00:00Z', windows: 2 },
        },
      ],
    },
  });
  expect(rule!.budget).toMatchObject({
    ...{ align: 'rolling', anchorMs: Date.UTC(2026, 0, 2) },
    override: { amountNano: 3e9, fromMs: Date.UTC(2026, 2, 1), windows: 2 },
  });
});
