import { expect, it } from 'vitest';
import { budgetsIn, budgetText } from './budget-text.ts';

it.each([
  ['50/1M', [{ amountUsd: 50, window: '1M' }]],
  [
    '50/1M, 0.5/1d',
    [
      { amountUsd: 50, window: '1M' },
      { amountUsd: 0.5, window: '1d' },
    ],
  ],
])('%s is read and shown', (text, budgets) => {
  expect(budgetsIn(text)).toEqual(budgets);
  expect(budgetText(budgets)).toBe(text);
});

it('what says more is JSON, and comes back whole', () => {
  const budgets = [{ amountUsd: 5, window: '1d', timezone: 'Europe/Berlin' }];
  expect(budgetsIn(budgetText(budgets))).toEqual(budgets);
});

it('a month and dollars are meant where nothing else is said', () => {
  expect(budgetsIn('$20')).toEqual([{ amountUsd: 20, window: '1M' }]);
  expect(budgetText(undefined)).toBe('');
});
