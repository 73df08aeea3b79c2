import { describe, expect, it } from 'vitest';
import { addRow, emptyCell } from './cells.ts';
import { headOf, joinedCell, keptCell } from './kept-cell.ts';
import { packCell, SUMS } from './cells.ts';
import { logRow } from './row.fixture.ts';
import { Tally } from './tally.ts';

const cellOf = (...rows: Parameters<typeof logRow>[0][]) => {
  const cell = emptyCell();
  for (const row of rows) addRow(cell, logRow(row));
  return cell;
};

describe('cells that were kept', () => {
  const one = cellOf({ ttftMs: 100, costNano: 2 ** 50 }, { ttftMs: 100 });
  const other = cellOf({ ttftMs: 400, totalMs: 1e300 }, { outcome: 'cancelled', ttftMs: null });

  it('add up, and what is taken away again leaves what was there', () => {
    const tally = new Tally();
    tally.add(keptCell(one));
    const alone = [tally.count('ttftMs'), tally.percentiles('ttftMs', [0.5, 0.99])];
    tally.add(keptCell(other));
    expect(tally.sums).toMatchObject({ requests: 4, cancelled: 1 });
    expect(tally.count('ttftMs')).toBe(3);
    // Far above what there is room for at first.
    expect(tally.percentiles('totalMs', [1])[0]).toBeGreaterThan(9e299);
    expect(tally.percentiles('ttftMs', [1])[0]).toBeCloseTo(400, -2);
    tally.add(keptCell(other), -1);
    expect([tally.count('ttftMs'), tally.percentiles('ttftMs', [0.5, 0.99])]).toEqual(alone);
    expect(tally.sums).toMatchObject({ requests: 2, costNano: one.costNano });
    tally.clear();
    expect([tally.sums.requests, tally.percentiles('totalMs', [0.5])]).toEqual([0, [null]]);
  });

  it('count without their times where those are not asked for', () => {
    const tally = new Tally();
    tally.add(keptCell(one), 1, false);
    expect([tally.sums.requests, tally.count('totalMs')]).toEqual([2, 0]);
  });

  it('take up what is not kept yet, times and all or sums alone', () => {
    expect(joinedCell(keptCell(one), other, true)).toEqual(
      keptCell(
        cellOf(
          { ttftMs: 100, costNano: 2 ** 50 },
          { ttftMs: 100 },
          { ttftMs: 400, totalMs: 1e300 },
          { outcome: 'cancelled', ttftMs: null },
        ),
      ),
    );
    const sums = joinedCell(keptCell(one), other, false);
    expect([sums.requests, sums.histograms.ttftMs]).toEqual([4, keptCell(one).histograms.ttftMs]);
  });

  it('have their sums in front, where they are read alone', () => {
    const head = packCell(one).slice(1, 1 + SUMS.length * 18 + 2);
    expect(headOf(head)).toEqual(SUMS.map((name) => one[name]));
  });
});
