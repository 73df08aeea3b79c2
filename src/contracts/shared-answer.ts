// Answers that several calls get.
import type { GatewayError } from './errors.ts';

/**
 * How the answer of another call came to this one. `coalesced`: an equal request was under way; `joined`: one with the same
 * Idempotency-Key was; `replayed`: one with that key was answered before.
 */
export type Shared = 'coalesced' | 'joined' | 'replayed';

/** Of a call whose answer others take too. */
export interface Sharing {
  /** Its client has left. @returns whether it goes on for the others. */
  goesOn(): boolean;
  /** What the answer was worth is known, and its own client has yet to take the rest: the others do not wait for that. */
  worth(error: GatewayError | null): void;
  /** The call has settled: whoever asks the same from now on makes an answer of their own. */
  settled(): void;
  /** Who looks for it among kept answers finds it behind this. @param written never rejects. */
  until(written: Promise<void>): void;
}
