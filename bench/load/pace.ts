// When requests of an open loop are due: at even intervals, whatever the gateway does.

/**
 * A timer of this process wakes up to a millisecond late, and that is not the gateway's doing: a request released so late
 * at most counts from its release. What is later than that (the gateway holds all connections, or this process gets no
 * CPU) counts from the intended time.
 */
const TIMER_MICROS = 2_000;

export class Pace {
  readonly #everyMicros: number;
  readonly #startMicros: number;
  #released = 0;

  constructor(perSecond: number, startMicros: number) {
    this.#everyMicros = 1_000_000 / perSecond;
    this.#startMicros = startMicros;
  }

  /** When the next request is due. */
  get nextMicros(): number {
    return this.#startMicros + this.#released * this.#everyMicros;
  }

  /**
   * Releases one request when it is due.
   * @param late told how late, microseconds
   * @returns the time its latency counts from, or -1 when none is due
   */
  release(nowMicros: number, late: (micros: number) => void): number {
    const due = this.nextMicros;
    if (nowMicros < due) return -1;
    this.#released++;
    late(nowMicros - due);
    return nowMicros - due <= TIMER_MICROS ? nowMicros : due;
  }
}
