import { beforeEach, describe, expect, it } from 'vitest';
import { HeaderBag } from '../contracts/headers.ts';
import type { LimitAuthority, LimitRule, LimitScope } from '../contracts/limits.ts';
import { principalOf } from '../governance/principal.ts';
import { paceOf } from '../limits/pace.ts';
import type { BucketList } from './bucket-list.ts';
import { BucketStore } from './bucket-store.ts';
import { RuleSet } from './rule-set.ts';

const ANY = { key: null, model: null, provider: null };
const NOON = Date.UTC(2026, 10, 29, 12);
const DAY_MS = 86_400_000;

const rate = (name: string, per: LimitScope[]): LimitRule => ({
  name,
  dimension: 'requests',
  per,
  match: ANY,
  limit: 100,
  periodMs: 60_000,
  ...paceOf(100, 60_000, null),
});

const budget = (name: string, per: LimitScope[], window = '1d'): LimitRule => ({
  ...{ name, dimension: 'cost', per, match: ANY, limit: 1e9, periodMs: 0, burst: 0, spacingMs: 0 },
  budget: {
    ...{ amountNano: 1e9, window, align: 'calendar', timezone: 'UTC', anchorMs: 0, softAt: 0.8 },
    override: null,
  },
});

describe('what a call meets', () => {
  let wall = NOON;
  beforeEach(() => {
    wall = NOON;
  });

  function setOf(rules: LimitRule[], named: ((customer: string) => LimitRule[]) | null = null): RuleSet {
    const authority: LimitAuthority = {
      ask: () => Promise.reject(new Error('nobody asks')),
      giveBack() {},
      healthy: true,
    };
    const meter = { admitted() {}, refused() {}, unknown() {}, refilled() {} };
    const one = (): number => 1;
    const none = (): void => undefined;
    const store = new BucketStore(authority, one, { rule: () => meter }, none, undefined, () => wall);
    const place = {
      caller: principalOf({ name: 'k', team: 'blue', tags: ['night', 'batch'] }),
      model: 'm',
      provider: '',
    };
    return new RuleSet(rules, place, store, named);
  }

  const headers = (value: string | null): HeaderBag => {
    const bag = new HeaderBag();
    if (value !== null) bag.add('x-seat', value);
    return bag;
  };
  const idsOf = ({ all }: BucketList): string[] => all.map(({ bucket }) => bucket.id);

  it('says of a budget whose it is: of several tags the one that it counts, or that it is about', () => {
    const ofBatch = { ...budget('m', []), match: { ...ANY, tag: 'bat*' } };
    const rules = [budget('t', ['tag']), budget('kt', ['key', 'tag']), ofBatch, budget('all', [])];
    expect(
      setOf(rules)
        .buckets(headers(null), null)
        .all.map(({ bucket }) => bucket.owner),
    ).toEqual(['tag night', 'tag batch', 'key k, tag night', 'key k, tag batch', 'tag batch', 'the gateway']);
  });

  it('is found once for a customer, and is that of another one for another', () => {
    const set = setOf([rate('k', ['key']), rate('c', ['customer']), budget('b', ['customer'])]);
    const red = set.buckets(headers(null), 'red');
    expect(set.buckets(headers(null), 'red')).toBe(red);
    const green = set.buckets(headers(null), 'green');
    expect(idsOf(green)).toHaveLength(3);
    expect(idsOf(green)[0]).toBe('k|k');
    expect(idsOf(green)[1]).not.toBe(idsOf(red)[1]);
    expect(idsOf(set.buckets(headers(null), null))).toEqual(['k|k']);
    expect(idsOf(set.buckets(headers(null), 'red'))).toEqual(idsOf(red));
  });

  it('is in another window when its time has come, of a customer as of a key, and back again with the clock', () => {
    const set = setOf([budget('k', ['key']), budget('c', ['customer'], '1h'), rate('r', ['team'])]);
    const noon = idsOf(set.buckets(headers(null), 'red'));
    wall += 3_599_999;
    expect(idsOf(set.buckets(headers(null), 'red'))).toEqual(noon);
    wall += 1;
    const later = idsOf(set.buckets(headers(null), 'red'));
    expect(later.map((id, at) => id === noon[at])).toEqual([true, true, false]);
    wall = NOON + DAY_MS;
    expect(idsOf(set.buckets(headers(null), 'red')).map((id, at) => id === noon[at])).toEqual([
      false,
      true,
      false,
    ]);
    wall = NOON;
    expect(idsOf(set.buckets(headers(null), 'red'))).toEqual(noon);
  });

  it('is in another window of a budget that names the customer, where no other rule is a budget', () => {
    const set = setOf([rate('r', ['team'])], (customer) =>
      customer === 'big' ? [budget('own', [], '1h')] : [],
    );
    const [, noon] = idsOf(set.buckets(headers(null), 'big'));
    expect(idsOf(set.buckets(headers(null), 'small'))).toEqual(['r|blue']);
    expect(idsOf(set.buckets(headers(null), 'big'))[1]).toBe(noon);
    wall += 3_600_000;
    expect(idsOf(set.buckets(headers(null), 'big'))[1]).not.toBe(noon);
  });

  it('goes by the headers of each call, also of one for the same customer', () => {
    const set = setOf([rate('h', ['header:x-seat']), rate('c', ['customer'])]);
    const of = (seat: string | null): number => idsOf(set.buckets(headers(seat), 'red')).length;
    expect([of('1'), of(null), of('2')]).toEqual([2, 1, 2]);
    expect(idsOf(set.buckets(headers('1'), 'red'))).not.toEqual(idsOf(set.buckets(headers('2'), 'red')));
  });

  it('has no budgets where nothing is billed, and tells clients of what is theirs alone', () => {
    const set = setOf([budget('b', ['key']), rate('k', ['key']), rate('all', [])]);
    const list = set.buckets(headers(null), null);
    expect([list.budgeted, list.unbilled.budgeted]).toEqual([true, false]);
    expect(idsOf(list.unbilled)).toEqual(['k|k', 'all']);
    expect(list.unbilled).toBe(list.unbilled);
    expect(list.unbilled.unbilled).toBe(list.unbilled);
    expect(list.told.map(({ rule }) => rule.name)).toEqual(['b', 'k']);
  });
});
