// The port between the pipeline and the limiter: who may go on, and what the client is told of its limits.
import type { Call } from './call.ts';
import type { GatewayError } from './errors.ts';
import type { Target } from './plan.ts';
import type { CallObserver } from './ports.ts';
import type { HeaderList } from './sink.ts';

/** Null: go on. A promise only where the counters are not at hand. */
export type Admitted = GatewayError | null | Promise<GatewayError | null>;

/**
 * Reserves before a call and settles after it. As an observer of settled calls it hears of each exactly once, however it
 * ended, and that is where what the call still holds is settled.
 */
export interface Admission extends CallObserver {
  /** Takes from every limit of the call that does not depend on the provider; all of them or none. */
  admit(call: Call): Admitted;
  /** Takes from the limits of the provider that is about to be asked; once per attempt. */
  admitTarget(call: Call, target: Target): Admitted;
  /** The attempt is over and another may follow: what it holds of its provider's limits is settled. */
  leaveTarget(call: Call): void;
  /** Rate-limit headers of an answer in the dialect of the call's route; empty when its key has no limits. */
  headers(call: Call): HeaderList;
}
