// The buckets a worker has to do with, by id and bounded: end users named in headers come and go.
import type { LimitAuthority, LimitRule } from '../contracts/limits.ts';
import { hashedValue } from '../limits/bucket-id.ts';
import { leaseSize } from '../limits/lease.ts';
import type { BudgetTally } from './budget-tally.ts';
import { BudgetWindows } from './budget-windows.ts';
import { LocalBucket } from './local-bucket.ts';
import type { LimitMeter, RuleMeter } from './meter.ts';

const MAX_BUCKETS = 20_000;
/** Values of clients whose hashes are remembered: of more than that all are forgotten, and long ones are none of them. */
const MAX_HASHES = 4_096;
const MAX_HASHED_CHARS = 256;

export class BucketStore {
  readonly #buckets = new Map<string, LocalBucket>();
  readonly #meters = new Map<string, RuleMeter>();
  readonly #hashes = new Map<string, string>();
  readonly #authority: LimitAuthority;
  readonly #holders: () => number;
  readonly #meter: LimitMeter;
  readonly #giveBack: (bucket: LocalBucket) => void;
  readonly #max: number;
  readonly #tally: BudgetTally | null;
  /** Of budgets. */
  readonly windows: BudgetWindows;
  /** Of the configuration in force. */
  version = 0;

  /**
   * @param holders how many share each limit. @param giveBack returns what a bucket that is dropped still holds.
   * @param wall ms since 1970, by which windows of budgets go
   */
  constructor(
    authority: LimitAuthority,
    holders: () => number,
    meter: LimitMeter,
    giveBack: (bucket: LocalBucket) => void,
    max = MAX_BUCKETS,
    wall: () => number = () => 0,
    tally: BudgetTally | null = null,
  ) {
    this.#tally = tally;
    this.windows = new BudgetWindows(wall);
    this.#authority = authority;
    this.#holders = holders;
    this.#meter = meter;
    this.#giveBack = giveBack;
    this.#max = max;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /**
   * The bucket of that id. One whose rule has changed since is left to the calls that hold it; a rule that was replaced meanwhile
   * (by whoever still has its key as it was) leads to the one there is.
   * @param owner of a budget, for people
   */
  find(id: string, rule: LimitRule, owner?: () => string): LocalBucket {
    const known = this.#buckets.get(id);
    const version = rule.version ?? this.version;
    if (known !== undefined) {
      const { bucket } = known;
      this.#buckets.delete(id);
      if (version < (bucket.version ?? 0) || sameNumbers(known.rule, rule)) {
        // Numbers that came back are news to an owner that heard of others in between.
        bucket.version = Math.max(version, bucket.version ?? 0);
        this.#buckets.set(id, known); // last used last
        return known;
      }
      this.#giveBack(known);
    }
    const made = new LocalBucket(
      { id, rule, version, ...(owner === undefined ? {} : { owner: owner() }) },
      this.#holders,
      this.#authority,
      this.#meterOf(rule),
      rule.dimension === 'cost' ? this.#tally : null,
    );
    this.#buckets.set(id, made);
    if (this.#buckets.size > this.#max) {
      for (const [oldest, bucket] of this.#buckets) {
        this.#buckets.delete(oldest);
        this.#giveBack(bucket);
        break;
      }
    }
    return made;
  }

  /** What stands for a value that a client chose (limits/bucket-id.ts). */
  hashed(value: string): string {
    if (value.length > MAX_HASHED_CHARS) return hashedValue(value);
    let hashed = this.#hashes.get(value);
    if (hashed === undefined) {
      if (this.#hashes.size >= MAX_HASHES) this.#hashes.clear();
      this.#hashes.set(value, (hashed = hashedValue(value)));
    }
    return hashed;
  }

  #meterOf(rule: LimitRule): RuleMeter {
    let meter = this.#meters.get(rule.name);
    if (meter === undefined) {
      // Keys come and go with rules of their own; what is forgotten here is found again by its name.
      if (this.#meters.size >= this.#max) this.#meters.clear();
      meter = this.#meter.rule(rule.name, leaseSize(rule, this.#holders()), rule.version !== undefined);
      this.#meters.set(rule.name, meter);
    }
    return meter;
  }
}

function sameNumbers(a: LimitRule, b: LimitRule): boolean {
  return (
    a.dimension === b.dimension &&
    a.limit === b.limit &&
    a.spacingMs === b.spacingMs &&
    a.burst === b.burst &&
    a.endsAtMs === b.endsAtMs
  );
}
