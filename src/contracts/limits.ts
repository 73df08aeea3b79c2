// Limits on requests, tokens and concurrency: the rules as compiled from the configuration, and the port to whoever owns
// the counters (the primary of this machine, or Redis for several). Formulas: faults.md 2.6.
import type { BudgetSpec } from './budget.ts';

/** What a rule counts. `cost`: whole nanodollars of a budget, which time gives back at the end of its window alone. */
export type LimitDimension = 'requests' | 'tokens' | 'concurrent' | 'cost';

/** Whose calls a rule may be about: of who calls, and of whom for. */
export type CallerScope = 'key' | 'organization' | 'team' | 'user' | 'customer' | 'project' | 'tag';

/**
 * What each bucket of a rule belongs to; a rule with none has one bucket for the whole gateway. Keys of a team share its
 * bucket; a call with several tags takes from the bucket of each; one that has none of a scope is not limited by it.
 */
export type LimitScope = CallerScope | 'model' | 'provider' | `header:${string}`;

/** Which calls a rule is for, by patterns (`*` at the end matches any rest); null or absent = any. */
export type LimitMatch = {
  readonly key: string | null;
  readonly model: string | null;
  readonly provider: string | null;
} & { readonly [scope in Exclude<CallerScope, 'key'>]?: string | null };

/** One rule, one dimension. A configured entry with several dimensions becomes several rules. */
export interface LimitRule {
  /** Shown in refusals and metrics: the entry's name or position, and the dimension (`team-a.requests`). */
  name: string;
  dimension: LimitDimension;
  per: readonly LimitScope[];
  match: LimitMatch;
  /** Per period; for `concurrent` the number of slots, for `cost` the amount of a window. */
  limit: number;
  /** ms; 0 for `concurrent` and `cost`. */
  periodMs: number;
  /** What may come at once (GCRA's B, at least 1); 0 for `concurrent` and `cost`. One call may cost more: see limits/meter.ts. */
  burst: number;
  /**
   * GCRA's T: ms per unit, made by limits/pace.ts. `periodMs / limit` where the operator stated a burst, else a little
   * slower, so that no window of one period holds more than `limit`. 0 for `concurrent` and `cost`.
   */
  spacingMs: number;
  /** Of `cost` alone: the budget that it is a rule of. */
  budget?: BudgetSpec;
  /** Of a rule that came with its key: of that key. Absent: it is a rule of the configuration, and has its version. */
  version?: number;
  /** Of one window of a budget: when it ends, ms since 1970; 0 or absent = never. */
  endsAtMs?: number | undefined;
}

/** One counter of a rule: what the authority is asked about. */
export interface Bucket {
  /** Unique over rules and scope values; safe as a part of a Redis key. */
  id: string;
  rule: LimitRule;
  /** Of a budget: whose it is, for people (`key team-a`). */
  owner?: string;
  /** Of what the numbers of the rule are from, configuration or key: what was replaced is not to come back. 0 when absent. */
  version?: number;
}

/** An authority's answer about one bucket. */
export interface Grant {
  /** How much was granted of what was wanted: at least `need`, or 0. */
  granted: number;
  /** ms until a request for `need` would be admitted; 0 when it was. True: who waits so long is admitted. */
  retryAfterMs: number;
  /** What is left now, over the whole gateway, as far as the authority knows. */
  remaining: number;
  /** ms until the bucket is full again. */
  resetMs: number;
  /** The granted amount may be spent for so long (ms); what is left then is given back or lost. */
  lifeMs: number;
  /**
   * Of a budget what was used of it, nanodollars: what calls under way have set aside, and what lies in leases, is not among it. Absent
   * where the owner of the counters does not know what its askers hold.
   */
  spent?: number;
  /** The owner of the counters could not be asked: this is the stated policy (`onFailure`) speaking. */
  degraded?: true;
}

export interface Ask {
  bucket: Bucket;
  /** The call at hand. */
  need: number;
  /** A lease: `need` and more for the calls behind it. */
  want: number;
}

/** Gives back what an asker that dies had reserved, where the owner of the counters does not know its askers. */
export interface LimitHeir {
  /** Worth telling of something new. */
  readonly listening: boolean;
  /**
   * Units of a bucket that nobody has used and that come back if this asker dies: absolute, the last row of a bucket counts.
   * Resolves when it is certain to be heard whatever happens to this process, or that nobody will ever hear it.
   */
  tell(rows: readonly (readonly [bucket: Bucket, units: number])[]): Promise<void>;
}

/**
 * The owner of the counters. Idempotent by `token` (a request id or lease id): asking twice with the same token and
 * bucket takes once.
 */
export interface LimitAuthority {
  /** All asks or none: when one bucket refuses, nothing is taken from the others. @returns one grant per ask. Never rejects. */
  ask(asks: readonly Ask[], token: string): Promise<readonly Grant[]>;
  /** Gives back what was not used, or books what was used beyond the grant (negative). */
  giveBack(bucket: Bucket, amount: number, token: string): void;
  /**
   * The amount is used up for good: it is not to come back when this asker dies. For authorities that know their
   * askers (the primary); slots are never committed.
   */
  commit?(bucket: Bucket, amount: number): void;
  /**
   * Whole nanodollars that calls were charged in budgets, by their buckets' ids, a second behind: for owners of counters that do not tell it
   * from what is set aside. Null = not known now. Never rejects.
   */
  charged?(bucketIds: readonly string[]): Promise<readonly (number | null)[]>;
  /** Absent where the owner of the counters knows who of its askers died. */
  readonly heir?: LimitHeir | undefined;
  /** How many ask for the same counters, where that is not the workers of one machine. */
  readonly askers?: number;
  /** ms by which its clock is ahead of this process's; absent = it is the same. */
  readonly wallOffsetMs?: number;
  /** False while the authority cannot be reached and the stated policy (`onFailure`) decides. */
  readonly healthy: boolean;
}

/** The compiled rules of a snapshot; opaque to all but the limiter. */
export interface LimitTable {
  /** Number of compiled rules; a snapshot without any has no table at all. */
  readonly size: number;
  /** Headers by whose values budgets count, in lower case. */
  readonly budgetHeaders: readonly string[];
}

/** What a call holds of its limits; opaque to all but the limiter. */
export interface LimitHold {
  /** False once everything in it is settled. */
  readonly open: boolean;
}

/** Hears how a shared authority fares, as it happens. */
export interface LimitAuthorityObserver {
  answered(latencyMs: number): void;
  /** An ask was answered by `onFailure` instead. */
  byPolicy(granted: boolean): void;
  /** Something went wrong; `fault` is one of a closed set, such as `auth`. */
  failed(fault: string): void;
  health(healthy: boolean): void;
}
