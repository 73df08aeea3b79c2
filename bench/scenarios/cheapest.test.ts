import { expect, test } from 'vitest';
import { cheapest } from './cheapest.ts';
import { single } from './rounds.ts';

const cost = (target: string, value: number | null) => single(target, 'cost', value);

test('the cheapest other gateway is the yardstick; proxies, the bare loop and void ones are not', () => {
  const costs = [
    cost('headgate', 30),
    cost('nginx', 15),
    cost('haproxy', 14),
    cost('bare', 25),
    cost('agentgateway', 75),
    cost('gomodel', 300),
    cost('bifrost', null),
  ];
  expect(cheapest(costs, 'x')).toEqual([
    { target: 'headgate', metric: 'x', value: 0.4, rounds: [0.4], remark: 'to agentgateway' },
  ]);
});
test('without another gateway, or without our own number, there is no ratio', () => {
  expect(cheapest([cost('headgate', 30), cost('nginx', 15)], 'x')).toEqual([]);
  expect(cheapest([cost('headgate', null), cost('portkey', 900)], 'x')).toEqual([]);
});
