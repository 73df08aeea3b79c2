// Things that wait equally long, in the order they came: one timer for all of them.
import type { Clock } from '../../contracts/ports.ts';

export class Waiting<T> {
  readonly #forMs: number;
  readonly #clock: Clock;
  readonly #late: (item: T) => void;
  readonly #items = new Map<T, number>();
  #timer: NodeJS.Timeout | null = null;

  /** @param late hears of each item that was not deleted within `forMs` */
  constructor(forMs: number, clock: Clock, late: (item: T) => void) {
    this.#forMs = forMs;
    this.#clock = clock;
    this.#late = late;
  }

  add(item: T, now: number): void {
    this.#items.set(item, now + this.#forMs);
    this.#timer ??= setTimeout(this.#afterPoll, this.#forMs);
  }

  delete(item: T): void {
    this.#items.delete(item);
  }

  /** Everything that waits; nothing does any more. */
  drain(): T[] {
    const items = [...this.#items.keys()];
    this.#items.clear();
    return items;
  }

  /**
   * Timers run before sockets are read. Where this process was held up, answers may lie there already: they are read
   * first, so that our own pauses are not taken for Redis's.
   */
  readonly #afterPoll = (): void => {
    setImmediate(() => this.#due());
  };

  #due(): void {
    this.#timer = null;
    const now = this.#clock.now();
    for (const [item, deadline] of this.#items) {
      // The timer of the loop and the clock differ by fractions of a millisecond.
      if (deadline > now + 1) {
        this.#timer = setTimeout(this.#afterPoll, deadline - now);
        return;
      }
      this.#items.delete(item);
      this.#late(item);
    }
  }
}
