import { describe, expect, it } from 'vitest';
import { addRow, emptyCell, packCell, SUMS } from './cells.ts';
import { headOf, joinedCell } from './kept-cell.ts';
import { logRow } from './row.fixture.ts';
import { Tally } from './tally.ts';

const cellOf = (...rows: Parameters<typeof logRow>[0][]) => {
  const cell = emptyCell();
  for (const row of rows) addRow(cell, logRow(row));
  return cell;
};

const sumsOf = (tally: Tally): number[] => SUMS.map((name) => tally.sum(name));

describe('cells that were kept', () => {
  const one = cellOf({ ttftMs: 100, costNano: 2 ** 50 }, { ttftMs: 100 });
  const other = cellOf({ ttftMs: 400, totalMs: 1e300 }, { outcome: 'cancelled', ttftMs: null });

  it('add up, and what is taken away again leaves what was there', () => {
    const tally = new Tally();
    tally.add(packCell(one));
    const alone = [tally.count('ttftMs'), tally.percentiles('ttftMs', [0.5, 0.99])];
    tally.add(packCell(other));
    expect([tally.sum('requests'), tally.sum('cancelled')]).toEqual([4, 1]);
    expect(tally.count('ttftMs')).toBe(3);
    // Far above what there is room for at first.
    expect(tally.percentiles('totalMs', [1])[0]).toBeGreaterThan(9e299);
    expect(tally.percentiles('ttftMs', [1])[0]).toBeCloseTo(400, -2);
    tally.add(packCell(other), -1);
    expect([tally.count('ttftMs'), tally.percentiles('ttftMs', [0.5, 0.99])]).toEqual(alone);
    expect([tally.sum('requests'), tally.sum('costNano')]).toEqual([2, one.costNano]);
    tally.clear();
    expect([tally.sum('requests'), tally.percentiles('totalMs', [0.5])]).toEqual([0, [null]]);
  });

  it('add up whole, as they do one by one', () => {
    const [apart, together] = [new Tally(), new Tally()];
    for (const cell of [one, other]) {
      together.add(packCell(cell));
      const alone = new Tally();
      alone.add(packCell(cell));
      apart.addTally(alone);
    }
    const told = (tally: Tally) => [
      sumsOf(tally),
      tally.count('totalMs'),
      tally.percentiles('totalMs', [0.1, 1]),
    ];
    expect(told(apart)).toEqual(told(together));
    together.addTally(apart, -1);
    expect(sumsOf(together).every((sum) => Math.abs(sum) === 0)).toBe(true);
    expect(together.percentiles('totalMs', [0.5])).toEqual([null]);
    apart.addTally(apart, 1, false);
    expect([apart.sum('requests'), apart.count('ttftMs')]).toEqual([8, 3]);
  });

  it('count without their times where those are not asked for', () => {
    const tally = new Tally();
    tally.add(packCell(one), 1, false);
    expect([tally.sum('requests'), tally.count('totalMs')]).toEqual([2, 0]);
  });

  it('are read whatever numbers and sums they have: of an older version, corrected below zero, or no plain integers', () => {
    const tally = new Tally();
    tally.add('[[1,2],[-5,3],[],[7,1,9,2],[]]');
    expect([tally.sum('requests'), tally.sum('ok'), tally.sum('costNano')]).toEqual([1, 2, 0]);
    expect([tally.count('ttftMs'), tally.count('totalMs'), tally.count('overheadMs')]).toEqual([3, 0, 3]);
    tally.clear();
    const odd = { ...emptyCell(), requests: -4, inputTokens: 1.5, costNano: -1e21, outputTokens: Number.NaN };
    tally.add(packCell(odd));
    const read = ['requests', 'inputTokens', 'costNano', 'outputTokens'] as const;
    expect(read.map((name) => tally.sum(name))).toEqual([-4, 1.5, -1e21, 0]);
  });

  it('take up what is not kept yet, times and all or sums alone', () => {
    expect(joinedCell(packCell(one), other, true)).toEqual(
      packCell(
        cellOf(
          { ttftMs: 100, costNano: 2 ** 50 },
          { ttftMs: 100 },
          { ttftMs: 400, totalMs: 1e300 },
          { outcome: 'cancelled', ttftMs: null },
        ),
      ),
    );
    const sums = new Tally();
    sums.add(joinedCell(packCell(one), other, false));
    expect([sums.sum('requests'), sums.count('ttftMs')]).toEqual([4, 2]);
  });

  it('have their sums in front, where they are read alone', () => {
    const head = packCell(one).slice(1, 1 + SUMS.length * 18 + 2);
    expect(headOf(head)).toEqual(SUMS.map((name) => one[name]));
    // An older version knew fewer.
    expect(headOf('[3,2,1],[-5,3]')).toEqual(SUMS.map((_, at) => Math.max(0, 3 - at)));
  });
});
