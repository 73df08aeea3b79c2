// Limits and budgets of one key, as the store has them and as they come with the key: rules are made of them where it is met.

/** Rates are text (`600/min`). */
export interface RateEntry {
  readonly requests?: string | undefined;
  readonly tokens?: string | undefined;
  readonly concurrent?: number | undefined;
  readonly burst?: number | undefined;
}

/** As an entry of the file's `budgets` says it; times are ISO 8601. */
export interface BudgetEntry {
  readonly name?: string | undefined;
  readonly amountUsd: number;
  readonly window?: string | undefined;
  readonly align?: 'calendar' | 'rolling' | undefined;
  readonly timezone?: string | undefined;
  readonly anchor?: string | undefined;
  readonly softAt?: number | undefined;
  readonly override?:
    | {
        readonly amountUsd: number;
        readonly from?: string | undefined;
        readonly windows?: number | undefined;
      }
    | undefined;
}

export interface OwnLimits {
  /** Of the key they stand in: of two the later holds, wherever the other one is still in use. */
  readonly version: number;
  readonly limits?: readonly RateEntry[];
  readonly budgets?: readonly BudgetEntry[];
  /** Paid ahead, in all; nanodollars. */
  readonly creditNano?: number;
}
