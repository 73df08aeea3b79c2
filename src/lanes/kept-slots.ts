// Slots that a worker which never falls idle lets rest for the others. The primary asks again each 50 ms and must once find one,
// or callers of other workers would wait until their time-out.

/** One freed slot (of many an eighth) rests for HOLD_MS each SLICE_MS while others wait. */
const SLICE_MS = 250;
const HOLD_MS = 75;

export class KeptSlots {
  #count = 0;
  #until = 0;
  /** When the last was given. */
  #gaveAt: number;

  constructor(now: number) {
    this.#gaveAt = now;
  }

  /** The primary asked for `count` slots and got `given` of the `held` ones. */
  asked(count: number, given: number, held: number, now: number): void {
    if (given > 0) {
      this.#gaveAt = now;
      this.#count = 0;
    } else if (count > 0 && now - this.#gaveAt >= SLICE_MS) {
      this.#count = Math.min(count, Math.max(1, held >> 3));
      this.#until = now + HOLD_MS;
    }
  }

  /** How many are kept now. */
  at(now: number): number {
    return this.#count > 0 && now < this.#until ? this.#count : 0;
  }
}
