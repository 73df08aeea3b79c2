import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderBag } from '../contracts/headers.ts';
import type { LimitAuthority, LimitRule } from '../contracts/limits.ts';
import { paceOf } from '../limits/pace.ts';
import { rulesOfCall } from '../limits/rule-match.ts';
import { BucketStore } from './bucket-store.ts';
import { LimitPlan } from './limit-plan.ts';
import { RulesByKey } from './rules-by-key.ts';

const rule = (name: string, key: string | null, model: string | null = null): LimitRule => ({
  name,
  dimension: 'requests',
  per: ['key'],
  match: { key, model, provider: null },
  limit: 100,
  periodMs: 60_000,
  ...paceOf(100, 60_000, null),
});

function planOf(rules: readonly LimitRule[]): LimitPlan {
  const nobody: LimitAuthority = {
    ask: () => Promise.reject(new Error('nobody asks')),
    giveBack() {},
    healthy: true,
  };
  const meter = { admitted() {}, refused() {}, unknown() {}, refilled() {} };
  return new LimitPlan(
    rules,
    [],
    new BucketStore(
      nobody,
      () => 1,
      { rule: () => meter },
      () => {},
    ),
  );
}

const NO_HEADERS = new HeaderBag();
const namesOf = (plan: LimitPlan, key: string, model: string): string[] =>
  plan
    .match(key, model)
    .set.buckets(NO_HEADERS)
    .map((bucket) => bucket.rule.name);

describe('the rules of a key', () => {
  it('are those that name it and those of all, in the order of the configuration', () => {
    const rules = [rule('a', null), rule('b', 'k1'), rule('c', 'k*'), rule('d', 'k2'), rule('e', null)];
    expect(new RulesByKey(rules).of('k1').map(({ name }) => name)).toEqual(['a', 'b', 'c', 'e']);
    expect(new RulesByKey(rules).of('other').map(({ name }) => name)).toEqual(['a', 'c', 'e']);
    expect(namesOf(planOf(rules), 'k2', 'm')).toEqual(['a', 'c', 'd', 'e']);
    expect(namesOf(planOf(rules), 'other', 'm')).toEqual(['a', 'e']);
  });

  it('are what a look at every rule finds', () => {
    const name = fc.constantFrom('k', 'k1', 'k2', 'k1*', 'k*', '*', 'x');
    const some = fc.option(name, { nil: null });
    fc.assert(
      fc.property(fc.array(fc.tuple(some, some)), name, name, (drafts, key, model) => {
        const rules = drafts.map(([ofKey, ofModel], at) => rule(`r${at}`, ofKey, ofModel));
        expect(rulesOfCall(new RulesByKey(rules).of(key), key, model)).toEqual(
          rulesOfCall(rules, key, model),
        );
      }),
    );
  });

  it('of a hundred thousand keys are few each, and what is kept of their calls is bounded', () => {
    const rules = [rule('all', null)];
    for (let at = 0; at < 100_000; at++) rules.push(rule(`r${at}`, `key-${at}`));
    const byKey = new RulesByKey(rules);
    const plan = planOf(rules);
    for (let at = 0; at < 100_000; at += 2) {
      if (at % 10_000 === 0) expect(byKey.of(`key-${at}`)).toHaveLength(2);
      plan.match(`key-${at}`, 'm');
    }
    expect(plan.size).toBe(100_001);
    expect(plan.kept).toBeLessThanOrEqual(20_000);
    expect(namesOf(plan, 'key-7', 'm')).toEqual(['all', 'r7']);
  });
});

describe('what a plan keeps', () => {
  it('is found again as it was, until the models of a key are too many', () => {
    const plan = planOf([rule('all', null)]);
    const first = plan.match('k', 'm0');
    expect(plan.match('k', 'm0')).toBe(first);
    for (let at = 1; at < 2_000; at++) plan.match('k', `m${at}`);
    expect(plan.match('k', 'm0')).toBe(first);
    plan.match('k', 'one more');
    expect(plan.match('k', 'm0')).not.toBe(first);
    expect(plan.kept).toBe(2);
  });
});
