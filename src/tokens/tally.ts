// Adds up a prompt's tokens within a bound on the work: what lies beyond it is extrapolated from what was counted.
import type { Tokenizer } from './tokenizer.ts';

/** Text beyond this many characters is not run through the tokenizer: prose takes 15 ns each, rare characters 2 us. */
export const MAX_COUNTED_CHARS = 300_000;

export class TokenTally {
  readonly #tokenizer: Tokenizer;
  #tokens = 0;
  #extra = 0;
  #chars = 0;
  #uncounted = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** Counts a text. */
  text(text: string): void {
    const room = MAX_COUNTED_CHARS - this.#chars;
    const counted = text.length <= room ? text : text.slice(0, room);
    if (counted.length > 0) this.#tokens += this.#tokenizer.count(counted);
    this.#chars += counted.length;
    this.#uncounted += text.length - counted.length;
  }

  /** Adds tokens that are not text. */
  add(tokens: number): void {
    this.#extra += tokens;
  }

  total(): number {
    const beyond = this.#uncounted === 0 ? 0 : (this.#uncounted * this.#tokens) / this.#chars;
    return this.#extra + this.#tokens + Math.ceil(beyond);
  }
}
