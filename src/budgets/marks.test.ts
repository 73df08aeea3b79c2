import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addUse, newMarkRow } from './marks.ts';

const use = (nano: number, refused = 0, amountNano = 100) => ({
  nano,
  refused,
  amountNano,
  softNano: amountNano * 0.8,
});

describe('marks of a budget', () => {
  it('are passed once each, the soft one first', () => {
    const row = newMarkRow(0);
    expect([79, 1, 5, 15, 50].map((nano) => addUse(row, use(nano)))).toEqual([
      [],
      ['soft'],
      [],
      ['hard'],
      [],
    ]);
  });
  it('are both passed by a call that is dear enough', () => {
    expect(addUse(newMarkRow(0), use(100))).toEqual(['soft', 'hard']);
  });
  it('a refusal is the end of a budget only where little is left of it', () => {
    const row = newMarkRow(0);
    expect(addUse(row, use(10, 5))).toEqual([]);
    expect(addUse(row, use(75))).toEqual(['soft']);
    expect(addUse(row, use(0, 1))).toEqual(['hard']);
    expect(addUse(row, use(0, 1))).toEqual([]);
    expect(row.refused).toBe(7);
  });
  it('a larger amount has marks of its own, a smaller one has not', () => {
    const row = newMarkRow(0);
    addUse(row, use(100));
    expect(addUse(row, use(0, 0, 50))).toEqual([]);
    expect(addUse(row, use(0, 0, 200))).toEqual([]);
    expect(addUse(row, use(60, 0, 200))).toEqual(['soft']);
  });
  it('are passed by what is spent for certain, which is no use of its own', () => {
    const row = newMarkRow(0);
    expect(addUse(row, use(10), 79)).toEqual([]);
    expect(addUse(row, use(10), 85)).toEqual(['soft']);
    expect(addUse(row, use(70), 85)).toEqual([]);
    expect(addUse(row, use(0), 100)).toEqual(['hard']);
    expect(row.nano).toBe(90);
  });
  it('are passed exactly once in whatever pieces the same sum comes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 50 }), (pieces) => {
        const row = newMarkRow(0);
        const marks = pieces.flatMap((nano) => addUse(row, use(nano)));
        const sum = pieces.reduce((all, nano) => all + nano, 0);
        expect(marks).toEqual([...(sum >= 80 ? ['soft'] : []), ...(sum >= 100 ? ['hard'] : [])]);
      }),
    );
  });
});
