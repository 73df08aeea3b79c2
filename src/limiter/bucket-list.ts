// The buckets that a call meets, with what is asked of all of them together: said once, for as long as the same calls meet the same
// ones.
import type { LocalBucket } from './local-bucket.ts';

export class BucketList {
  readonly all: readonly LocalBucket[];
  /** Some are budgets. */
  readonly budgeted: boolean;
  /** Those that a client is told of. */
  readonly told: readonly LocalBucket[];
  #unbilled: BucketList | null = null;

  constructor(all: readonly LocalBucket[]) {
    this.all = all;
    this.budgeted = all.some(({ cost }) => cost);
    this.told = all.filter(({ told }) => told);
  }

  /** Those of calls that cost nothing. */
  get unbilled(): BucketList {
    if (!this.budgeted) return this;
    return (this.#unbilled ??= new BucketList(this.all.filter(({ cost }) => !cost)));
  }
}

export const NO_BUCKETS = new BucketList([]);
