// The owner of the counters in embedded mode: the primary answers what its workers ask, a turn of the event loop at a
// time, and takes back what a dead worker held. The books themselves are src/limits/ledger.ts.
import type { BucketWire, LimitAnswer, LimitBatch, RechargedCounters } from '../../src/contracts/ipc.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import { type BucketRef, LimitLedger } from '../../src/limits/ledger.ts';

export interface PrimaryLimits {
  /** What a worker has to say, in its order. @returns answers to its asks. */
  receive(member: number, batch: LimitBatch): LimitAnswer[];
  /** What was spent of budgets is found to be more, or (below 0) less. */
  correct(rows: RechargedCounters): void;
  /** The worker is gone: its slots, its unspent leases and what its calls had reserved are free. */
  leave(member: number): void;
}

export function createPrimaryLimits(
  clock: Clock,
  ledger: LimitLedger = new LimitLedger({ wall: () => clock.wall() }),
): PrimaryLimits {
  return {
    receive(member, { back, spent, asks }) {
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
    leave: (member) => ledger.leave(member),
  };
}

function refOf([id, dimension, limit, spacingMs, burst, version, endsAtMs]: BucketWire): BucketRef {
  return { id, dimension, limit, spacingMs, burst, version, endsAtMs };
}
