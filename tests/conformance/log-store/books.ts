// What is done to a log afterwards: its books are proven, and work on it goes on where it was. Part of describeLogStore.
import { expect, it } from 'vitest';
import { logRow } from '../../../src/observability/requests/row.fixture.ts';
import { filter, HOUR, type LogUnderTest, START } from './log-under-test.ts';

/** Charges against rows and sums, and how far jobs are. */
export function booksOf(log: LogUnderTest): void {
  it('proves its books hour by hour, finds what was tampered with, and keeps charges of rows that were deleted', async () => {
    const at = START + 200 * HOUR;
    const start = Math.floor(at / HOUR) * HOUR;
    const rows = await log.write([
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
    expect(await log.store.reconcile(start)).toEqual(sound);
    await log.store.remove(rows.slice(1, 2));
    expect(await log.store.call('r2')).toEqual([]);
    expect(await log.calls(filter({ tag: ['t'] }, { since: at }))).toEqual([]);
    expect(await log.store.reconcile(start)).toEqual({ ...sound, withoutRow: 1 });
    await log.store.driver.write(function* tamper() {
      yield { text: 'UPDATE ledger SET cost_nano = 6 WHERE call = ?', values: ['r1'] };
      yield { text: 'DELETE FROM ledger WHERE call = ?', values: ['r3'] };
    });
    expect(await log.store.reconcile(start)).toMatchObject({
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
    expect(await log.store.putJob(job, null)).toBe(true);
    expect(await log.store.putJob(job, null)).toBe(false);
    const other = await log.again();
    expect(await other.jobs('test')).toEqual([job]);
    expect(await other.putJob({ ...job, done: true, updatedAt: 6 }, 5)).toBe(true);
    expect(await log.store.putJob({ ...job, updatedAt: 7 }, 5)).toBe(false);
    expect(await log.store.jobs('test')).toEqual([{ ...job, done: true, updatedAt: 6 }]);
    expect(await log.store.jobs('another')).toEqual([]);
    await other.close();
  });
}
