// Charges that were corrected after their calls: what budgets have counted of them has to follow.
import type { CountedHeaders } from './request-log.ts';

/** One charge, by whom budgets know it: '' = it has none. */
export interface Recharge {
  /** When its call ended, ms since 1970: the windows it counts in. */
  readonly at: number;
  readonly key: string;
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly customer: string;
  readonly project: string;
  readonly tags: readonly string[];
  /** By whose values budgets counted the call; absent = a version said it that did not know of them. */
  readonly countedHeaders?: CountedHeaders;
  /** Public name. */
  readonly model: string;
  readonly provider: string;
  /** Whole nanodollars by which it is more than was counted; below 0 = less. */
  readonly nano: number;
}
