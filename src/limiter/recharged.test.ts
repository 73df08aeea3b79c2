import { expect, it } from 'vitest';
import type { BudgetSpec } from '../contracts/budget.ts';
import type { LimitRule, LimitScope } from '../contracts/limits.ts';
import type { Recharge } from '../contracts/recharge.ts';
import { BudgetWindows } from './budget-windows.ts';
import { rechargedBuckets } from './recharged.ts';

const NOW = Date.UTC(2026, 10, 29, 12);
const DAY = 86_400_000;

function rule(per: LimitScope[], window: string, match: Partial<LimitRule['match']> = {}): LimitRule {
  const budget: BudgetSpec = {
    ...{ amountNano: 1e9, window, align: 'calendar', timezone: 'UTC', anchorMs: 0, softAt: 0.8 },
    override: null,
  };
  const none = { key: null, model: null, provider: null };
  const name = `${per.join('-') || 'all'}${Object.values(match).join('')}-${window}.budget`;
  const numbers = { limit: 1e9, periodMs: 0, burst: 0, spacingMs: 0 };
  return { name, dimension: 'cost', per, match: { ...none, ...match }, ...numbers, budget };
}
const charge = (changes: Partial<Recharge> = {}): Recharge => ({
  ...{ at: NOW - 1_000, key: 'app', organization: '', team: 'red', user: '', customer: 'acme', project: '' },
  ...{ tags: ['a', 'b'], model: 'fast', provider: 'openai', nano: 100, countedHeaders: [] },
  ...changes,
});
const found = (rules: LimitRule[], charges: Recharge[]): Record<string, number> =>
  Object.fromEntries(
    rechargedBuckets({ ofConfig: rules, ofKeys: new Map() }, charges, new BudgetWindows(() => NOW), 3).map(
      ({ bucket, nano }) => [bucket.id.replace(/~[\w-]+/, '~'), nano],
    ),
  );

it('finds the counters that count such calls, of each window that the charge lies in', () => {
  const rules = [
    rule([], '1d'),
    rule(['key', 'model'], '1d'),
    rule(['team'], 'never'),
    rule(['user'], '1d'),
    rule(['tag'], '1d'),
    rule(['customer'], '1d'),
    rule(['provider'], '1d'),
    rule([], '1d', { key: 'other' }),
    rule([], '1d', { customer: 'ac*' }),
    rule([], '1d', { model: 'slow' }),
    rule([], '1d', { provider: 'openai' }),
    rule(['header:x-app'], '1d'),
  ];
  const ids = Object.keys(found(rules, [charge()])).map((id) => id.replace(/@[^|]*/, ''));
  expect(ids.sort()).toEqual(
    [
      'all-1d.budget',
      'key-model-1d.budget|app|fast',
      'team-never.budget|red',
      'tag-1d.budget|a',
      'tag-1d.budget|b',
      'customer-1d.budget|~',
      'provider-1d.budget|openai',
      'allac*-1d.budget',
      'allopenai-1d.budget',
    ].sort(),
  );
});

it('adds up, and leaves out windows that are over, and what comes to nothing', () => {
  const rules = [rule(['key'], '1d'), rule(['key'], '1M'), rule(['team'], '1d')];
  const charges = [
    charge({ nano: 70 }),
    charge({ nano: -30 }),
    charge({ nano: 5, at: NOW - DAY }),
    charge({ nano: 9, key: 'two', team: 'blue' }),
    charge({ nano: -9, key: 'two', team: 'blue' }),
  ];
  const counters = Object.entries(found(rules, charges)).map(([id, nano]) => [
    id.replace(/@[^|]*/, ''),
    nano,
  ]);
  expect(counters.sort()).toEqual([
    ['key-1M.budget|app', 45],
    ['key-1d.budget|app', 40],
    ['team-1d.budget|red', 40],
  ]);
});

it('finds counters by a header where the charge knows what its call carried', () => {
  const rules = [rule(['header:x-app'], '1d'), rule(['header:x-other', 'key'], '1d')];
  const carried = charge({ countedHeaders: [['x-app', '~abc']] });
  // As a job has it that another version began.
  const { countedHeaders: _, ...older } = charge();
  expect(Object.keys(found(rules, [carried, charge(), older])).map((id) => id.replace(/@[^|]*/, ''))).toEqual(
    ['header:x-app-1d.budget|~'],
  );
});

it('finds those that come with keys, each for its own key, and of no rate', () => {
  const ofKeys = new Map(
    ['app', 'other'].map((key) => {
      const own: LimitRule = { ...rule(['key'], '1d', { key }), name: `${key}.budget`, version: 7 };
      return [key, [own, { ...own, dimension: 'requests', name: `${key}.requests`, budget: undefined }]];
    }),
  ) as ReadonlyMap<string, LimitRule[]>;
  const made = rechargedBuckets(
    { ofConfig: [], ofKeys },
    [charge(), charge({ key: 'third' })],
    new BudgetWindows(() => NOW),
    3,
  );
  expect(made).toMatchObject([{ bucket: { version: 7, rule: { name: 'app.budget' } }, nano: 100 }]);
});
