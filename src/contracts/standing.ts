// How limits and budgets stand at the moment, for people who ask.
import type { BudgetSpec } from './budget.ts';
import type { LimitDimension, LimitMatch, LimitScope } from './limits.ts';

/** One counter. Numbers are those of the dimension: calls, tokens, slots, or whole nanodollars. */
export interface Standing {
  /** Of the rule. */
  readonly name: string;
  readonly dimension: LimitDimension;
  readonly per: readonly LimitScope[];
  readonly match: LimitMatch;
  /** Whose it is, for people: `key team-a`. */
  readonly owner: string;
  readonly limit: number;
  /** What would be admitted now: what calls under way, and workers, hold is not in it. */
  readonly remaining: number;
  /** Of a budget what was used of it, without what is set aside or lies in leases; null = the owner of the counters does not know it. */
  readonly spent: number | null;
  /** ms until a limit is full again. */
  readonly resetMs: number;
  /** ms; 0 for budgets and slots. */
  readonly periodMs: number;
  /** Of a budget: its window, ms since 1970; `endMs` 0 = never. */
  readonly startMs: number;
  readonly endMs: number;
  readonly budget: BudgetSpec | null;
}

/** What a worker knows of the holder of a key. */
export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly organization: string | null;
  readonly team: string | null;
  readonly user: string | null;
  readonly customer: string | null;
  readonly project: string | null;
  readonly tags: readonly string[];
  /** ms since 1970; 0 = never. */
  readonly expiresAtMs: number;
  readonly blocked: boolean;
  readonly standings: readonly Standing[];
  /** Names of models it may use, of those that can be listed. */
  readonly models: readonly string[];
}

/** Whose counters are asked for: what is absent is nothing. */
export interface StandingCaller {
  readonly key?: string;
  readonly organization?: string;
  readonly team?: string;
  readonly user?: string;
  readonly customer?: string;
  readonly project?: string;
  readonly tags?: readonly string[];
}
