import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCell, addRow, addSumsOf, emptyCell, packCell, SUMS, unpackCell } from './cells.ts';
import { logRow } from './row.fixture.ts';
import { Tally } from './tally.ts';

describe('percentiles of buckets', () => {
  it('are right to five in a hundred, whatever was counted and however it was split', () => {
    const values = fc.array(fc.double({ min: 0.002, max: 1e7, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (list, part) => {
        const tally = new Tally();
        // Half of them in a cell of their own.
        for (const half of [0, 1]) {
          const cell = emptyCell();
          for (const [at, ttftMs] of list.entries()) if (at % 2 === half) addRow(cell, logRow({ ttftMs }));
          tally.add(packCell(cell));
        }
        const sorted = [...list].sort((one, other) => one - other);
        const exact = sorted[Math.max(1, Math.ceil(part * list.length)) - 1]!;
        const [told] = tally.percentiles('ttftMs', [part]);
        expect(Math.abs(told! - exact) / exact).toBeLessThan(0.05);
      }),
    );
  });

  it('of nothing are none', () => {
    expect(new Tally().percentiles('ttftMs', [0.5, 0.99])).toEqual([null, null]);
  });
});

describe('sums of calls', () => {
  it('are added one by one, none left out', () => {
    const [to, from] = [emptyCell(), emptyCell()];
    for (const [at, name] of SUMS.entries()) from[name] = at + 1;
    addSumsOf(to, from);
    addSumsOf(to, from);
    expect(SUMS.map((name) => to[name])).toEqual(SUMS.map((_, at) => 2 * (at + 1)));
  });

  it('count a call once and what each of its attempts used', () => {
    const cell = emptyCell();
    addRow(
      cell,
      logRow({
        attempts: 2,
        final: false,
        outcome: 'error',
        owner: 'provider',
        costNano: 5,
        outputTokens: 1,
      }),
    );
    addRow(cell, logRow({ attempt: 2, attempts: 2, costNano: 7 }));
    expect(cell).toMatchObject({
      requests: 1,
      ok: 1,
      provider: 0,
      attempts: 2,
      costNano: 12,
      outputTokens: 21,
    });
    expect([...cell.histograms.ttftMs.values()]).toEqual([1]);
  });

  it('have what calls saved once, by their final rows', () => {
    const cell = emptyCell();
    addRow(cell, logRow({ cache: 'hit', savedNano: 5, savedMs: 700 }));
    addRow(cell, logRow({ cache: 'stale', savedNano: null, savedMs: 40 }));
    addRow(cell, logRow({ cache: 'miss' }));
    addRow(cell, logRow({ final: false, cache: 'hit', savedNano: 9, savedMs: 9 }));
    expect(cell).toMatchObject({ savedNano: 5, savedMs: 740, cacheHits: 2, cacheMisses: 1 });
  });

  it('tell what has no price from what costs nothing', () => {
    const cell = emptyCell();
    addRow(cell, logRow({ costNano: null }));
    addRow(cell, logRow({ costNano: 0 }));
    addRow(
      cell,
      logRow({
        attempt: 0,
        attempts: 0,
        costNano: null,
        inputTokens: null,
        outputTokens: null,
        outcome: 'error',
        owner: 'policy',
        status: 429,
      }),
    );
    expect(cell).toMatchObject({ requests: 3, attempts: 2, unpriced: 1, costNano: 0, policy: 1 });
  });

  it('are the same when added up in parts, and after they were kept as text', () => {
    const rows = [
      logRow(),
      logRow({ ttftMs: 3, costNano: 2 ** 45 + 1 }),
      logRow({ outcome: 'cancelled', status: 499 }),
    ];
    const whole = emptyCell();
    for (const row of rows) addRow(whole, row);
    const parts = emptyCell();
    for (const row of rows) {
      const one = emptyCell();
      addRow(one, row);
      addCell(parts, unpackCell(packCell(one)));
    }
    expect(parts).toEqual(whole);
  });
});
