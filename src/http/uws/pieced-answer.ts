// A whole answer that is larger than the socket takes at once. Its bytes are held once, here: uWS is only lent what
// comes next, and says how much of that the kernel took. So every byte the client takes is seen, and none waits on
// uWS's own clock, which would close the connection of whoever pauses for 10 s.
import type { HttpResponse } from 'uWebSockets.js';
import type { Buffer } from 'node:buffer';
import { PROBE_MS } from '../exchange/slow-reader.ts';

export class PiecedAnswer {
  /** Bytes of the body that the socket took. */
  bytes = 0;
  readonly #res: HttpResponse;
  readonly #body: Buffer;
  readonly #close: boolean;
  readonly #now: () => number;
  readonly #taken: () => void;
  readonly #lend = (): void => this.#lendRest();
  #done = false;
  #progressAt: number;
  #triedAt: number;

  /** @param close the connection ends behind it. @param taken called once, when the socket has all of it. */
  constructor(res: HttpResponse, body: Buffer, close: boolean, now: () => number, taken: () => void) {
    this.#res = res;
    this.#body = body;
    this.#close = close;
    this.#now = now;
    this.#taken = taken;
    this.#progressAt = this.#triedAt = now();
  }

  /** @param writeHead writes the lines before the body. */
  begin(writeHead: (res: HttpResponse) => void): void {
    this.#res.cork(() => {
      writeHead(this.#res);
      this.#lendRest();
    });
    this.#after();
    if (!this.#done) this.#res.onWritable(() => this.#more());
  }

  /** See Exchange.tend. Room is told only when a third of the kernel's buffer is free: a slow reader is tried for. */
  tend(now: number): number {
    if (now - this.#triedAt >= PROBE_MS) this.#more();
    return this.#done ? 0 : now - this.#progressAt;
  }

  #more(): boolean {
    if (this.#done) return true;
    this.#res.cork(this.#lend);
    this.#after();
    return true;
  }

  /**
   * uWS ends an answer when the length it was told is reached, and then offers no way to close the connection. One that
   * ends its connection therefore never gets there: the last byte is kept back at first, when the true length is
   * announced, and sent under a longer one, which is not.
   */
  #lendRest(): void {
    const { length } = this.#body;
    const first = this.bytes === 0;
    const rest = this.#body.subarray(this.bytes, this.#close && first ? length - 1 : length);
    const [, ended] = this.#res.tryEnd(rest, this.#close && !first ? length + 1 : length);
    this.#triedAt = this.#now();
    const offset = ended ? length : this.#res.getWriteOffset();
    if (offset === this.bytes) return;
    this.bytes = offset;
    this.#progressAt = this.#triedAt;
  }

  #after(): void {
    const { length } = this.#body;
    if (this.#close && this.bytes === length - 1) this.#res.cork(this.#lend);
    if (this.bytes < length) return;
    this.#done = true;
    this.#taken();
    if (this.#close) this.#res.close();
  }
}
