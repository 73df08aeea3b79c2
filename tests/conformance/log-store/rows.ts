// Rows of a log: given back as they were written, and found by whatever they say. Part of describeLogStore.
import { expect, it } from 'vitest';
import type { LogFilter, LogQuery } from '../../../src/contracts/log-store.ts';
import { logRow } from '../../../src/observability/requests/row.fixture.ts';
import { filter, HOUR, type LogUnderTest, START } from './log-under-test.ts';

/** Nothing is lost or changed, and each filter finds its own. */
export function rowsOf(log: LogUnderTest): void {
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
    const [logged] = await log.write([row]);
    expect(logged).toEqual({ ...row, id: expect.any(Number) });
    expect((await log.store.page(filter({ team: [hostile] }))).rows).toEqual([logged]);
    expect((await log.store.page(filter({ tag: [hostile] }))).rows).toEqual([logged]);
    expect((await log.store.page(filter({ guardrail: [`${hostile}:answer:mask`] }))).rows).toEqual([logged]);
    expect(await log.store.call(hostile)).toEqual([logged]);
    const [charge] = await log.store.charges(hostile);
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
    await log.write(Array.from({ length: 1_500 }, (_, n) => logRow({ call: `p${n}`, key: 'pages', at })));
    await log.write(Array.from({ length: 700 }, (_, n) => logRow({ call: `q${n}`, key: 'pages', at })));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await log.store.page(filter({ key: ['pages'] }, { cursor, limit: 300 }));
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
    await log.write(many);
    const model = Array.from({ length: 13 }, (_, n) => `v-${n}`);
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await log.store.page(filter({ model, key: ['rare'] }, { cursor, limit: 2 }));
      found.push(...page.rows.map(({ call }) => call));
      cursor = page.next;
    } while (cursor !== null);
    expect(found).toEqual(['v1957', 'v1307', 'v657', 'v7']);
  });

  it('finds by every kind of filter, alone and together', async () => {
    const at = START + 2 * HOUR;
    await log.write([
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
      log.calls(filter({ key: ['f'], ...values }, over));
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
    const charges = await log.store.ledger(filter({ key: ['f'] }));
    expect(charges.items.map(({ call, costNano }) => [call, costNano])).toEqual([
      ['d', 27_000],
      ['d', null],
      ['c', 5_000_000],
      ['a', 27_000],
    ]);
  });

  it('finds calls by what guardrails did, and counts them as they are, those it let pass included', async () => {
    const at = START + 500 * HOUR;
    const did = (name: string, action: 'pass' | 'mask' | 'block') =>
      ({ name, at: 'request', action }) as const;
    const rows = await log.write([
      logRow({ call: 'g1', at, guardrails: [did('a_%', 'mask'), did('words', 'pass')] }),
      logRow({ call: 'g2', at, guardrails: [did('abc', 'pass'), did('words', 'block')] }),
      logRow({ call: 'g3', at, guardrails: [did('a_%', 'pass'), did('a_%', 'pass')] }),
      logRow({ call: 'g4', at }),
    ]);
    const found = async (...guardrail: string[]): Promise<string[]> =>
      (await log.calls(filter({ guardrail }, { since: at, until: at + HOUR }))).sort();
    expect(await found('a_%:request:mask')).toEqual(['g1']);
    expect(await found('a_%:request:mask', 'words:request:block')).toEqual(['g1', 'g2']);
    // One that has several of them is one.
    await log.write([
      logRow({
        call: 'g5',
        at: at + 1_000 * HOUR,
        tags: ['t1', 't2'],
        guardrails: [did('abc', 'mask'), did('words', 'block')],
      }),
    ]);
    const both = { since: at + 1_000 * HOUR };
    expect(await log.calls(filter({ guardrail: ['abc:request:mask', 'words:request:block'] }, both))).toEqual(
      ['g5'],
    );
    expect(await log.calls(filter({ tag: ['t1', 't2'] }, both))).toEqual(['g5']);
    // No index, and a name with letters that would mean others.
    expect(await found('a_%:request:pass')).toEqual(['g3']);
    expect(await found('abc:request:pass', 'a_%:request:mask')).toEqual(['g1', 'g2']);
    // Nothing but looking was done.
    expect(await found('')).toEqual(['g3', 'g4']);
    expect(
      await log.calls(filter({ guardrail: ['words:request:block'], key: ['other'] }, { since: at })),
    ).toEqual([]);
    const counts = await log.store.counts({
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
    await log.store.remove(rows.slice(0, 1));
    expect(await found('a_%:request:mask')).toEqual([]);
  });
}
