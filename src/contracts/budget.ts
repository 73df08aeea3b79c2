// Money that calls may spend in a time. Amounts are whole nanodollars (1e-9 USD).

/** A length such as `1h`, `1d`, `1w`, `1M`, `1Q`, `1Y` (units s, m, h, d, w, M, Q, Y), or `never`: it is not given anew. */
export type BudgetLength = string;

export interface BudgetSpec {
  readonly amountNano: number;
  readonly window: BudgetLength;
  /**
   * `calendar`: days, weeks (from Monday), months, quarters and years as the calendar of the time zone has them; parts of a
   * day by the clock. `rolling`: one behind the other from `anchorMs` on; a month is 30 days, a quarter 90, a year 365.
   */
  readonly align: 'calendar' | 'rolling';
  /** IANA name. */
  readonly timezone: string;
  /** ms since 1970. */
  readonly anchorMs: number;
  /** Share of the amount at which somebody is told. */
  readonly softAt: number;
  readonly override: BudgetOverride | null;
}

/** Another amount for a while. */
export interface BudgetOverride {
  readonly amountNano: number;
  /** ms since 1970: the first window it holds for is the one that this falls into; null = any. */
  readonly fromMs: number | null;
  /** For so many windows; null = for good. */
  readonly windows: number | null;
}

export interface BudgetWindow {
  /** Of all windows of all lengths and zones; stands in names of counters. */
  readonly id: string;
  /** ms since 1970. */
  readonly startMs: number;
  /** The first ms that is not in it; null = it never ends. */
  readonly endMs: number | null;
}

/** What calls did with one budget in one window since it was told last. */
export interface BudgetUse {
  /** Of the counter: budget, window and whose it is. */
  readonly id: string;
  /** Name of the budget. */
  readonly budget: string;
  /** Whose it is, for people: `key team-a`. */
  readonly owner: string;
  readonly window: BudgetLength;
  /** Amount of the window, and the share of it at which somebody is told. */
  readonly amountNano: number;
  readonly softNano: number;
  /** ms since 1970; 0 = never. */
  readonly endsAtMs: number;
  /** Nanodollars that calls were charged. */
  readonly nano: number;
  /** Calls that it kept out. */
  readonly refused: number;
}

/** `soft`: the share `softAt` of the amount is spent. `hard`: all of it is, or calls are refused for it. */
export type BudgetMark = 'soft' | 'hard';

/** What is told of a budget, once for each mark and window. */
export interface BudgetAlert extends Omit<BudgetUse, 'nano' | 'refused' | 'softNano'> {
  readonly mark: BudgetMark;
  /** ms since 1970. */
  readonly atMs: number;
  /** In this window so far, over all workers and gateways. */
  readonly spentNano: number;
  /** Of what is left, set aside by calls under way or held by workers for the next ones; null = in Redis, where nobody knows. */
  readonly reservedNano: number | null;
  readonly refused: number;
}
