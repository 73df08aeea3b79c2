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
