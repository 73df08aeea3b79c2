// What every log of requests must do, whichever database it lies in: one suite, run over SQLite (log-store.test.ts) and over a
// real PostgreSQL (tests/integration/postgres).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgeEvent } from '../../src/contracts/edge.ts';
import type { LogFilter, LoggedRow, LogQuery } from '../../src/contracts/log-store.ts';
import type { LogRow } from '../../src/contracts/request-log.ts';
import { addRow, emptyCell } from '../../src/observability/requests/cells.ts';
import { sumOf, tallyOf } from '../../src/observability/requests/points.fixture.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { createEdgeEvents } from '../../src/stores/log/edge-events.ts';
import { buildBlocks } from '../../gatehouse/ingest/block-builder.ts';
import { unsoundBlocks } from '../../src/stores/log/blocks.ts';
import type { LogStore } from '../../src/stores/log/log-store.ts';
import type { SqlRow, SqlWork } from '../../src/stores/sql-driver.ts';
import { BLOCK_MS } from '../../src/stores/log/sum-steps.ts';

export interface LogStoreMaker {
  open(): Promise<{ store: LogStore; again(): Promise<LogStore>; close(): Promise<void> }>;
}

const START = 1_764_000_000_000;
const HOUR = 3_600_000;

export function describeLogStore(title: string, maker: LogStoreMaker): void {
  describe(title, () => {
    let store: LogStore;
    let again: () => Promise<LogStore>;
    let close: () => Promise<void>;
    let files = 0;
    beforeAll(async () => {
      ({ store, again, close } = await maker.open());
    });
    afterAll(() => close());

    async function write(rows: readonly LogRow[]): Promise<readonly LoggedRow[]> {
      const result = await store.write({ file: `f${++files}`, from: 0, to: 10, rows, bodies: [] });
      if (!result.written) throw new Error('was written already');
      return result.rows;
    }
    const filter = (values: LogFilter['values'], over: Partial<LogQuery> = {}): LogQuery => ({
      values,
      ranges: {},
      limit: 10,
      ...over,
    });
    const calls = async (query: LogQuery): Promise<string[]> =>
      (await store.page(query)).rows.map(({ call }) => call);

    it('gives a row back as it was, whatever stands in its texts', async () => {
      const hostile = `<script>alert(1)</script>\u0007\r\n' OR 1=1; -- "\\ ä \u{1F600} ${'x'.repeat(200)}`;
      const row = logRow({
        call: hostile,
        team: hostile,
        requestedModel: hostile,
        tags: [hostile, 'b'],
        at: START,
        dropped: [hostile],
        guardrails: [{ name: hostile, at: 'answer', action: 'mask' }],
        similarity: 0.93,
        savedNano: 2 ** 50,
        savedMs: 2 ** 40,
        tokensPerSecond: null,
        totalMs: 12.345,
      });
      const [logged] = await write([row]);
      expect(logged).toEqual({ ...row, id: expect.any(Number) });
      expect((await store.page(filter({ team: [hostile] }))).rows).toEqual([logged]);
      expect((await store.page(filter({ tag: [hostile] }))).rows).toEqual([logged]);
      expect((await store.page(filter({ guardrail: [`${hostile}:answer:mask`] }))).rows).toEqual([logged]);
      expect(await store.call(hostile)).toEqual([logged]);
      const [charge] = await store.charges(hostile);
      expect(charge).toMatchObject({
        id: logged!.id,
        call: hostile,
        costNano: 27_000,
        inputTokens: 100,
        tags: row.tags,
      });
    });

    it('pages newest first without loss or repetition, many rows of one moment included', async () => {
      const at = START + HOUR;
      await write(Array.from({ length: 1_500 }, (_, n) => logRow({ call: `p${n}`, key: 'pages', at })));
      await write(Array.from({ length: 700 }, (_, n) => logRow({ call: `q${n}`, key: 'pages', at })));
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.page(filter({ key: ['pages'] }, { cursor, limit: 300 }));
        const ids = page.rows.map(({ id }) => id);
        expect(ids).toEqual([...ids].sort((one, other) => other - one));
        seen.push(...page.rows.map(({ call }) => call));
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toHaveLength(2_200);
      expect(new Set(seen).size).toBe(2_200);
    });

    it('finds what is rare among the many of several values, page by page', async () => {
      const at = START + 700 * HOUR;
      const many = Array.from({ length: 2_600 }, (_, n) =>
        logRow({ call: `v${n}`, at: at + n, model: `v-${n % 2}`, key: n % 650 === 7 ? 'rare' : 'usual' }),
      );
      await write(many);
      const model = Array.from({ length: 13 }, (_, n) => `v-${n}`);
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.page(filter({ model, key: ['rare'] }, { cursor, limit: 2 }));
        found.push(...page.rows.map(({ call }) => call));
        cursor = page.next;
      } while (cursor !== null);
      expect(found).toEqual(['v1957', 'v1307', 'v657', 'v7']);
    });

    it('finds by every kind of filter, alone and together', async () => {
      const at = START + 2 * HOUR;
      await write([
        logRow({ call: 'a', at, key: 'f', model: 'm1', session: 's1', status: 200 }),
        logRow({
          call: 'b',
          at: at + 1,
          key: 'f',
          model: 'm2',
          status: 429,
          outcome: 'error',
          owner: 'policy',
          errorType: 'policy_rate_limit',
          costNano: null,
          inputTokens: null,
          outputTokens: null,
          attempt: 0,
          attempts: 0,
        }),
        logRow({
          call: 'c',
          at: at + 2,
          key: 'f',
          model: 'm1',
          user: 'ada',
          tags: ['x', 'y'],
          costNano: 5_000_000,
          totalMs: 9_000,
          stream: false,
        }),
        logRow({ call: 'd', at: at + 3, key: 'f', model: 'm3', costNano: null, cache: 'hit' }),
        logRow({
          call: 'd',
          at: at + 3,
          key: 'f',
          model: 'm3',
          attempt: 2,
          final: false,
          outcome: 'error',
          owner: 'provider',
          errorType: 'provider_overloaded',
        }),
      ]);
      const own = (values: LogFilter['values'], over: Partial<LogQuery> = {}): Promise<string[]> =>
        calls(filter({ key: ['f'], ...values }, over));
      expect(await own({})).toEqual(['d', 'c', 'b', 'a']);
      expect(await own({}, { attempts: true })).toEqual(['d', 'd', 'c', 'b', 'a']);
      expect(await own({ model: ['m1', 'm3'] })).toEqual(['d', 'c', 'a']);
      expect(await own({ session: ['s1'] })).toEqual(['a']);
      expect(await own({ session: [''] })).toEqual(['d', 'c', 'b']);
      expect(await own({ status: ['429'] })).toEqual(['b']);
      expect(await own({ status: ['200'], outcome: ['ok'] })).toEqual(['d', 'c', 'a']);
      expect(await own({ owner: ['policy', 'gateway'] })).toEqual(['b']);
      expect(await own({ tag: ['y', 'z'] })).toEqual(['c']);
      expect(await own({ tag: [''] })).toEqual(['d', 'b', 'a']);
      expect(await own({ user: ['ada'], model: ['m2'] })).toEqual([]);
      expect(await own({ stream: ['false'] })).toEqual(['c']);
      expect(await own({ cache: ['hit'] })).toEqual(['d']);
      expect(await own({}, { ranges: { costNano: [5_000_000, null] } })).toEqual(['c']);
      expect(await own({}, { ranges: { totalMs: [null, 1_000], tokens: [1, 1_000] } })).toEqual(['d', 'a']);
      expect(await own({}, { unpriced: true })).toEqual(['d']);
      expect(await own({}, { since: at + 1, until: at + 3 })).toEqual(['c', 'b']);
      const charges = await store.ledger(filter({ key: ['f'] }));
      expect(charges.items.map(({ call, costNano }) => [call, costNano])).toEqual([
        ['d', 27_000],
        ['d', null],
        ['c', 5_000_000],
        ['a', 27_000],
      ]);
    });

    it('writes what a file said once, whoever reads it, and says how far it was read', async () => {
      const other = await again();
      const batch = {
        file: 'twice',
        from: 0,
        to: 77,
        rows: [logRow({ call: 'once', key: 'twice', at: START + 3 * HOUR })],
        bodies: [],
      };
      const results = await Promise.all([store.write(batch), other.write(batch)]);
      expect(results.filter(({ written }) => written)).toHaveLength(1);
      expect(results.find(({ written }) => !written)).toEqual({ written: false });
      expect(await calls(filter({ key: ['twice'] }))).toEqual(['once']);
      expect((await other.places()).get('twice')).toEqual({ place: 77, summed: 0 });
      expect([await store.sum(), await other.sum()].sort()).toEqual([true, true]);
      await store.forget(['twice']);
      expect((await other.places()).has('twice')).toBe(false);
      await other.close();
    });

    it('has sums of every step and field that are those of its rows, whoever wrote them', async () => {
      const other = await again();
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
        write(rows.slice(0, 25)),
        other.write({ file: 'sums-2', from: 0, to: 1, rows: rows.slice(25), bodies: [] }),
      ]);
      // Its own it sees at once, those of another when they are written.
      expect(await Promise.all([store.sum(), other.sum()])).toEqual([true, true]);
      const range = { since: Math.floor(at / HOUR) * HOUR, until: at + 24 * HOUR } as const;
      const whole = emptyCell();
      for (const row of rows) addRow(whole, row);
      for (const step of ['minute', 'hour', 'day'] as const) {
        const since = step === 'day' ? Math.floor(at / (24 * HOUR)) * 24 * HOUR : range.since;
        const points = await store.points({
          step,
          since,
          until: range.until,
          fields: [{ field: 'organization', values: ['sums'] }],
        });
        expect(sumOf(points, 'costNano')).toBe(whole.costNano);
        expect(sumOf(points, 'unpriced')).toBe(whole.unpriced);
        expect(sumOf(points, 'requests')).toBe(40);
      }
      const all = await store.points({ step: 'hour', ...range, fields: [] });
      expect(tallyOf(all).count('ttftMs')).toBe(40);
      const pairs = await store.points({
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
      const counted = await store.counts({
        step: 'hour',
        ...range,
        fields: [
          { field: 'model', values: null },
          { field: 'key', values: ['k1'] },
        ],
      });
      const byModel = Map.groupBy(expected, ({ model }) => model);
      expect(new Map(counted)).toEqual(new Map([...byModel].map(([model, all]) => [model, all.length])));
      expect((await store.counts({ step: 'hour', ...range, fields: [] })).get('')).toBe(40);
      const tagged = await store.points({ step: 'hour', ...range, fields: [{ field: 'tag', values: null }] });
      expect(sumOf(tagged, 'requests')).toBe(20);
      await other.close();
    });

    it('finds calls by what guardrails did, and counts them as they are, those it let pass included', async () => {
      const at = START + 500 * HOUR;
      const did = (name: string, action: 'pass' | 'mask' | 'block') =>
        ({ name, at: 'request', action }) as const;
      const rows = await write([
        logRow({ call: 'g1', at, guardrails: [did('a_%', 'mask'), did('words', 'pass')] }),
        logRow({ call: 'g2', at, guardrails: [did('abc', 'pass'), did('words', 'block')] }),
        logRow({ call: 'g3', at, guardrails: [did('a_%', 'pass'), did('a_%', 'pass')] }),
        logRow({ call: 'g4', at }),
      ]);
      const found = async (...guardrail: string[]): Promise<string[]> =>
        (await calls(filter({ guardrail }, { since: at, until: at + HOUR }))).sort();
      expect(await found('a_%:request:mask')).toEqual(['g1']);
      expect(await found('a_%:request:mask', 'words:request:block')).toEqual(['g1', 'g2']);
      // One that has several of them is one.
      await write([
        logRow({
          call: 'g5',
          at: at + 1_000 * HOUR,
          tags: ['t1', 't2'],
          guardrails: [did('abc', 'mask'), did('words', 'block')],
        }),
      ]);
      const both = { since: at + 1_000 * HOUR };
      expect(await calls(filter({ guardrail: ['abc:request:mask', 'words:request:block'] }, both))).toEqual([
        'g5',
      ]);
      expect(await calls(filter({ tag: ['t1', 't2'] }, both))).toEqual(['g5']);
      // No index, and a name with letters that would mean others.
      expect(await found('a_%:request:pass')).toEqual(['g3']);
      expect(await found('abc:request:pass', 'a_%:request:mask')).toEqual(['g1', 'g2']);
      // Nothing but looking was done.
      expect(await found('')).toEqual(['g3', 'g4']);
      expect(
        await calls(filter({ guardrail: ['words:request:block'], key: ['other'] }, { since: at })),
      ).toEqual([]);
      const counts = await store.counts({
        step: 'hour',
        since: Math.floor(at / HOUR) * HOUR,
        until: Math.floor(at / HOUR) * HOUR + HOUR,
        fields: [{ field: 'guardrail', values: null }],
      });
      expect(Object.fromEntries(counts)).toEqual({
        'a_%:request:mask': 1,
        'a_%:request:pass': 1,
        'abc:request:pass': 1,
        'words:request:pass': 1,
        'words:request:block': 1,
      });
      await store.remove(rows.slice(0, 1));
      expect(await found('a_%:request:mask')).toEqual([]);
    });

    it('answers while sums are being written, and each call counts once all the time', async () => {
      const at = START + 600 * HOUR;
      const rows = Array.from({ length: 400 }, (_, n) =>
        logRow({ call: `s${n}`, at: at + n * 60_000, user: `u${n}`, model: `m${n % 40}` }),
      );
      const own = await again();
      await own.places();
      await own.write({ file: 'steady', from: 0, to: 1, rows, bodies: [] });
      const query = { step: 'day', since: at - 48 * HOUR, until: at + 48 * HOUR, fields: [] } as const;
      const count = async (): Promise<number> => sumOf(await own.points(query), 'requests');
      expect(await count()).toBe(400);
      let over = false;
      const writing = own.sum().finally(() => (over = true));
      const seen = new Set<number>();
      while (!over) {
        seen.add(await count());
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await writing).toBe(true);
      expect([...seen, await count()]).toEqual([400, 400]);
      // Nothing is left in memory: another reads the same.
      const other = await again();
      expect(sumOf(await other.points(query), 'requests')).toBe(400);
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
      await write(rows);
      expect(await store.sum()).toBe(true);
      const range = { step: 'day', since: first - 24 * HOUR, until: first + 2 * BLOCK_MS } as const;
      const fields = [
        { field: 'user', values: null },
        { field: 'team', values: ['t1'] },
      ] as const;
      const spent = (user: number): number =>
        rows.reduce((sum, { costNano }, n) => sum + (n % 4 === user ? costNano! : 0), 0);
      const check = async (): Promise<void> => {
        expect(new Map(await store.counts({ ...range, fields }))).toEqual(
          new Map([
            ['u1', 8],
            ['u3', 8],
          ]),
        );
        expect(new Map(await store.counts({ ...range, fields }, 'costNano'))).toEqual(
          new Map([
            ['u1', spent(1)],
            ['u3', spent(3)],
          ]),
        );
      };
      const unsound = async (): Promise<number> =>
        (await store.driver.read(() => unsoundBlocks(first, first + BLOCK_MS))).size;
      const made = { driver: store.driver, rest: async () => undefined, stopped: () => false };
      await check();
      expect(await unsound()).toBe(1);
      await buildBlocks(made, first, first + BLOCK_MS);
      expect(await unsound()).toBe(0);
      await check();
      const cells = await store.driver.read(function* kept(): SqlWork<readonly SqlRow[]> {
        return yield { text: 'SELECT DISTINCT start FROM log_sums WHERE step = 3', values: [] };
      });
      expect(cells.map(({ start }) => Number(start)).sort()).toEqual([first]);
      await store.driver.write(function* tamper() {
        yield { text: "UPDATE log_sums SET data = '[[7],[],[],[],[]]' WHERE step = 3", values: [] };
      });
      expect(await unsound()).toBe(1);
      await check();
    });

    it('keeps who is to be told of which row until it was told', async () => {
      const at = START + 700 * HOUR;
      const rows = ['w1', 'w2', 'w3'].map((call, n) => logRow({ call, at: at + n }));
      await store.write({ file: 'told', from: 0, to: 1, rows, bodies: [] }, (logged) =>
        logged.slice(0, 2).map(({ id }) => ({ sink: 'hook', id })),
      );
      const other = await again();
      const waiting = await other.untold('hook', 10);
      expect(waiting.map(({ call }) => call)).toEqual(['w1', 'w2']);
      expect(await other.untold('hook', 1)).toHaveLength(1);
      expect(await other.untold('elsewhere', 10)).toEqual([]);
      await store.told('hook', [waiting[0]!.id]);
      expect((await other.untold('hook', 10)).map(({ call }) => call)).toEqual(['w2']);
      await other.close();
    });

    it('writes sums that wait once, and not at all where another did', async () => {
      const at = START + 400 * HOUR;
      const of = async (log: LogStore): Promise<[requests: number, waiting: number]> => {
        const points = await log.points({ step: 'day', since: at, until: at + 48 * HOUR, fields: [] });
        return [sumOf(points, 'requests'), log.unsummed];
      };
      const batch = {
        file: 'late',
        from: 0,
        to: 10,
        rows: [logRow({ call: 'l1', at: at + 30 * HOUR }), logRow({ call: 'l2', at: at + 30 * HOUR })],
        bodies: [],
      };
      const own = await again();
      await own.places();
      await own.write(batch);
      expect(await of(own)).toEqual([2, 2]);
      const other = await again();
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

    it('proves its books hour by hour, finds what was tampered with, and keeps charges of rows that were deleted', async () => {
      const at = START + 200 * HOUR;
      const start = Math.floor(at / HOUR) * HOUR;
      const rows = await write([
        logRow({ call: 'r1', at, costNano: 5 }),
        logRow({ call: 'r2', at, costNano: 7, tags: ['t'] }),
        logRow({ call: 'r3', at, costNano: null }),
        logRow({
          call: 'r4',
          at,
          attempt: 0,
          attempts: 0,
          costNano: null,
          inputTokens: null,
          outputTokens: null,
        }),
      ]);
      const sound = {
        charges: 3,
        costNano: 12,
        unpriced: 1,
        summedNano: 12,
        summedUnpriced: 1,
        withoutRow: 0,
        otherCost: 0,
        miscorrected: 0,
        withoutCharge: 0,
      };
      expect(await store.reconcile(start)).toEqual(sound);
      await store.remove(rows.slice(1, 2));
      expect(await store.call('r2')).toEqual([]);
      expect(await calls(filter({ tag: ['t'] }, { since: at }))).toEqual([]);
      expect(await store.reconcile(start)).toEqual({ ...sound, withoutRow: 1 });
      await store.driver.write(function* tamper() {
        yield { text: 'UPDATE ledger SET cost_nano = 6 WHERE call = ?', values: ['r1'] };
        yield { text: 'DELETE FROM ledger WHERE call = ?', values: ['r3'] };
      });
      expect(await store.reconcile(start)).toMatchObject({
        costNano: 13,
        summedNano: 12,
        unpriced: 0,
        summedUnpriced: 1,
        otherCost: 1,
        withoutCharge: 1,
      });
    });

    it('keeps how far work is, and lets nobody change what somebody else changed', async () => {
      const job = { id: 'j1', kind: 'test', done: false, updatedAt: 5, state: { hour: 2 ** 40, text: 'ä' } };
      expect(await store.putJob(job, null)).toBe(true);
      expect(await store.putJob(job, null)).toBe(false);
      const other = await again();
      expect(await other.jobs('test')).toEqual([job]);
      expect(await other.putJob({ ...job, done: true, updatedAt: 6 }, 5)).toBe(true);
      expect(await store.putJob({ ...job, updatedAt: 7 }, 5)).toBe(false);
      expect(await store.jobs('test')).toEqual([{ ...job, done: true, updatedAt: 6 }]);
      expect(await store.jobs('another')).toEqual([]);
      await other.close();
    });

    it('keeps bodies apart from rows, the first of each kind', async () => {
      const body = {
        call: 'with-body',
        at: START,
        kind: 'request',
        bytes: 3,
        truncated: false,
        sha256: 'h',
        encoding: 'utf8',
        text: 'äöü',
      } as const;
      await store.write({
        file: 'bodies',
        from: 0,
        to: 5,
        rows: [],
        bodies: [body, { ...body, kind: 'answer', text: '' }],
      });
      await store.write({ file: 'bodies', from: 5, to: 9, rows: [], bodies: [{ ...body, text: 'another' }] });
      expect(await store.bodies('with-body')).toEqual([body, { ...body, kind: 'answer', text: '' }]);
      expect(await store.bodies('without')).toEqual([]);
    });

    it('takes what a device at the edge did once, however often it sends it', async () => {
      const events = createEdgeEvents(store.driver);
      const event = (n: number): EdgeEvent => ({
        id: `e${n}`,
        at: START + Math.floor(n / 2),
        outcome: n % 3 === 0 ? 'fallback' : 'blocked',
        app: 'claude',
        reason: 'server:"tools"',
        method: 'POST',
        path: '/v1/messages',
        model: 'm',
        status: 403,
        durationMs: 1.5,
        bytesIn: n,
        bytesOut: 0,
      });
      const sent = Array.from({ length: 40 }, (_, n) => event(n));
      expect(await events.put('dev_a', 0, sent.slice(0, 30))).toBe(30);
      // Its answer was lost; and then the device forgot what it had sent.
      expect(await events.put('dev_a', 0, sent.slice(0, 30))).toBe(30);
      expect(await events.put('dev_a', 50, sent)).toBe(30);
      expect(await events.put('dev_a', 30, sent.slice(30))).toBe(40);
      expect(await events.put('dev_b', 0, [event(0)])).toBe(1);
      const seen: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await events.page({
          device: 'dev_a',
          limit: 7,
          ...(cursor === undefined ? {} : { cursor }),
        });
        seen.push(...page.items.map(({ id }) => id));
        if (page.next === null) break;
        cursor = page.next;
      }
      expect(seen).toEqual(sent.map(({ id }) => id).reverse());
      expect((await events.page({ limit: 100 })).items).toHaveLength(41);
      const only = await events.page({ outcome: 'fallback', since: START + 10, limit: 100 });
      expect(only.items.every(({ outcome, at }) => outcome === 'fallback' && at >= START + 10)).toBe(true);
      expect(only.items[0]).toEqual({ device: 'dev_a', ...event(39) });
    });
  });
}
