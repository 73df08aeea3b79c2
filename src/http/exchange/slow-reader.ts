// A client that reads slower than its answer arrives: what it has not taken is kept here, not in uWS, because only
// here it can be counted (uWS buffers without bound and tells no size for chunked answers).
//
//   source --chunk()--> [ queue: at most CAP bytes ] --write()--> uWS (at most one piece) --> socket
//                          | >= PAUSE: pause the source     | onWritable, tend: flush, then next pieces
//                          | <= RESUME: resume it

/** Bytes of one stream waiting for its client: pause the upstream at, resume it at, and cut the client at. */
export const PAUSE_BYTES = 64 * 1024;
export const RESUME_BYTES = 32 * 1024;
export const CAP_BYTES = 256 * 1024;

/**
 * A client with bytes waiting is tried so often. The kernel tells of room only when a third of its buffer is free, which
 * at 100 KB/s takes longer than uWS waits, and at 30 KB/s longer than we do.
 */
export const PROBE_MS = 500;

export class SlowReaderQueue {
  #pieces: Buffer[] = [];
  #head = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#bytes === 0;
  }

  /**
   * @returns false when the cap is passed by a source that was told to stop. One large piece may pass it alone: an
   * event of 1 MB is not the client's fault.
   */
  push(bytes: Buffer): boolean {
    const told = this.#bytes >= PAUSE_BYTES;
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    return !told || this.#bytes <= CAP_BYTES;
  }

  /** The next bytes, at most `max` of them; null when empty. */
  shift(max: number): Buffer | null {
    const piece = this.#pieces[this.#head];
    if (piece === undefined) return null;
    if (piece.length > max) {
      this.#pieces[this.#head] = piece.subarray(max);
      this.#bytes -= max;
      return piece.subarray(0, max);
    }
    this.#head++;
    this.#bytes -= piece.length;
    if (this.#head === this.#pieces.length) {
      this.#pieces = [];
      this.#head = 0;
    }
    return piece;
  }

  clear(): void {
    this.#pieces = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
