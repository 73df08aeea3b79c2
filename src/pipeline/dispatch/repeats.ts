// The repeats of a call at a target, and the pauses before them. Their time is waited, not worked.
import type { Call } from '../../contracts/call.ts';
import type { Clocks } from '../clocks.ts';

export class Repeats {
  readonly #clocks: Clocks;
  readonly #call: Call;
  #timer: NodeJS.Timeout | null = null;
  /** One was made on a connection of its own: one that is found closed is no reason to pause, once. */
  freshUsed = false;

  constructor(clocks: Clocks, call: Call) {
    this.#clocks = clocks;
    this.#call = call;
  }

  /** Calls `go` after so many ms, unless the call has ended meanwhile. @param fresh on a connection of its own, if at once. */
  again(delayMs: number, fresh: boolean, go: (fresh: boolean) => void): void {
    this.freshUsed ||= fresh;
    if (delayMs <= 0) {
      go(fresh);
      return;
    }
    const from = this.#clocks.now();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#call.waitedMs += this.#clocks.now() - from;
      if (!this.#call.settled) go(false);
    }, delayMs);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
