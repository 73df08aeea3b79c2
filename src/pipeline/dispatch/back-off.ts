// The pause of a call before it is tried again. Its time is waited, not worked.
import type { Call } from '../../contracts/call.ts';
import type { Clocks } from '../clocks.ts';

export class BackOff {
  readonly #clocks: Clocks;
  readonly #call: Call;
  #timer: NodeJS.Timeout | null = null;

  constructor(clocks: Clocks, call: Call) {
    this.#clocks = clocks;
    this.#call = call;
  }

  /** Calls `then` after so many ms, unless the call has ended meanwhile. */
  wait(delayMs: number, then: () => void): void {
    const from = this.#clocks.now();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#call.waitedMs += this.#clocks.now() - from;
      if (!this.#call.settled) then();
    }, delayMs);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
