import { describe, expect, it } from 'vitest';
import { BucketTable, type Row } from './bucket-table.ts';
import { LimitLedger } from './ledger.ts';
import { paceOf } from './pace.ts';

const row = (tat = 0, taken = 0): Row => ({ tat, taken });

describe('the table of buckets', () => {
  it('is bounded, and the rule that fills it gives way', () => {
    const table = new BucketTable<Row>(1_000);
    for (let key = 0; key < 100; key++) table.add(`by-key|team-${key}`, row());
    for (let user = 0; user < 100_000; user++) {
      table.add(`by-user|~${user}`, row());
      expect(table.size).toBeLessThanOrEqual(1_000);
    }
    for (let key = 0; key < 100; key++) expect(table.peek(`by-key|team-${key}`)).toBeDefined();
  });

  it('of a key and a header, the key that sends many values gives way to the others', () => {
    const table = new BucketTable<Row>(500);
    for (let user = 0; user < 50; user++) table.add(`both|quiet|~${user}`, row());
    for (let user = 0; user < 20_000; user++) table.add(`both|loud|~${user}`, row());
    for (let user = 0; user < 50; user++) expect(table.peek(`both|quiet|~${user}`)).toBeDefined();
  });

  it('forgets those first that have nothing to forget, and never a slot in use', () => {
    const table = new BucketTable<Row>(400);
    table.add('u|held', row(0, 1));
    table.add('u|in-debt', row(1e9));
    for (let user = 0; user < 50_000; user++) table.add(`u|${user}`, row(user));
    expect(table.peek('u|held')).toBeDefined();
    expect(table.peek('u|in-debt')).toBeDefined();
    expect(table.size).toBeLessThanOrEqual(400);
  });

  it('keeps no group that is empty', () => {
    const table = new BucketTable<Row>(10);
    for (let at = 0; at < 5_000; at++) {
      table.add(`r${at}|x`, row());
      table.delete(`r${at}|x`);
      table.delete(`r${at}|x`);
    }
    expect(table.size).toBe(0);
    table.add('a', row());
    expect(table.use('a')).toBe(table.peek('a'));
  });
});

describe('a client that sends a new name with each call', () => {
  const bucket = (id: string, limit: number) => ({
    id,
    dimension: 'requests' as const,
    limit,
    ...paceOf(limit, 3_600_000, limit),
    version: 1,
  });

  it('does not clear the count of another, of this rule or of any other', () => {
    const ledger = new LimitLedger({ maxBuckets: 2_000 });
    let serial = 0;
    const take = (id: string, limit: number, units: number, now: number): number =>
      ledger.ask(1, [{ bucket: bucket(id, limit), need: units, want: units }], `t${serial++}`, now)[0]!
        .granted;
    expect(take('by-key|team', 100, 100, 0)).toBe(100);
    expect(take('by-user|~bob', 100, 100, 0)).toBe(100);
    for (let user = 0; user < 50_000; user++) take(`by-user|~${user}`, 100, 1, user / 100);
    expect(ledger.size).toBeLessThanOrEqual(2_000);
    expect(take('by-key|team', 100, 1, 1_000)).toBe(0);
    expect(take('by-user|~bob', 100, 1, 1_000)).toBe(0);
  });
});
