// One timer for all streams and delays of the mock. Slots of a millisecond; what is due runs in one go, in order of
// its slot. A timer per stream would cost more than the bytes it sends, at 4,096 streams.
//
//   slot:   now  +1   +2  ...  +1023  (then from the front again; entries due later stay until their round)

const SLOTS = 1024;
/** A first tick moves on from a slot that has so many, so that streams that began together do not stay together. */
const CROWDED = 8;

export interface WheelEntry {
  /** Millisecond it is due at, on the wheel's clock; written by the wheel. */
  dueMs: number;
  /** Runs once; may put itself on the wheel again. */
  tick(): void;
}

export interface WheelClock {
  nowMs(): number;
  /** Calls `run` once after `ms`, unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
}

export class TimerWheel {
  readonly #clock: WheelClock;
  readonly #slots: WheelEntry[][] = Array.from({ length: SLOTS }, () => []);
  #spare: WheelEntry[] = [];
  #size = 0;
  /** Everything due before this millisecond has run. */
  #doneMs: number;
  /** The millisecond the clock is set to; Infinity when it is not set, -Infinity during a turn. */
  #wakeMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(clock: WheelClock) {
    this.#clock = clock;
    this.#doneMs = Math.floor(clock.nowMs());
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Puts an entry on the wheel. What is due already runs at the next turn, never at once. */
  add(entry: WheelEntry, dueMs: number): void {
    // An idle wheel stands still: it takes up where the clock is.
    if (this.#wakeMs === Number.POSITIVE_INFINITY) this.#doneMs = Math.floor(this.#clock.nowMs());
    const slot = Math.max(Math.ceil(dueMs), this.#doneMs);
    entry.dueMs = slot;
    this.#slots[slot % SLOTS]!.push(entry);
    this.#size++;
    if (slot < this.#wakeMs) this.#wakeAt(slot);
  }

  /** As `add`, but up to `slackMs` later where the slot is crowded. */
  addSpread(entry: WheelEntry, dueMs: number, slackMs: number): void {
    const first = Math.max(Math.ceil(dueMs), this.#doneMs);
    let best = first;
    let least = this.#load(first);
    for (let slot = first + 1; least >= CROWDED && slot <= first + slackMs; slot++) {
      const load = this.#load(slot);
      if (load < least) [best, least] = [slot, load];
    }
    this.add(entry, best);
  }

  #load(ms: number): number {
    return this.#slots[ms % SLOTS]!.length;
  }

  #wakeAt(ms: number): void {
    this.#cancel();
    this.#wakeMs = ms;
    this.#cancel = this.#clock.after(Math.max(ms - this.#clock.nowMs(), 0), this.#turn);
  }

  #turn = (): void => {
    this.#wakeMs = Number.NEGATIVE_INFINITY;
    const until = Math.floor(this.#clock.nowMs());
    while (this.#doneMs <= until) this.#run(this.#doneMs++); // what a tick adds goes behind its own slot
    this.#wakeMs = Number.POSITIVE_INFINITY;
    if (this.#size === 0) return;
    // The next slot with anything in it; sleeping up to there costs nothing.
    let next = this.#doneMs;
    while (next < this.#doneMs + SLOTS - 1 && this.#load(next) === 0) next++;
    this.#wakeAt(next);
  };

  #run(ms: number): void {
    const place = ms % SLOTS;
    const due = this.#slots[place]!;
    if (due.length === 0) return;
    const later = this.#spare;
    this.#slots[place] = later;
    for (const entry of due) {
      if (entry.dueMs > ms) {
        later.push(entry);
        continue;
      }
      this.#size--;
      entry.tick();
    }
    due.length = 0;
    this.#spare = due;
  }
}
