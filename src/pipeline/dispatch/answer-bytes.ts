// The bytes of an answer that is taken whole. Large ones go into one block as they come: kept in pieces they would take
// their size twice when they end.
import { BodyBuffer } from '../../body/body-buffer.ts';
import { freeRead } from '../../body/free.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';

/** Answers kept whole in memory; refusals need far less. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
export const MAX_FAULT_BYTES = 1024 * 1024;
const LARGE_BYTES = 1024 * 1024;
/** Of an answer whose length nobody told: most batches of vectors end in a block of less than 32 MB, which the allocator keeps for the next. */
const GROWS_TIMES = 3;
const NONE = Buffer.alloc(0);

export class AnswerBytes {
  length = 0;
  readonly #maxBytes: number;
  /** Null = none. Most answers are one: a list that begins empty makes room for seventeen. */
  #pieces: Buffer[] | null = null;
  #block: BodyBuffer | null = null;
  /** As its head announced it; 0 = it did not. */
  #announced = 0;
  /** Copied into the block, and perhaps still looked at by who gave it. */
  #spent: Buffer = NONE;

  /** @param maxBytes it will not pass; who adds sees to that. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * What the head says of the length. Moving what came to a larger block costs as much as a batch of vectors is long, in which nobody
   * else is served: 10 ms and more of 17 MB.
   */
  expect({ 'content-length': length, 'content-encoding': coding }: UpstreamHeaders): void {
    const bytes = typeof length === 'string' && coding === undefined ? Number(length) : 0;
    if (bytes <= this.#maxBytes) this.#announced = bytes;
  }

  /** Keeps the piece itself, or frees it when the next one comes: it must be nobody else's. */
  add(piece: Buffer): void {
    this.length += piece.length;
    if (this.length <= LARGE_BYTES) {
      if (this.#pieces === null) this.#pieces = [piece];
      else this.#pieces.push(piece);
      return;
    }
    if (this.#block === null) {
      const told = this.#announced >= this.length;
      this.#block = told
        ? new BodyBuffer(this.#announced, Number.MAX_SAFE_INTEGER)
        : new BodyBuffer(this.#maxBytes, GROWS_TIMES);
      for (const earlier of this.#pieces ?? []) {
        this.#block.add(earlier);
        freeRead(earlier);
      }
      this.#pieces = null;
    }
    this.#block.add(piece);
    // Or as much as the answer is large lies about beside it: V8 then stops everything to collect, 10 ms and more each time.
    freeRead(this.#spent);
    this.#spent = piece;
  }

  /** All so far; nothing may be added behind it. */
  whole(): Buffer {
    if (this.#block !== null) return this.#block.finish(NONE);
    if (this.#pieces === null) return NONE;
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
  }
}
