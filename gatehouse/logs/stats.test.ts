import { describe, expect, it } from 'vitest';
import type { LogReads, StatPoint, StatQuery } from '../../src/contracts/log-store.ts';
import { addRow, emptyCell, packCell } from '../../src/observability/requests/cells.ts';
import { sumOf } from '../../src/observability/requests/points.fixture.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { type StatsQuestion, statsOf } from './stats.ts';

const HOUR = 3_600_000;

function point(start: number, value: string, rows: Parameters<typeof logRow>[0][]): StatPoint {
  const cell = emptyCell();
  for (const row of rows) addRow(cell, logRow(row));
  return { start, values: [value], cell: packCell(cell) };
}

function logWith(points: StatPoint[]): Pick<LogReads, 'points' | 'counts'> & { asked: StatQuery[] } {
  const asked: StatQuery[] = [];
  const within = (query: StatQuery): StatPoint[] => {
    const wanted = query.fields[0]?.values ?? null;
    return points.filter(
      ({ start, values }) =>
        start >= query.since && start < query.until && (wanted === null || wanted.includes(values[0]!)),
    );
  };
  return {
    asked,
    points: async (query) => {
      asked.push(query);
      return within(query);
    },
    counts: async (query, by = 'requests') => {
      const counts = new Map<string, number>();
      for (const point of within(query))
        counts.set(point.values[0]!, (counts.get(point.values[0]!) ?? 0) + sumOf([point], by));
      return counts;
    },
  };
}

const question: StatsQuestion = {
  window: { step: 'hour', since: 10 * HOUR, until: 13 * HOUR },
  group: 'model',
  filters: [],
  metrics: ['requests', 'errors.provider', 'ttftMs.p50'],
  top: 1,
  by: 'requests',
  compare: true,
};

describe('statistics', () => {
  const log = logWith([
    point(8 * HOUR, 'fast', [{}]),
    point(10 * HOUR, 'fast', [{}, {}]),
    point(10 * HOUR, 'slow', [{ outcome: 'error', owner: 'provider' }]),
    point(12 * HOUR, 'other', [{}]),
  ]);

  it('show the greatest groups, all others together, and gaps as what they are', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the answer is JSON
    const told = (await statsOf(log, question)) as any;
    expect(told.starts).toEqual([10 * HOUR, 11 * HOUR, 12 * HOUR]);
    expect(told.groups.map(({ value }: { value: string }) => value)).toEqual(['fast', null]);
    expect(told.groups[0].series).toEqual({
      requests: [2, 0, 0],
      'errors.provider': [0, 0, 0],
      'ttftMs.p50': [expect.closeTo(210, -1.3), null, null],
    });
    expect(told.groups[1].series.requests).toEqual([1, 0, 1]);
    expect(told.groups[1].series['errors.provider']).toEqual([1, 0, 0]);
    expect(told.total).toMatchObject({ requests: 4, ok: 3, errors: { provider: 1 } });
    expect(told.before).toMatchObject({ requests: 1 });
    expect(told.groups[0].before).toMatchObject({ requests: 1 });
  });

  it('read points of the greatest groups alone, and of all calls together', async () => {
    log.asked.length = 0;
    await statsOf(log, { ...question, compare: false });
    expect(log.asked.map(({ fields }) => fields)).toEqual([[{ field: 'model', values: ['fast'] }], []]);
    log.asked.length = 0;
    // All of them are told by themselves: there is no difference to make.
    await statsOf(log, { ...question, compare: false, top: 3 });
    expect(log.asked.map(({ fields }) => fields)).toEqual([[{ field: 'model', values: null }], []]);
  });

  it('ask for a filter of the group itself as one field', async () => {
    log.asked.length = 0;
    await statsOf(log, { ...question, compare: false, filters: [{ field: 'model', values: ['fast'] }] });
    expect(log.asked.map(({ fields }) => fields)).toEqual([[{ field: 'model', values: ['fast'] }]]);
  });
});
