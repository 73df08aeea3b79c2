// How often calls to one model at one provider may be repeated, so that a provider that fails altogether gets a fifth more
// load and not three times as much. As linkerd's and Finagle's: a part of the calls of the last seconds, over a floor.
// The floor is the gateway's: each worker has its share of it.
//
//   repeats of the last 10 s  <  0.2 x calls of the last 10 s + 10 a second / workers

/** Repeats a call, next to the calls there were. */
const RATIO = 0.2;
/** Repeats a second that any model may have over all workers: a single call that fails is tried again, however quiet it is. */
const FLOOR_A_SECOND = 10;
/** Of which each worker has as many in the window, however many there are: a call alone is tried twice again. */
const LEAST = 2;
const SLOT_MS = 1_000;
const SLOTS = 10;

export class RetryBudget {
  readonly #calls = new Uint32Array(SLOTS);
  readonly #repeats = new Uint32Array(SLOTS);
  /** Number of the slot that is filled now. */
  #slot = 0;
  #sumCalls = 0;
  #sumRepeats = 0;
  readonly #workers: () => number;

  /** @param workers how many have a budget each for the same model. */
  constructor(workers: () => number = () => 1) {
    this.#workers = workers;
  }

  /** A call came to this model: as its first choice or as a fallback. */
  arrived(nowMs: number): void {
    this.#turn(nowMs);
    this.#calls[this.#slot % SLOTS]!++;
    this.#sumCalls++;
  }

  /** Whether one may be repeated now; if so it counts. */
  take(nowMs: number): boolean {
    this.#turn(nowMs);
    const floor = (FLOOR_A_SECOND * SLOTS * SLOT_MS) / 1_000 / this.#workers();
    const allowed = RATIO * this.#sumCalls + Math.max(LEAST, floor);
    if (this.#sumRepeats >= allowed) return false;
    this.#repeats[this.#slot % SLOTS]!++;
    this.#sumRepeats++;
    return true;
  }

  /** Forgets the slots that are over. */
  #turn(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    if (slot === this.#slot) return;
    const steps = Math.min(SLOTS, Math.max(1, slot - this.#slot));
    for (let step = 1; step <= steps; step++) {
      const at = (((slot - steps + step) % SLOTS) + SLOTS) % SLOTS;
      this.#sumCalls -= this.#calls[at]!;
      this.#sumRepeats -= this.#repeats[at]!;
      this.#calls[at] = 0;
      this.#repeats[at] = 0;
    }
    this.#slot = slot;
  }
}
