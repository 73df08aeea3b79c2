// What sharing calls out adds to one: a served call over three targets in their order, and by two choices on latency, errors and calls
// under way (`adaptive`), in turns, in one process. Read beside what a call costs in all (25 us and more, `npm run bench -- cpu`).
// `node bench/micro/balance.ts`
import type { BalanceAsk } from '../../src/contracts/balance.ts';
import type { Plan, Target } from '../../src/contracts/plan.ts';
import { LoadMeter } from '../../src/routing/balance/load-meter.ts';
import { createTwoChoices } from '../../src/routing/balance/ranked.ts';
import { Course } from '../../src/routing/course.ts';
import { planOf } from '../../src/routing/plan-tiers.ts';
import { measure, summarise } from './measure.ts';

const ROUNDS = 41;

/** Three of them, warm. */
const targets = (load: boolean): Target[] =>
  ['a', 'b', 'c'].map(
    (name) =>
      ({
        ...{ model: 'm', label: `${name}/m`, weight: 1, provider: { name } },
        ...{ cell: { leftMs: () => 0 }, load: load ? new LoadMeter() : undefined },
      }) as unknown as Target, // all that is looked at
  );
const ask: BalanceAsk = { nowMs: () => performance.now(), random: Math.random, affinity: () => 0 };
const none = (): void => undefined;

/** What a call does with a plan, from its first look to its last byte. */
function serve(plan: Plan): number {
  const target = new Course(plan, ask).next(none);
  const now = performance.now();
  const { load } = target;
  load?.began(now);
  load?.served(now, 12);
  load?.spent(now, 100);
  load?.ended();
  return target.weight;
}

const inOrder = planOf('m', [{ targets: targets(false), balancer: null }]);
const shared = targets(true);
const adaptive = planOf('m', [{ targets: shared, balancer: createTwoChoices(shared) }]);
const found = { order: [] as number[], adaptive: [] as number[] };
for (let round = 0; round < ROUNDS; round++)
  for (const [name, plan] of [
    ['order', inOrder],
    ['adaptive', adaptive],
  ] as const)
    found[name].push(measure(() => serve(plan), { rounds: 1, roundMs: 20 }).medianNs);

for (const [name, ns] of Object.entries(found)) {
  const { medianNs, minNs, maxNs } = summarise(ns);
  console.log(
    `${name.padEnd(9)} ${medianNs.toFixed(0)} ns a call (${minNs.toFixed(0)} to ${maxNs.toFixed(0)})`,
  );
}
const added = summarise(found.adaptive.map((ns, at) => ns - found.order[at]!)).medianNs;
console.log(`adaptive adds ${added.toFixed(0)} ns, ${(added / 250).toFixed(2)} % of 25 us`);
