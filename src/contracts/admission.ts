// The port between the pipeline and the limiter: who may go on, and what the client is told of its limits.
import type { AttemptRecord, Call } from './call.ts';
import type { GatewayError } from './errors.ts';
import type { Target } from './plan.ts';
import type { CallObserver } from './ports.ts';
import type { HeaderList } from './sink.ts';

/** Null: go on. A promise only where the counters are not at hand. */
export type Admitted = GatewayError | null | Promise<GatewayError | null>;

/** What one attempt holds of its provider's limits. Its leg keeps it until the attempt is over. */
export interface TargetHold {
  /** Set when the attempt is made: what it used is settled by this. Null: it never came to an attempt. */
  record: AttemptRecord | null;
}

/** What the attempt holds, or null where nothing limits it: go on. */
export type AdmittedTarget = TargetHold | Admitted | Promise<TargetHold | GatewayError | null>;

/**
 * Reserves before a call and settles after it. As an observer of settled calls it hears of each exactly once, however it
 * ended, and that is where what the call still holds is settled.
 */
export interface Admission extends CallObserver {
  /** Takes from every limit of the call that does not depend on the provider; all of them or none. */
  admit(call: Call): Admitted;
  /** Takes from the limits of the provider that is about to be asked; once per attempt, of which several may be open. */
  admitTarget(call: Call, target: Target): AdmittedTarget;
  /** The attempt is over and the call is not: what it holds of its provider's limits is settled. Once or more often. */
  leaveTarget(hold: TargetHold): void;
  /**
   * Rate-limit headers of an answer in the dialect of the call's route; empty when its key has no limits.
   * @param costNano what the call comes to, nanodollars, where that is known already: in the place of what is set aside for it
   */
  headers(call: Call, costNano?: number | null): HeaderList;
}
