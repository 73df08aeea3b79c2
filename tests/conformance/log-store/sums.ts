// Sums of a log: those of its rows, at every moment and however they are kept. Part of describeLogStore.
import { expect, it } from 'vitest';
import { addRow, emptyCell } from '../../../src/observability/requests/cells.ts';
import { sumOf, tallyOf } from '../../../src/observability/requests/points.fixture.ts';
import { logRow } from '../../../src/observability/requests/row.fixture.ts';
import { buildBlocks } from '../../../gatehouse/ingest/block-builder.ts';
import { unsoundBlocks } from '../../../src/stores/log/blocks.ts';
import type { LogStore } from '../../../src/stores/log/log-store.ts';
import type { SqlRow, SqlWork } from '../../../src/stores/sql-driver.ts';
import { BLOCK_MS } from '../../../src/stores/log/sum-steps.ts';
import { HOUR, type LogUnderTest, START } from './log-under-test.ts';

/** In memory, in minutes, hours, days and blocks, and on the way from one to the other. */
export function sumsOf(log: LogUnderTest): void {
  it('has sums of every step and field that are those of its rows, whoever wrote them', async () => {
    const other = await log.again();
    const at = START + 50 * HOUR;
    const rows = Array.from({ length: 40 }, (_, n) =>
      logRow({
        call: `s${n}`,
        at: at + n * 61_000,
        organization: 'sums',
        key: `k${n % 3}`,
        model: `m${n % 5}`,
        tags: n % 2 === 0 ? ['even'] : [],
        costNano: n % 7 === 0 ? null : n * 1_000_003,
      }),
    );
    await Promise.all([
      log.write(rows.slice(0, 25)),
      other.write({ file: 'sums-2', from: 0, to: 1, rows: rows.slice(25), bodies: [] }),
    ]);
    // Its own it sees at once, those of another when they are written.
    expect(await Promise.all([log.store.sum(), other.sum()])).toEqual([true, true]);
    const range = { since: Math.floor(at / HOUR) * HOUR, until: at + 24 * HOUR } as const;
    const whole = emptyCell();
    for (const row of rows) addRow(whole, row);
    for (const step of ['minute', 'hour', 'day'] as const) {
      const since = step === 'day' ? Math.floor(at / (24 * HOUR)) * 24 * HOUR : range.since;
      const points = await log.store.points({
        step,
        since,
        until: range.until,
        fields: [{ field: 'organization', values: ['sums'] }],
      });
      expect(sumOf(points, 'costNano')).toBe(whole.costNano);
      expect(sumOf(points, 'unpriced')).toBe(whole.unpriced);
      expect(sumOf(points, 'requests')).toBe(40);
    }
    const all = await log.store.points({ step: 'hour', ...range, fields: [] });
    expect(tallyOf(all).count('ttftMs')).toBe(40);
    const pairs = await log.store.points({
      step: 'hour',
      ...range,
      fields: [
        { field: 'key', values: ['k1'] },
        { field: 'model', values: null },
      ],
    });
    const expected = rows.filter(({ key }) => key === 'k1');
    expect(sumOf(pairs, 'requests')).toBe(expected.length);
    expect(new Set(pairs.map(({ values }) => values.join()))).toEqual(
      new Set(expected.map(({ key, model }) => `${key},${model}`)),
    );
    const counted = await log.store.counts({
      step: 'hour',
      ...range,
      fields: [
        { field: 'model', values: null },
        { field: 'key', values: ['k1'] },
      ],
    });
    const byModel = Map.groupBy(expected, ({ model }) => model);
    expect(new Map(counted)).toEqual(new Map([...byModel].map(([model, all]) => [model, all.length])));
    expect((await log.store.counts({ step: 'hour', ...range, fields: [] })).get('')).toBe(40);
    const tagged = await log.store.points({
      step: 'hour',
      ...range,
      fields: [{ field: 'tag', values: null }],
    });
    expect(sumOf(tagged, 'requests')).toBe(20);
    await other.close();
  });

  it('answers while sums are being written, and each call counts once all the time', async () => {
    const at = START + 600 * HOUR;
    const rows = Array.from({ length: 200 }, (_, n) =>
      logRow({ call: `s${n}`, at: at + n * 60_000, user: `u${n}`, model: `m${n % 40}` }),
    );
    const own = await log.again();
    await own.places();
    await own.write({ file: 'steady', from: 0, to: 1, rows, bodies: [] });
    const query = { step: 'day', since: at - 48 * HOUR, until: at + 48 * HOUR, fields: [] } as const;
    const count = async (): Promise<number> => sumOf(await own.points(query), 'requests');
    expect(await count()).toBe(200);
    let over = false;
    const writing = own.sum().finally(() => (over = true));
    const seen = new Set<number>();
    while (!over) {
      seen.add(await count());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await writing).toBe(true);
    expect([...seen, await count()]).toEqual([200, 200]);
    // Nothing is left in memory: another reads the same.
    const other = await log.again();
    expect(sumOf(await other.points(query), 'requests')).toBe(200);
    await Promise.all([own.close(), other.close()]);
  });

  it('counts the same from days and from blocks, and says when a block is not as its days', async () => {
    const first = Math.floor((START + 2_000 * HOUR) / BLOCK_MS) * BLOCK_MS;
    const rows = Array.from({ length: 32 }, (_, n) =>
      logRow({
        call: `b${n}`,
        at: first - HOUR + n * 30 * HOUR,
        user: `u${n % 4}`,
        team: `t${n % 2}`,
        costNano: n,
      }),
    );
    await log.write(rows);
    expect(await log.store.sum()).toBe(true);
    const range = { step: 'day', since: first - 24 * HOUR, until: first + 2 * BLOCK_MS } as const;
    const fields = [
      { field: 'user', values: null },
      { field: 'team', values: ['t1'] },
    ] as const;
    const spent = (user: number): number =>
      rows.reduce((sum, { costNano }, n) => sum + (n % 4 === user ? costNano! : 0), 0);
    const check = async (): Promise<void> => {
      expect(new Map(await log.store.counts({ ...range, fields }))).toEqual(
        new Map([
          ['u1', 8],
          ['u3', 8],
        ]),
      );
      expect(new Map(await log.store.counts({ ...range, fields }, 'costNano'))).toEqual(
        new Map([
          ['u1', spent(1)],
          ['u3', spent(3)],
        ]),
      );
    };
    const unsound = async (): Promise<number> =>
      (await log.store.driver.read(() => unsoundBlocks(first, first + BLOCK_MS))).size;
    const made = { driver: log.store.driver, rest: async () => undefined, stopped: () => false };
    await check();
    expect(await unsound()).toBe(1);
    await buildBlocks(made, first, first + BLOCK_MS);
    expect(await unsound()).toBe(0);
    await check();
    const cells = await log.store.driver.read(function* kept(): SqlWork<readonly SqlRow[]> {
      return yield { text: 'SELECT DISTINCT start FROM log_sums WHERE step = 3', values: [] };
    });
    expect(cells.map(({ start }) => Number(start)).sort()).toEqual([first]);
    await log.store.driver.write(function* tamper() {
      yield { text: "UPDATE log_sums SET data = '[[7],[],[],[],[]]' WHERE step = 3", values: [] };
    });
    expect(await unsound()).toBe(1);
    await check();
  });

  it('writes sums that wait once, and not at all where another did', async () => {
    const at = START + 400 * HOUR;
    const of = async (each: LogStore): Promise<[requests: number, waiting: number]> => {
      const points = await each.points({ step: 'day', since: at, until: at + 48 * HOUR, fields: [] });
      return [sumOf(points, 'requests'), each.unsummed];
    };
    const batch = {
      file: 'late',
      from: 0,
      to: 10,
      rows: [logRow({ call: 'l1', at: at + 30 * HOUR }), logRow({ call: 'l2', at: at + 30 * HOUR })],
      bodies: [],
    };
    const own = await log.again();
    await own.places();
    await own.write(batch);
    expect(await of(own)).toEqual([2, 2]);
    const other = await log.again();
    expect((await other.places()).get('late')).toEqual({ place: 10, summed: 0 });
    expect(await of(other)).toEqual([0, 0]);
    other.resume(batch);
    expect(await of(other)).toEqual([2, 2]);
    expect(await other.sum()).toBe(true);
    expect(await of(other)).toEqual([2, 0]);
    expect(await own.sum()).toBe(false);
    expect(await of(own)).toEqual([2, 0]);
    // Who wrote on without knowing it is told, too.
    expect(await own.write({ ...batch, from: 10, to: 20 })).toMatchObject({ written: true });
    expect(await other.write({ ...batch, from: 20, to: 30 })).toEqual({ written: false });
    await Promise.all([own.close(), other.close()]);
  });
}
