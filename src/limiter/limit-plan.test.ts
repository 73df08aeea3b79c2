import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderBag } from '../contracts/headers.ts';
import type { Holder } from '../contracts/holder.ts';
import type { LimitAuthority, LimitRule } from '../contracts/limits.ts';
import { principalOf } from '../governance/principal.ts';
import { paceOf } from '../limits/pace.ts';
import { rulesOfCall } from '../limits/rule-match.ts';
import { BucketStore } from './bucket-store.ts';
import { LimitPlan } from './limit-plan.ts';
import { RulesByCaller } from './rules-by-caller.ts';

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
    .match(principalOf({ name: key }), model)
    .set.buckets(NO_HEADERS, null)
    .all.map((bucket) => bucket.rule.name);

describe('the rules of a key', () => {
  it('are those that name it and those of all, in the order of the configuration', () => {
    const rules = [rule('a', null), rule('b', 'k1'), rule('c', 'k*'), rule('d', 'k2'), rule('e', null)];
    expect(new RulesByCaller(rules).of(principalOf({ name: 'k1' })).map(({ name }) => name)).toEqual([
      'a',
      'b',
      'c',
      'e',
    ]);
    expect(new RulesByCaller(rules).of(principalOf({ name: 'other' })).map(({ name }) => name)).toEqual([
      'a',
      'c',
      'e',
    ]);
    expect(namesOf(planOf(rules), 'k2', 'm')).toEqual(['a', 'c', 'd', 'e']);
    expect(namesOf(planOf(rules), 'other', 'm')).toEqual(['a', 'e']);
  });

  it('are also those that came with it, behind those of the configuration, and nobody else’s', () => {
    const own = { version: 4, limits: [{ requests: '5/s' }, { concurrent: 2 }] };
    const caller = principalOf({ name: 'k1', id: 'key_1', own });
    const plan = planOf([rule('a', null), rule('b', 'k1')]);
    const { all } = plan.match(caller, 'm').set.buckets(NO_HEADERS, null);
    expect(all.map((bucket) => bucket.bucket.id)).toEqual([
      'a|k1',
      'b|k1',
      'key_1.requests|k1',
      'key_1-2.concurrent|k1',
    ]);
    expect(all.map(({ bucket }) => bucket.version)).toEqual([0, 0, 4, 4]);
    expect(namesOf(plan, 'other', 'm')).toEqual(['a']);
    const bare = planOf([]);
    expect(bare.match(caller, 'm').set.buckets(NO_HEADERS, null).all).toHaveLength(2);
    expect(bare.match(principalOf({ name: 'other' }), 'm').empty).toBe(true);
  });

  it('are what a look at every rule finds', () => {
    const name = fc.constantFrom('k', 'k1', 'k2', 'k1*', 'k*', '*', 'x');
    const some = fc.option(name, { nil: null });
    fc.assert(
      fc.property(fc.array(fc.tuple(some, some)), name, name, (drafts, key, model) => {
        const rules = drafts.map(([ofKey, ofModel], at) => rule(`r${at}`, ofKey, ofModel));
        const caller = principalOf({ name: key });
        expect(rulesOfCall(new RulesByCaller(rules).of(caller), caller, model)).toEqual(
          rulesOfCall(rules, caller, model),
        );
      }),
    );
  });

  it('of a hundred thousand keys are few each, and what is kept of their calls is bounded', () => {
    const rules = [rule('all', null)];
    for (let at = 0; at < 100_000; at++) rules.push(rule(`r${at}`, `key-${at}`));
    const callers = rules.map((_, at) => principalOf({ name: `key-${at}` }));
    const byKey = new RulesByCaller(rules);
    const plan = planOf(rules);
    for (let at = 0; at < 100_000; at += 2) {
      if (at % 10_000 === 0) expect(byKey.of(callers[at]!)).toHaveLength(2);
      plan.match(callers[at]!, 'm');
    }
    expect(plan.size).toBe(100_001);
    expect(plan.kept).toBeLessThanOrEqual(20_000);
    expect(namesOf(plan, 'key-7', 'm')).toEqual(['all', 'r7']);
  });
});

describe('what a plan keeps', () => {
  it('is found again as it was, until the models of a key are too many', () => {
    const plan = planOf([rule('all', null)]);
    const caller = principalOf({ name: 'k' });
    const first = plan.match(caller, 'm0');
    expect(plan.match(caller, 'm0')).toBe(first);
    for (let at = 1; at < 2_000; at++) plan.match(caller, `m${at}`);
    expect(plan.match(caller, 'm0')).toBe(first);
    plan.match(caller, 'one more');
    expect(plan.match(caller, 'm0')).not.toBe(first);
    expect(plan.kept).toBe(2);
  });
});

