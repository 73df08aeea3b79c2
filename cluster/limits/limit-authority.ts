// The owner of the counters in embedded mode: the primary answers what its workers ask, a turn of the event loop at a
// time, and takes back what a dead worker held. The books themselves are src/limits/ledger.ts.
import type { BucketWire, LimitAnswer, LimitBatch, RechargedCounters } from '../../src/contracts/ipc.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { LeftCharge } from '../../src/journal/left.ts';
import { type BucketRef, LimitLedger } from '../../src/limits/ledger.ts';

export interface PrimaryLimits {
  /** What a worker has to say, in its order. @returns answers to its asks. */
  receive(member: number, batch: LimitBatch): LimitAnswer[];
  /** What was spent of budgets is found to be more, or (below 0) less. */
  correct(rows: RechargedCounters): void;
  /**
   * The worker is gone: its slots, its unspent leases and what its calls had reserved are free.
   * @param left what it had spent, as far as it knew untold @returns charges of those that nobody had heard of
   */
  leave(member: number, left?: readonly LeftCharge[]): number;
}

export function createPrimaryLimits(
  clock: Clock,
  ledger: LimitLedger = new LimitLedger({ wall: () => clock.wall() }),
): PrimaryLimits {
  /** By member: the number of its last batch. */
  const heard = new Map<number, number>();
  return {
    receive(member, { number, back, spent, asks }) {
      if (number !== undefined) heard.set(member, number);
      const now = clock.now();
      for (const [bucket, amount] of back) ledger.giveBack(member, refOf(bucket), amount, now);
      for (const [id, amount] of spent) ledger.commit(member, id, amount);
      return asks.map(({ id, token, parts }) => ({
        id,
        grants: ledger
          .ask(
            member,
            parts.map(([bucket, need, want]) => ({ bucket: refOf(bucket), need, want })),
            token,
            now,
          )
          .map(({ granted, retryAfterMs, remaining, resetMs, lifeMs, spent }) => [
            granted,
            retryAfterMs,
            remaining,
            resetMs,
            lifeMs,
            ...(spent === undefined ? ([] as const) : ([spent] as const)),
          ]),
      }));
    },
    correct(rows) {
      const now = clock.now();
      for (const [bucket, nano] of rows) ledger.correct(refOf(bucket), nano, now);
    },
    leave(member, left = []) {
      const last = heard.get(member) ?? 0;
      heard.delete(member);
      let untold = 0;
      for (const { batch, bucketId, amount } of left) {
        if (batch <= last) continue;
        if (amount < 0) ledger.overran(bucketId, -amount);
        else ledger.commit(member, bucketId, amount);
        untold++;
      }
      ledger.leave(member);
      return untold;
    },
  };
}

function refOf([id, dimension, limit, spacingMs, burst, version, endsAtMs]: BucketWire): BucketRef {
  return { id, dimension, limit, spacingMs, burst, version, endsAtMs };
}
