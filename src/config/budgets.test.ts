import { describe, expect, it } from 'vitest';
import { buildLimits } from './rate-limits.ts';
import type { BuildContext } from './build-context.ts';
import type { FileConfig } from './schema/schema.ts';

function built(file: unknown, keys: readonly string[] = []) {
  const reported: string[] = [];
  const context = {
    report: (path: readonly unknown[], text: string) => void reported.push(`${path.join('.')}: ${text}`),
  } as unknown as BuildContext; // nothing else is asked of it
  const holders = keys.map((name) => ({ name, value: `sk-${name}` }));
  const rules = buildLimits(file as FileConfig, holders, context);
  return { rules, reported };
}

describe('budgets of the file', () => {
  it('are rules that count what calls cost, called after what they are for', () => {
    const { rules, reported } = built(
      {
        budgets: [
          { per: 'key', amountUsd: 1, window: '1d' },
          { per: ['key', 'model'], amountUsd: 0.2, window: '1h', align: 'rolling' },
          { per: 'gateway', amountUsd: 900, window: '1d', timezone: 'Europe/Berlin' },
          { per: 'key', amountUsd: 2, window: '1d', match: { model: 'gpt-*' } },
        ],
        auth: { keys: [{ name: 'team-a', value: 'x', budgets: [{ amountUsd: 50, window: '1M' }] }] },
        teams: { red: { budgets: [{ amountUsd: 7 }] } },
        customers: { acme: { budgets: [{ amountUsd: 3, window: 'never' }] } },
      },
      ['team-a'],
    );
    expect(reported).toEqual([]);
    expect(rules.map(({ name, limit, per }) => [name, limit, per])).toEqual([
      ['key-1d.budget', 1e9, ['key']],
      ['key-model-1h.budget', 2e8, ['key', 'model']],
      ['gateway-1d.budget', 9e11, []],
      ['key-1d-2.budget', 2e9, ['key']],
      ['team-a-1M.budget', 5e10, ['key']],
      ['team-red-1M.budget', 7e9, ['team']],
      ['customer-acme-never.budget', 3e9, ['customer']],
    ]);
    expect(rules.every(({ dimension }) => dimension === 'cost')).toBe(true);
    expect(rules[2]!.budget).toMatchObject({ timezone: 'Europe/Berlin', align: 'calendar', softAt: 0.8 });
  });

  it('tell of what cannot be', () => {
    const { reported } = built({
      budgets: [
        { amountUsd: 1, timezone: 'Mars/Base' },
        { amountUsd: 1, align: 'rolling', anchor: '2026-02-31T99:00:00Z' },
        { amountUsd: 1, override: { amountUsd: 2, windows: 3 } },
        { amountUsd: 1, per: ['gateway', 'key'] },
      ],
    });
    expect(reported).toEqual([
      'budgets.0.timezone: there is no such time zone',
      'budgets.1.anchor: there is no such day or time',
      'budgets.2.override.windows: from when on? State `from` as well',
      'budgets.3.per: `gateway` stands alone: it is one count for all',
    ]);
  });
});
