// Frames of one conversation, in the order they were said and numbered from 1: what still waits for its client, and before
// it the newest of what was sent, for a client whose socket broke.
//
//   forgotten │ sent, still here │ waits
//             first              next

/** Lengths are in UTF-16 units. */
export class FrameLog {
  #frames: string[] = [];
  /** Of `#frames`, those that are forgotten. */
  #gone = 0;
  /** Number of the first that is still here. */
  #first = 1;
  #next = 1;
  #waiting = 0;
  #sent = 0;
  readonly #maxSent: number;

  /** @param maxSent what was sent is kept up to so much. */
  constructor(maxSent: number) {
    this.#maxSent = maxSent;
  }

  /** Number that the next frame said will have. */
  get end(): number {
    return this.#first + this.#frames.length - this.#gone;
  }

  /** Number of the first that waits. */
  get next(): number {
    return this.#next;
  }

  get waits(): boolean {
    return this.#next < this.end;
  }

  /** Of what waits. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Of all that is here. */
  get length(): number {
    return this.#waiting + this.#sent;
  }

  put(frame: string): void {
    this.#frames.push(frame);
    this.#waiting += frame.length;
  }

  /** The next that waits, which is sent with that. */
  take(): string {
    const frame = this.#frames[this.#gone + this.#next - this.#first]!;
    this.#next += 1;
    this.#waiting -= frame.length;
    this.#sent += frame.length;
    if (this.#sent > this.#maxSent) this.forget(this.#maxSent);
    return frame;
  }

  /** Everything behind this number waits again. @returns false: some of it is forgotten, or was never said. */
  rewind(after: number): boolean {
    if (after + 1 < this.#first || after >= this.end) return false;
    for (; this.#next > after + 1; this.#next--) this.#move(this.#next - 1, 1);
    for (; this.#next < after + 1; this.#next++) this.#move(this.#next, -1);
    return true;
  }

  /** Of what was sent, all but the newest of it. */
  forget(keep: number): void {
    while (this.#sent > keep && this.#first < this.#next) {
      this.#sent -= this.#frames[this.#gone]!.length;
      this.#frames[this.#gone] = '';
      this.#gone += 1;
      this.#first += 1;
    }
    if (this.#gone < 256) return;
    this.#frames = this.#frames.slice(this.#gone);
    this.#gone = 0;
  }

  #move(seq: number, sign: 1 | -1): void {
    const { length } = this.#frames[this.#gone + seq - this.#first]!;
    this.#waiting += sign * length;
    this.#sent -= sign * length;
  }
}
