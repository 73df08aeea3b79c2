// Stops asking a service that does not answer: after some failures in a row it is left alone for a while, then asked once.
import type { Clock } from '../../contracts/ports.ts';

const FAILURES = 5;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

export class FailureGate {
  readonly #clock: Pick<Clock, 'now'>;
  #failures = 0;
  #pauseMs = FIRST_PAUSE_MS;
  /** It is not asked before. */
  #until = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get open(): boolean {
    return this.#until > this.#clock.now();
  }

  /** @throws Error without asking while the service is left alone. */
  async through<T>(ask: () => Promise<T>): Promise<T> {
    if (this.open) throw new Error('the service is left alone after failures');
    // Whoever comes first after the pause asks for all.
    if (this.#until !== 0) this.#until = this.#clock.now() + this.#pauseMs;
    try {
      const answer = await ask();
      this.#failures = 0;
      this.#until = 0;
      this.#pauseMs = FIRST_PAUSE_MS;
      return answer;
    } catch (cause) {
      if (++this.#failures >= FAILURES) {
        this.#until = this.#clock.now() + this.#pauseMs;
        this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2);
      }
      throw cause;
    }
  }
}
