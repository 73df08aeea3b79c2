// A batch that was begun through the gateway and is asked after until it is over, so that it is charged whoever reads its results.
// Plain data: it crosses processes and lies in a file.
import type { DialectName } from './dialect-name.ts';
import type { Holder } from './holder.ts';

export interface BatchWatch {
  /** At its provider. */
  readonly id: string;
  readonly provider: string;
  /** It was begun by. */
  readonly operation: 'batch' | 'message-batch' | 'passthrough';
  readonly dialect: DialectName;
  /** Of the route it was begun on, for the log. */
  readonly template: string;
  /** Where it is asked after, with its query: below the base URL of the provider, or of its origin alone. */
  readonly path: string;
  readonly fromOrigin: boolean;
  /** Key of the provider that it was begun with: others need not see it. '' = it has none. */
  readonly keyAlias: string;
  /** Call that began it. */
  readonly call: string;
  /** Who pays. */
  readonly holder: Holder;
  readonly customer: string | null;
  /** Headers of that call by whose values budgets count. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** It may take so long, whatever others take: it is asked after for at least that. Absent = it takes a day, as others do. */
  readonly forMs?: number;
}

/**
 * `over`: it is charged, or there is nothing to charge. `failed`: its provider did not say. `unread`: it is over, and what it used
 * stands where it cannot be read just now.
 */
export type BatchState = 'open' | 'over' | 'failed' | 'unread';

/** How batches are asked after (`batches` of the configuration). */
export interface BatchPolling {
  readonly poll: boolean;
  /** Until the first question, and between the next ones at first: each pause is half as long again. */
  readonly pollMs: number;
  readonly maxPollMs: number;
  /** So long after it was begun nobody asks any more. */
  readonly forMs: number;
}
