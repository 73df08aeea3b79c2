/** How long an answer has said nothing, as far as looks a few times a second can tell. */
export class Silence {
  #bytes = -1;
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  /** @param bytes of the answer so far. @returns ms since a look found fewer. */
  lastedMs(bytes: number, now: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#since = now;
    }
    return now - this.#since;
  }

  /** What was said just now breaks it. */
  broken(bytes: number, now: number): void {
    this.#bytes = bytes;
    this.#since = now;
  }
}
