import { expect, it } from 'vitest';
import type { BudgetAlert } from '../../src/contracts/budget.ts';
import { createAlerts } from './alerts.ts';

it('says that a budget is used up only where all of it is spent', () => {
  const lines: [data: Record<string, unknown>, words: string][] = [];
  const counted: string[] = [];
  const none = (): void => undefined;
  const alerts = createAlerts(
    { inc: (name: string, labels: string[]) => counted.push([name, ...labels].join(' ')) } as never, // all that is used of it
    { now: () => 0, wall: () => 0 },
    {
      warn: (data: Record<string, unknown>, words: string) => lines.push([data, words]),
      info: none,
    } as never, // likewise
  );
  const alert: BudgetAlert = {
    ...{ id: 'a', budget: 'a-1d', owner: 'key a', window: '1d', amountNano: 10_000_000, endsAtMs: 0 },
    ...{ mark: 'hard', atMs: 0, spentNano: 5_000_000, reservedNano: 1_000_000, refused: 1 },
  };
  alerts.tell(alert);
  alerts.tell({ ...alert, spentNano: 10_000_000, reservedNano: 0 });
  alerts.tell({ ...alert, mark: 'soft', reservedNano: null });
  expect(lines.map(([, words]) => words.replace(/: what is.*/, ''))).toEqual([
    'budget: calls are refused',
    'budget: used up',
    'budget: soft mark passed',
  ]);
  expect(lines.map(([{ spentUsd, reservedUsd, reason }]) => [spentUsd, reservedUsd, reason])).toEqual([
    ['0.005', '0.001', 'refused'],
    ['0.01', '0', 'spent'],
    ['0.005', null, 'spent'],
  ]);
  expect(counted.filter((one) => one.endsWith('a-1d hard'))).toHaveLength(2);
});
