// What an overview says against what the rows say, over months: greatest groups and the others, of any field and pair, before and after
// days were added up to blocks, and while these are wrong.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  LOG_FACETS,
  type LogFacet,
  type LogFilter,
  STAT_PAIRS,
  type StatSums,
} from '../../src/contracts/log-store.ts';
import type { LogRow } from '../../src/contracts/request-log.ts';
import { addRow, emptyCell, SUMS } from '../../src/observability/requests/cells.ts';
import { isListFacet, listValues } from '../../src/observability/requests/list-facets.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { unsoundBlocks } from '../../src/stores/log/blocks.ts';
import { createLogStore, type LogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { BLOCK, BLOCK_MS, STEPS } from '../../src/stores/log/sum-steps.ts';
import type { SqlRow, SqlValue, SqlWork } from '../../src/stores/sql-driver.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { buildBlocks } from '../ingest/block-builder.ts';
import { facetsOf } from './facets.ts';
import { KeptDays } from './kept-days.ts';
import { type StatsQuestion, statsOf } from './stats.ts';

const DAY = 86_400_000;
/** Not at the beginning of a block. */
const START = Math.floor(Date.UTC(2026, 0, 1) / BLOCK_MS) * BLOCK_MS + 9 * DAY;
const DAYS = 130;
const UNTIL = START + DAYS * DAY;
const ROWS = 700;

let folder: string;
let store: LogStore;
let rows: LogRow[];
/** Through all of this file. */
const kept = new KeptDays(() => 0);

/** The same numbers each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function made(random: () => number, at: number): LogRow {
  const few = (count: number): number => Math.floor(random() ** 2 * count);
  const failed = random() < 0.2;
  return logRow({
    call: `c-${at}`,
    at,
    model: `model-${few(9)}`,
    provider: `provider-${few(3)}`,
    key: `key-${few(8)}`,
    team: `team-${few(4)}`,
    user: few(3) === 0 ? '' : `user-${few(20)}`,
    customer: `customer-${few(30)}`,
    tags: random() < 0.3 ? ['a', 'b'].slice(few(2)) : [],
    guardrails: (['pass', 'mask', 'block'] as const)
      .slice(0, few(4))
      .map((action) => ({ name: 'pii', at: action === 'block' ? 'answer' : 'request', action })),
    costNano: random() < 0.1 ? null : Math.floor(random() * 1e12),
    ttftMs: random() < 0.1 ? null : random() * 2_000,
    ...(random() < 0.3 ? { cache: 'hit', savedNano: few(1e9), savedMs: few(60_000) } : {}),
    ...(failed ? { outcome: 'error', owner: 'provider', errorType: 'provider_overloaded', status: 503 } : {}),
  });
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-overview-'));
  store = createLogStore(openSqlite(path.join(folder, 'log.db'), LOG_SHAPE));
  const random = chance(20);
  rows = Array.from({ length: ROWS }, (_, n) => made(random, START + Math.floor((n * DAYS * DAY) / ROWS)));
  // The last hundred wait: they are in no database yet.
  await store.write({ file: 'f', from: 0, to: 1, rows: rows.slice(0, -100), bodies: [] });
  await store.sum();
  await store.write({ file: 'f', from: 1, to: 2, rows: rows.slice(-100), bodies: [] });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const build = (): Promise<void> =>
  buildBlocks({ driver: store.driver, rest: async () => undefined, stopped: () => false }, 0, UNTIL);

function valuesOf(row: LogRow, field: LogFacet): readonly string[] {
  return isListFacet(field) ? [...listValues(row, field)!] : [String(row[field])];
}

/** From the rows themselves. */
function expected(rows: readonly LogRow[]): Record<string, number> {
  const cell = emptyCell();
  for (const row of rows) addRow(cell, row);
  const count = (name: 'ttftMs' | 'totalMs'): number =>
    [...cell.histograms[name].values()].reduce((sum, one) => sum + one, 0);
  return {
    ...Object.fromEntries(SUMS.map((name) => [name, cell[name]])),
    ttft: count('ttftMs'),
    total: count('totalMs'),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the answer is JSON
function toldOf(total: any): Record<string, number> {
  return {
    ...Object.fromEntries(SUMS.map((name) => [name, total[name] ?? total.errors[name]])),
    ttft: total.ttftMs.count,
    total: total.totalMs.count,
  };
}

const question = (over: Partial<StatsQuestion>): StatsQuestion => ({
  window: { step: 'day', since: START, until: UNTIL },
  group: null,
  filters: [],
  metrics: ['requests', 'costNano'],
  top: 3,
  by: 'requests',
  compare: false,
  ...over,
});

async function check(group: LogFacet, filter: LogFacet | null, by: keyof StatSums): Promise<void> {
  const value = filter === null ? null : valuesOf(rows[7]!, filter)[0]!;
  const fitting = rows.filter((row) => filter === null || valuesOf(row, filter).includes(value!));
  const filters = filter === null ? [] : [{ field: filter, values: [value!] }];
  // biome-ignore lint/suspicious/noExplicitAny: the answer is JSON
  const told = (await statsOf(store, question({ group, filters, by }))) as any;
  // Days that are kept say the same, the first time and whenever some of them changed.
  for (let round = 0; round < 2; round++)
    expect(await statsOf(store, question({ group, filters, by }), kept)).toEqual(told);
  const names = told.groups.map((one: { value: string | null }) => one.value) as (string | null)[];
  const shown = names.filter((name) => name !== null);
  for (const { value: name, total, series } of told.groups) {
    const own = fitting.filter((row) =>
      name === null
        ? !valuesOf(row, group).some((one) => shown.includes(one))
        : valuesOf(row, group).includes(name),
    );
    const [is, should] = [toldOf(total), expected(own)];
    // Of fields without percentiles there are sums alone.
    if (is['total'] === 0) should['ttft'] = should['total'] = 0;
    expect(is, `${group}=${name} of ${filter}`).toEqual(should);
    for (const metric of ['requests', 'costNano'])
      expect(series[metric].reduce((sum: number, one: number) => sum + one, 0)).toBe(should[metric]);
  }
  expect(toldOf(told.total)).toEqual(expected(fitting));
  const sizes = shown.map(
    (name) => expected(fitting.filter((row) => valuesOf(row, group).includes(name)))[by]!,
  );
  expect(sizes).toEqual(sizes.toSorted((one, other) => other - one));
  const all = Map.groupBy(fitting, (row) => valuesOf(row, group)[0]!);
  const greatest = Math.max(...[...all.values()].map((own) => expected(own)[by]!));
  expect(sizes[0]).toBe(greatest);
}

const FIELDS = LOG_FACETS.filter((field) => !isListFacet(field));

async function checkAll(): Promise<void> {
  for (const field of FIELDS) await check(field, null, 'requests');
  for (const [one, other] of STAT_PAIRS) {
    await check(one, other, 'costNano');
    await check(other, one, 'requests');
  }
}

const unsound = (): Promise<ReadonlyMap<number, unknown>> =>
  store.driver.read(() => unsoundBlocks(START - 9 * DAY, START - 9 * DAY + 4 * BLOCK_MS));

describe('an overview of months', () => {
  it('says what the rows say where there are days alone', checkAll);

  it('says the same once days are blocks, of which it reads some', async () => {
    await build();
    expect((await unsound()).size).toBe(0);
    await checkAll();
    const blocks = await store.driver.read(function* kept(): SqlWork<readonly SqlRow[]> {
      return yield { text: 'SELECT DISTINCT start FROM log_sums WHERE step = ?', values: [BLOCK] };
    });
    expect(blocks.length).toBe(4);
  });

  it('counts days where a block no longer says what they say, until it is made anew', async () => {
    // As an older version does, or a charge that is calculated again.
    const late = made(chance(3), START + 40 * DAY);
    rows.push(late);
    await store.write({ file: 'f', from: 2, to: 3, rows: [late], bodies: [] });
    await store.sum();
    expect((await unsound()).size).toBe(1);
    await checkAll();
    await build();
    expect((await unsound()).size).toBe(0);
    await checkAll();
  });

  it('compares with the window before, group by group', async () => {
    const half = START + 65 * DAY;
    const window = { step: 'day', since: half, until: UNTIL } as const;
    // biome-ignore lint/suspicious/noExplicitAny: the answer is JSON
    const told = (await statsOf(store, question({ window, group: 'user', compare: true }))) as any;
    const before = rows.filter(({ at }) => at < half);
    expect(toldOf(told.before)).toEqual(expected(before));
    const shown = told.groups.flatMap(({ value }: { value: string | null }) => value ?? []) as string[];
    for (const { value, before: own } of told.groups)
      expect(toldOf(own)).toEqual(
        expected(before.filter(({ user }) => (value === null ? !shown.includes(user) : user === value))),
      );
  });

  it('by tag says what is tagged, which is no part of a whole', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the answer is JSON
    const told = (await statsOf(store, question({ group: 'tag', top: 1 }))) as any;
    const tagged = (tag: string) => rows.filter(({ tags }) => tags.includes(tag)).length;
    const counts = [tagged('a'), tagged('b')].sort((one, other) => other - one);
    expect(told.groups.map(({ total }: { total: { requests: number } }) => total.requests)).toEqual(counts);
    expect(told.total.requests).toBe(counts[0]! + counts[1]!);
  });

  it('by guardrail says in how many calls it did what', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the answer is JSON
    const told = (await statsOf(store, question({ group: 'guardrail', top: 100 }))) as any;
    const counts = new Map<string, number>();
    for (const row of rows)
      for (const deed of listValues(row, 'guardrail')!) counts.set(deed, (counts.get(deed) ?? 0) + 1);
    expect(counts.size).toBe(3);
    expect(
      told.groups.map(({ value, total }: { value: string; total: { requests: number } }) => [
        value,
        total.requests,
      ]),
    ).toEqual([...counts].sort(([, one], [, other]) => other - one));
  });
});

it('days and blocks of an older version, which knew fewer sums, are read and added to days of this one', async () => {
  // In the middle of the third block: two are as that version left them, one has days of both.
  const until = START - 9 * DAY + 2.5 * BLOCK_MS;
  await store.driver.write(function* older(): SqlWork<void> {
    const cells = yield {
      text: 'SELECT step, dim, start, a, b, data FROM log_sums WHERE step >= ? AND start < ?',
      values: [STEPS.day, until],
    };
    for (const { step, dim, start, a, b, data } of cells) {
      const [sums, ...times] = JSON.parse(String(data)) as number[][];
      const before = JSON.stringify([sums!.slice(0, -1), ...times]);
      yield {
        text: 'UPDATE log_sums SET data = ? WHERE step = ? AND dim = ? AND start = ? AND a = ? AND b = ?',
        values: [before, step, dim, start, a, b] as SqlValue[], // as they came
      };
    }
  });
  rows = rows.map((row) => (row.at < until ? { ...row, savedMs: null } : row));
  // Only of the block with both the days changed: it is counted by them until it is made anew.
  expect([...(await unsound()).keys()]).toEqual([START - 9 * DAY + 2 * BLOCK_MS]);
  await check('model', null, 'savedMs');
  await check('user', 'model', 'requests');
  await build();
  expect((await unsound()).size).toBe(0);
  await check('model', null, 'savedMs');
  await check('team', 'user', 'savedMs');
});

it('values of filters that somebody sees who may see some teams are of their calls alone', async () => {
  const team = ['team-1', 'team-2'];
  const own = rows.filter((row) => team.includes(row.team));
  const filters: LogFilter['values'][] = [
    { team },
    { team, model: ['model-0'] },
    { team, outcome: ['error'] },
  ];
  for (const values of filters) {
    const filter = { values, ranges: {}, since: START, until: UNTIL };
    const { facets } = await facetsOf(store, filter, LOG_FACETS, UNTIL, true);
    for (const field of LOG_FACETS) {
      const counted = Map.groupBy(
        own.flatMap((row) => valuesOf(row, field)),
        (value) => value,
      );
      for (const { value, count } of facets[field] ?? []) expect(count).toBe(counted.get(value)?.length);
    }
    expect(facets.team!.map(({ value }) => value).sort()).toEqual(team);
    expect(facets.key!.length).toBeGreaterThan(0);
    // Nothing is kept of these by team.
    expect([facets.tag, facets.guardrail, facets.project, facets.status]).toEqual([[], [], [], []]);
  }
});
