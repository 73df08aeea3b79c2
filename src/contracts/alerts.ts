// Whom budgets tell of their marks, beside the log and the metrics.
import type { BudgetMark } from './budget.ts';

export interface WebhookConfig {
  readonly url: string;
  /** Signs what is sent; `whsec_` and base64, or any text. */
  readonly secret: string | null;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly marks: readonly BudgetMark[];
}

export interface AlertsConfig {
  readonly webhooks: readonly WebhookConfig[];
}
