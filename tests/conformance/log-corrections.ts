// What corrections of charges must do, whichever database the log lies in: beside log-store.ts, over the same two.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CorrectionBatch, LedgerRow, LogFacet, LogJob } from '../../src/contracts/log-store.ts';
import type { LogRow } from '../../src/contracts/request-log.ts';
import { sumOf } from '../../src/observability/requests/points.fixture.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import type { LogStore } from '../../src/stores/log/log-store.ts';
import type { LogStoreMaker } from './log-store/log-under-test.ts';

const HOUR = 3_600_000;
const START = Math.floor(1_764_000_000_000 / HOUR) * HOUR;

export function describeLogCorrections(title: string, maker: LogStoreMaker): void {
  describe(`${title}: corrections`, () => {
    let store: LogStore;
    let again: () => Promise<LogStore>;
    let close: () => Promise<void>;
    let files = 0;
    let jobs = 0;
    beforeAll(async () => {
      ({ store, again, close } = await maker.open());
    });
    afterAll(() => close());

    const write = (rows: readonly LogRow[]) =>
      store.write({ file: `c${++files}`, from: 0, to: 10, rows, bodies: [] });
    async function newJob(): Promise<LogJob> {
      const job = { id: `job-${++jobs}`, kind: 'recalculate', done: false, updatedAt: 1, state: { at: 0 } };
      expect(await store.putJob(job, null)).toBe(true);
      return job;
    }
    const batch = (
      job: LogJob,
      corrections: CorrectionBatch['corrections'],
      at = START,
    ): CorrectionBatch => ({
      job: { ...job, updatedAt: job.updatedAt + 1 },
      before: job.updatedAt,
      at,
      corrections,
      minutesFrom: 0,
      hoursFrom: 0,
    });
    const chargesOf = (since: number, until: number) =>
      store.chargesOf({ since, until, after: null, limit: 100 });
    const to = (charge: LedgerRow | undefined, toNano: number) => ({
      charge: charge!,
      toNano,
      priceVersion: 'configuration',
    });
    async function total(field: LogFacet | null, start: number): Promise<Record<string, number>> {
      const points = await store.points({
        step: 'hour',
        since: start,
        until: start + HOUR,
        fields: field === null ? [] : [{ field, values: null }],
      });
      return Object.fromEntries(points.map((point) => [point.values[0] ?? '', sumOf([point], 'costNano')]));
    }

    it('are told in the order in which they were made, page by page', async () => {
      const at = START + 40 * HOUR;
      await write([1, 2, 3].map((n) => logRow({ call: `p${n}`, at: at + n, key: 'paged', costNano: 10 })));
      for (const [offset, nano] of [
        [2, 20],
        [1, 30],
      ] as const) {
        const charges = await chargesOf(at, at + HOUR);
        const made = charges.map((charge) => to(charge, nano));
        expect(await store.correct(batch(await newJob(), made, at + HOUR + offset))).toBe(true);
      }
      const seen: unknown[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.correctionsOf({
          ...{ since: at + HOUR, until: at + 2 * HOUR, cursor, limit: 2 },
        });
        expect(page.rows.length).toBeLessThanOrEqual(2);
        for (const { call, key, correctedAt, fromNano, toNano } of page.rows)
          seen.push([call, key, correctedAt - at - HOUR, fromNano, toNano]);
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toEqual([
        ...['p1', 'p2', 'p3'].map((call) => [call, 'paged', 1, 20, 30]),
        ...['p1', 'p2', 'p3'].map((call) => [call, 'paged', 2, 10, 20]),
      ]);
      const none = { since: at + HOUR, until: at + HOUR + 1, cursor: null, limit: 10 };
      expect(await store.correctionsOf(none)).toEqual({ rows: [], next: null });
    });

    it('leave the charge as it was made, and all that is made of it follows', async () => {
      const rows = [
        logRow({
          call: 'a1',
          at: START + 1,
          key: 'k1',
          team: 't1',
          customer: 'c1',
          costNano: 100,
          tags: ['x'],
        }),
        logRow({
          ...{ call: 'a2', at: START + 2, key: 'k2', team: 't1', costNano: null, priceVersion: '' },
          ...{ tier: 'flex', factors: ['us'], promptBytes: 7, answerEvents: 3, answerBytes: 0 },
        }),
        logRow({ call: 'a3', at: START + 3, key: 'k1', team: 't2', costNano: 40 }),
      ];
      await write(rows);
      const charges = await chargesOf(START, START + HOUR);
      expect(charges.map(({ call }) => call)).toEqual(['a1', 'a2', 'a3']);
      expect(charges[1]).toMatchObject({
        ...{ tier: 'flex', factors: ['us'], promptBytes: 7, answerEvents: 3, answerBytes: 0 },
        ...{ costNano: null, originalNano: null, recalculatedAt: null, corrections: [] },
      });
      // Sums of these rows still wait.
      const job = await newJob();
      expect(await store.correct(batch(job, [to(charges[0], 250), to(charges[1], 30)], START + 9))).toBe(
        true,
      );
      const sound = { costNano: 320, summedNano: 320, unpriced: 0, summedUnpriced: 0, miscorrected: 0 };
      expect(await store.reconcile(START)).toMatchObject({ ...sound, otherCost: 0, withoutCharge: 0 });
      expect(await store.sum()).toBe(true);
      expect(await store.reconcile(START)).toMatchObject({ ...sound, otherCost: 0, withoutCharge: 0 });
      const other = await again();
      expect(await other.charges('a1')).toMatchObject([
        {
          ...{ costNano: 250, priceVersion: 'configuration', originalNano: 100, recalculatedAt: START + 9 },
          originalVersion: 'builtin 2026-11-29',
          corrections: [
            { at: START + 9, job: job.id, fromNano: 100, toNano: 250, priceVersion: 'configuration' },
          ],
        },
      ]);
      expect((await other.charges('a2'))[0]).toMatchObject({ costNano: 30, originalNano: null });
      expect(await other.call('a1')).toMatchObject([
        { ...rows[0], costNano: 250, priceVersion: 'configuration' },
      ]);
      const jobs = await other.jobs('recalculate');
      expect(jobs.filter(({ id }) => id === job.id)).toMatchObject([{ updatedAt: 2 }]);
      await other.close();
      expect(await total(null, START)).toEqual({ '': 320 });
      expect(await total('key', START)).toEqual({ k1: 290, k2: 30 });
      expect(await total('team', START)).toEqual({ t1: 280, t2: 40 });
      expect(await total('customer', START)).toEqual({ c1: 250, '': 70 });
      expect(await total('outcome', START)).toEqual({ ok: 320 });
      expect(await total('tag', START)).toEqual({ x: 250 });
    });

    it('are found by what charges come to now', async () => {
      const ledger = (over: object) =>
        store.ledger({ values: {}, ranges: {}, since: START, until: START + HOUR, limit: 10, ...over });
      const costing = (await ledger({ ranges: { costNano: [200, null] } })).items;
      expect(costing.map(({ call }) => call)).toEqual(['a1']);
      expect(costing[0]!.corrections).toHaveLength(1);
      expect((await ledger({ unpriced: true })).items).toEqual([]);
    });

    it('of a job that somebody else changed, or of a charge that did, write nothing', async () => {
      const [charge] = await chargesOf(START, START + HOUR);
      const job = await newJob();
      expect(await store.correct(batch({ ...job, updatedAt: 0 }, [to(charge, 1)]))).toBe(false);
      expect(await store.correct(batch(job, [to({ ...charge!, costNano: 249 }, 1)]))).toBe(false);
      expect(await store.correct(batch(job, [to({ ...charge!, id: 5 }, 1)]))).toBe(false);
      expect((await store.charges('a1'))[0]).toMatchObject({ costNano: 250 });
      // It may be corrected once more, by another job, and its history is whole.
      expect(await store.correct(batch(job, [to(charge, 90)], START + 20))).toBe(true);
      expect((await store.charges('a1'))[0]).toMatchObject({
        ...{ costNano: 90, originalNano: 100, recalculatedAt: START + 20 },
        corrections: [
          { fromNano: 100, toNano: 250 },
          { fromNano: 250, toNano: 90 },
        ],
      });
      expect(await store.reconcile(START)).toMatchObject({ costNano: 160, summedNano: 160, miscorrected: 0 });
    });

    it('of a charge whose row was deleted reach all sums that the charge names', async () => {
      const at = START + HOUR;
      await write([logRow({ call: 'd1', at, key: 'k9', costNano: 10, tags: ['y'] })]);
      await store.sum();
      const [charge] = await chargesOf(at, at + HOUR);
      await store.remove([{ id: charge!.id, call: 'd1' }]);
      expect(await store.correct(batch(await newJob(), [to(charge, 15)]))).toBe(true);
      expect(await total('key', at)).toEqual({ k9: 15 });
      expect(await total('tag', at)).toEqual({ y: 15 });
      expect(await store.reconcile(at)).toMatchObject({ costNano: 15, summedNano: 15, withoutRow: 1 });
    });

    it('that somebody falsified are found', async () => {
      await store.driver.write(function* tamper() {
        yield { text: 'UPDATE ledger SET corrected_nano = 91 WHERE call = ?', values: ['a1'] };
      });
      expect(await store.reconcile(START)).toMatchObject({ miscorrected: 1, otherCost: 1, summedNano: 160 });
    });

    it('are read page by page, oldest first', async () => {
      const at = START + 3 * HOUR;
      await write(Array.from({ length: 7 }, (_, n) => logRow({ call: `p${n}`, at: at + n })));
      const seen: string[] = [];
      let after: number | null = null;
      for (;;) {
        const charges: readonly LedgerRow[] = await store.chargesOf({
          since: at,
          until: at + 6,
          after,
          limit: 4,
        });
        if (charges.length === 0) break;
        seen.push(...charges.map(({ call }) => call));
        after = charges.at(-1)!.id;
      }
      expect(seen).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
    });
  });
}
