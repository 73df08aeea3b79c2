import { expect, it } from 'vitest';
import type { RechargedCounters } from '../../src/contracts/ipc.ts';
import { createRecharges } from './recharges.ts';

const row = ['b', 'cost', 1e9, 0, 0, 1] as const;

it('changes each counter once, however often it is asked with one token', async () => {
  const changed: RechargedCounters[] = [];
  let looks = 0;
  let away = true;
  const recharge = createRecharges({
    async look() {
      looks++;
      if (away) throw new Error('no worker serves at the moment');
      return [[row, 5]];
    },
    ownOf: () => [],
    correct: (rows) => void changed.push(rows),
  });
  await expect(recharge('j 1', [])).rejects.toThrow('no worker');
  away = false;
  expect(await Promise.all([recharge('j 1', []), recharge('j 1', [])])).toEqual([null, null]);
  expect(await recharge('j 1', [])).toBeNull();
  await recharge('j 2', []);
  expect(changed).toEqual([[[row, 5]], [[row, 5]]]);
  expect(looks).toBe(3);
});

it('sends along what the keys of its charges have of their own', async () => {
  const own = { name: 'app', id: 'key_1', own: { version: 2, budgets: [{ amountUsd: 1 }] } };
  const asked: unknown[] = [];
  const recharge = createRecharges({
    async look(what) {
      asked.push(what);
      return [];
    },
    ownOf: (names) => (names.has('app') ? [own] : []),
    correct: () => undefined,
  });
  const charge = {
    ...{ at: 1, key: 'app', organization: '', team: '', user: '', customer: '', project: '', tags: [] },
    ...{ model: 'm', provider: 'p', nano: 5 },
  };
  await recharge('j 1', [charge]);
  expect(asked).toEqual([{ do: 'recharge', charges: [charge], own: [own] }]);
});
