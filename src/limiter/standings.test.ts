// How budgets stand is told with the amounts that hold now, also before anybody calls under them.
import { expect, it } from 'vitest';
import { LimitBooks } from '../../tests/kit/limit-books.ts';
import type { LimitRule } from '../contracts/limits.ts';
import { bucketId } from '../limits/bucket-id.ts';
import { BudgetWindows } from './budget-windows.ts';
import { standingsOf } from './standings.ts';

const NOON = Date.UTC(2026, 10, 29, 12);
const budget = (usd: number, version?: number): LimitRule => ({
  ...{ name: 'app-1M', dimension: 'cost', per: ['key'], match: { key: 'app', model: null, provider: null } },
  ...{ limit: usd * 1e9, periodMs: 0, spacingMs: 0, burst: 0 },
  ...(version === undefined ? {} : { version }),
  budget: {
    ...{ amountNano: usd * 1e9, window: '1M', align: 'calendar', timezone: 'UTC', anchorMs: 0 },
    ...{ softAt: 0.8, override: null },
  },
});

it.each([false, true])('an amount that changes leaves what was spent (a key’s own: %s)', async (own) => {
  const authority = new LimitBooks();
  const windows = new BudgetWindows(() => NOON);
  let asked = 0;
  const look = async (usd: number, version: number): Promise<{ spent: number; limit: number }> => {
    const rule = own ? budget(usd, version) : budget(usd);
    const books = { windows, version: own ? 0 : version, authority, token: () => `t${asked++}` };
    const [standing] = await standingsOf([rule], null, books);
    return { spent: standing!.limit - standing!.remaining, limit: standing!.limit };
  };
  // As a call does it.
  const { name, rule } = windows.at(budget(0.001), NOON);
  const bucket = { id: bucketId(name, ['app']), rule, version: 1 };
  await authority.ask([{ bucket, need: 120_000, want: 120_000 }], 'call');
  expect(await look(0.001, 1)).toEqual({ spent: 120_000, limit: 1e6 });
  expect(await look(1, 2)).toEqual({ spent: 120_000, limit: 1e9 });
  expect(await look(0.0005, 3)).toEqual({ spent: 120_000, limit: 5e5 });
});
