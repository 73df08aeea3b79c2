// A whole answer that is larger than the socket takes at once. Its bytes are held once, here: uWS is only lent what
// comes next, and says how much of that the kernel took. So every byte the client takes is seen, and none waits on
// uWS's own clock, which would close the connection of whoever pauses for 10 s. A client that takes all at once is given a
// slice in each turn of the event loop: the kernel takes 4 MB in one call, 2 to 4 ms in which nobody else is served.
import type { HttpResponse } from 'uWebSockets.js';
import type { Buffer } from 'node:buffer';
import { freeBlock } from '../../body/free.ts';
import { TURN_BYTES } from '../../body/turn-bytes.ts';
import { PROBE_MS } from '../exchange/slow-reader.ts';

export class PiecedAnswer {
  /** Bytes of the body that the socket took. */
  bytes = 0;
  readonly #res: HttpResponse;
  readonly #body: Buffer;
  readonly #close: boolean;
  readonly #yours: boolean;
  readonly #now: () => number;
  readonly #taken: () => void;
  readonly #lend = (): void => this.#lendRest();
  readonly #nextTurn = (): void => void this.#more();
  #done = false;
  /** The socket has all that it was lent. */
  #room = false;
  #progressAt: number;
  #triedAt: number;

  /**
   * @param how `close`: the connection ends behind it; `yours`: nobody else looks at `body` again.
   * @param taken called once, when the socket has all of it.
   */
  constructor(
    res: HttpResponse,
    body: Buffer,
    how: { close: boolean; yours: boolean },
    now: () => number,
    taken: () => void,
  ) {
    this.#res = res;
    this.#body = body;
    this.#close = how.close;
    this.#yours = how.yours;
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
    // With a handler before what follows: it goes on by itself while the socket takes what it is lent.
    if (this.bytes < this.#body.length) this.#res.onWritable(() => this.#more());
    this.#after();
  }

  /** Its client left: nothing may be written any more. */
  stop(): void {
    this.#done = true;
    this.#letGo();
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
    const end = Math.min(this.bytes + TURN_BYTES, this.#close && first ? length - 1 : length);
    const rest = this.#body.subarray(this.bytes, end);
    const [, ended] = this.#res.tryEnd(rest, this.#close && !first ? length + 1 : length);
    this.#triedAt = this.#now();
    const offset = ended ? length : this.#res.getWriteOffset();
    this.#room = offset === end;
    if (offset === this.bytes) return;
    this.bytes = offset;
    this.#progressAt = this.#triedAt;
  }

  #after(): void {
    const { length } = this.#body;
    if (this.#close && this.bytes === length - 1) this.#res.cork(this.#lend);
    if (this.bytes < length) {
      if (this.#room) setImmediate(this.#nextTurn);
      return;
    }
    this.#done = true;
    this.#letGo();
    this.#taken();
    if (this.#close) this.#res.close();
  }

  /** uWS was only lent it: the memory of a large one goes back at once and not with a collection of everything. */
  #letGo(): void {
    if (this.#yours) freeBlock(this.#body);
  }
}
