// What people ask of a worker, through gatehouse and primary: only it has lanes and compiled plans.
import type { BatchWatch } from './batch-watch.ts';
import type { Recharge } from './recharge.ts';
import type { StandingCaller } from './standing.ts';
import type { DialectName } from './dialect-name.ts';
import type { OwnHolder } from './holder.ts';

export type WorkerLook =
  /** Asks a provider for its list of models: ProbeResult. */
  | { do: 'probe'; provider: string }
  /** Where a call would go: PlanView. Nothing is sent anywhere. */
  | { do: 'plan'; model: string; dialect: DialectName }
  /** Whether it has heard what was said before: null. */
  | { do: 'heard' }
  /** Answered when rows and charges of all calls that ended until now can be read by the gatehouse: null. */
  | { do: 'written' }
  /** What the holder of a key may know: KeyView, or null for a key that is nobody's. */
  | { do: 'key'; credential: string }
  /**
   * How limits and budgets stand that count calls of `of`; null = of whom they name themselves. `names`: of these rules alone;
   * null = of all. `own`: keys with limits of their own that are looked at beside the configuration. Standing[].
   */
  | { do: 'standings'; of: StandingCaller | null; names: readonly string[] | null; own: readonly OwnHolder[] }
  /** Asks a provider how a batch is, and charges one that is over: BatchState. */
  | { do: 'batch'; watch: BatchWatch }
  /** Charges were corrected: RechargedCounters. `own`: of the charges' keys those with limits of their own. */
  | { do: 'recharge'; charges: readonly Recharge[]; own: readonly OwnHolder[] };

export interface ProbeResult {
  /** Null: there is nothing cheap to ask it. */
  readonly ok: boolean | null;
  readonly latencyMs: number;
  /** How many it listed; null = it did not. */
  readonly models: number | null;
  /** `status_401`, `timeout`, an error type, …; null = none. */
  readonly fault: string | null;
  /** Whose the fault is; null = there is none. */
  readonly owner: 'provider' | 'gateway' | null;
}

export interface PlanView {
  readonly found: boolean;
  /** Names that look like it, where nothing was found. */
  readonly similar: readonly string[];
  /** Public name of what was found. */
  readonly name: string;
  /** Its targets are ordered anew for each call. */
  readonly balanced: boolean;
  /** In the order in which a call would come to them now. */
  readonly targets: readonly PlannedTarget[];
}

export interface PlannedTarget {
  readonly provider: string;
  /** Name at the upstream. */
  readonly model: string;
  /** It is asked in. */
  readonly dialect: DialectName;
  readonly translated: boolean;
  /** From 0; those of one are of equal rank. */
  readonly tier: number;
  readonly weight: number;
  readonly state: 'ready' | 'cooling' | 'circuit-open' | 'paused' | 'no-key';
  /** ms until it may be asked; 0 = now. */
  readonly forMs: number;
  /** Why it stands where it stands, in words. */
  readonly reason: string;
  readonly price: unknown;
  readonly capabilities: unknown;
}