describe('scopes of a caller', () => {
  const scoped = (
    name: string,
    per: LimitRule['per'],
    match: Partial<LimitRule['match']> = {},
  ): LimitRule => ({
    ...rule(name, null),
    per,
    match: { key: null, model: null, provider: null, ...match },
  });
  const idsOf = (rules: readonly LimitRule[], holder: Holder, customer: string | null = null): string[] =>
    planOf(rules)
      .match(principalOf(holder), 'm')
      .set.buckets(NO_HEADERS, customer)
      .all.map(({ bucket }) => bucket.id);

  it.each([
    ['organization', 'o|acme'],
    ['team', 'o|blue'],
    ['user', 'o|ada'],
    ['project', 'o|moon'],
    ['key', 'o|k'],
  ] as const)('%s is counted apart, and is shared by all keys of it', (scope, id) => {
    const holder = { organization: 'acme', team: 'blue', user: 'ada', project: 'moon' };
    const rules = [scoped('o', [scope])];
    expect(idsOf(rules, { name: 'k', ...holder })).toEqual([id]);
    // Who is in none is not limited by it.
    if (scope !== 'key') expect(idsOf(rules, { name: 'k' })).toEqual([]);
    expect(idsOf([scoped('o', [scope], { [scope]: id.slice(2) })], { name: 'k', ...holder })).toEqual([id]);
    expect(idsOf([scoped('o', [scope], { [scope]: 'other' })], { name: 'k', ...holder })).toEqual([]);
    expect(
      idsOf([scoped('o', [scope], { [scope]: `${id.slice(2, 3)}*` })], { name: 'k', ...holder }),
    ).toEqual([id]);
  });

  it('each tag has a bucket, and a call takes from all of its own', () => {
    const holder = { name: 'k', tags: ['a', 'b'] };
    expect(idsOf([scoped('t', ['tag'])], holder)).toEqual(['t|a', 't|b']);
    expect(idsOf([scoped('t', ['model', 'tag'])], holder)).toEqual(['t|m|a', 't|m|b']);
    expect(idsOf([scoped('t', [], { tag: 'b' })], holder)).toEqual(['t']);
    expect(idsOf([scoped('t', [], { tag: 'c' })], holder)).toEqual([]);
  });

  it('customers are counted by the call, under names that tell nothing', () => {
    const rules = [scoped('c', ['customer']), scoped('own', ['customer'], { customer: 'big', team: 'blue' })];
    expect(idsOf(rules, { name: 'k' }, null)).toEqual([]);
    const [small] = idsOf(rules, { name: 'k' }, 'small');
    expect(small).toMatch(/^c\|~[\w-]{22}$/);
    expect(idsOf(rules, { name: 'k', team: 'blue' }, 'big').map((id) => id.split('|')[0])).toEqual([
      'c',
      'own',
    ]);
    expect(idsOf(rules, { name: 'k', team: 'red' }, 'big').map((id) => id.split('|')[0])).toEqual(['c']);
    expect(idsOf([scoped('vip', [], { customer: 'b*' })], { name: 'k' }, 'big')).toEqual(['vip']);
  });

  it('a limit of a customer at one provider is asked when that one is', () => {
    const plan = planOf([scoped('at', ['customer'], { customer: 'big', provider: 'p' })]);
    const matched = plan.match(principalOf({ name: 'k' }), 'm');
    expect(matched.set.buckets(NO_HEADERS, 'big').all).toEqual([]);
    expect(matched.target('p', NO_HEADERS, 'big').all.map((bucket) => bucket.rule.name)).toEqual(['at']);
    expect(matched.target('q', NO_HEADERS, 'big').all).toEqual([]);
    expect(matched.target('p', NO_HEADERS, 'small').all).toEqual([]);
  });

  it('of ten thousand customers and teams with limits of their own, a call looks at its own', () => {
    const rules: LimitRule[] = [];
    for (let at = 0; at < 10_000; at++) {
      rules.push(scoped(`c${at}`, ['customer'], { customer: `c-${at}` }));
      rules.push(scoped(`t${at}`, ['team'], { team: `t-${at}` }));
    }
    const by = new RulesByCaller(rules);
    expect(by.of(principalOf({ name: 'k', team: 't-7' })).map(({ name }) => name)).toEqual(['t7']);
    expect(by.ofCustomer('c-9').map(({ name }) => name)).toEqual(['c9']);
  });

  it('a key that moves to another team under the same name meets the limits of that team', () => {
    const plan = planOf([scoped('o', ['team'])]);
    const ids = (team: string) =>
      plan
        .match(principalOf({ name: 'k', team }), 'm')
        .set.buckets(NO_HEADERS, null)
        .all.map(({ bucket }) => bucket.id);
    expect([ids('blue'), ids('red')]).toEqual([['o|blue'], ['o|red']]);
  });
});
