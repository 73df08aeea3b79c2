// A streamed answer on a uWS socket. uWS takes whatever it is given, without bound, and closes the connection when 10 s
// passed since a write that the kernel did not take whole. So a client that reads slowly gets small pieces (the rest
// waits in slow-reader.ts), and is tended: each look at the socket sets uWS's clock back, and ours alone counts.
//
//   flowing --a write is not taken--> blocked --room--> flowing
//      `--end()--> ended                 `--end()--> ending --room, and all is written--> ended
import type { HttpResponse } from 'uWebSockets.js';
import { Buffer } from 'node:buffer';
import { PAUSE_BYTES, PROBE_MS, RESUME_BYTES, SlowReaderQueue } from '../exchange/slow-reader.ts';

/** After a flush it is unknown whether uWS still holds bytes: ask with few, then grow, so that its buffer cannot. */
const PROBE_BYTES = 2 * 1024;
const MAX_PIECE_BYTES = 64 * 1024;
/** Of a client that may take nothing. */
const STALLED_PROBE_BYTES = 16;
/**
 * The last piece of what is at hand is no larger: whatever of it the socket did not take fits the room of the next
 * onWritable, behind which a stream may end. What waits in uWS at its end nobody could tend.
 */
const LAST_BYTES = 8 * 1024;
/** Well below uWS's 10 s, of which one tick of 4 s may be gone already. */
const TOUCH_MS = 3_000;

const nothing = (): void => {};

/** Who writes the stream: its exchange. */
export interface StreamOwner {
  now(): number;
  /** Writes the head's lines; called in the cork of the first piece. */
  writeHead(res: HttpResponse): void;
  /** A source that was told to stop may go on. */
  drained(): void;
  /** The socket has all of it. */
  taken(): void;
  /** The source did not stop, or the client takes nothing. */
  cut(): void;
}

export class StreamWriter {
  /** Bytes handed to the socket. */
  bytes = 0;
  readonly #res: HttpResponse;
  readonly #owner: StreamOwner;
  /** One closure a stream, not one a chunk. */
  readonly #writePiece: () => void;
  #piece: Buffer | string = '';
  #taken = true;
  #headed = false;
  #blocked = false;
  #ending = false;
  #ended = false;
  #paused = false;
  #hooked = false;
  #queue: SlowReaderQueue | null = null;
  #progressAt = 0;
  #tendedAt: number;

  constructor(res: HttpResponse, owner: StreamOwner) {
    this.#res = res;
    this.#owner = owner;
    this.#tendedAt = owner.now();
    this.#writePiece = () => {
      this.#writeHead();
      this.#taken = res.write(this.#piece);
    };
  }

  /** See Sink.chunk. */
  chunk(bytes: Buffer | string): boolean {
    if (!this.#blocked && bytes.length <= LAST_BYTES) {
      if (!this.#write(bytes)) this.#block();
      return true;
    }
    let rest = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    while (!this.#blocked && rest.length > 0) {
      const size = pieceOf(rest.length, MAX_PIECE_BYTES);
      if (!this.#write(rest.subarray(0, size))) this.#block();
      rest = rest.subarray(size);
    }
    return rest.length === 0 || this.#enqueue(rest);
  }

  /** See Exchange.sign. */
  sign(text: string): void {
    if (!this.#blocked && !this.#ended) this.chunk(text);
  }

  end(): void {
    if (this.#blocked) this.#ending = true;
    else this.#end();
  }

  /** The end was told and has not gone out. */
  get ending(): boolean {
    return this.#ending && !this.#ended;
  }

  /** See Exchange.tend. */
  tend(now: number): number {
    if (now - this.#tendedAt >= (this.#blocked ? PROBE_MS : TOUCH_MS)) {
      this.#tendedAt = now;
      const piece = this.#blocked ? (this.#queue?.shift(STALLED_PROBE_BYTES) ?? null) : null;
      // A write in a cork is reported as taken even if the kernel did not: uWS's clock may run without a word.
      if (piece === null) this.#res.cork(nothing);
      else if (this.#write(piece)) this.#flow();
    }
    return this.#blocked ? now - this.#progressAt : 0;
  }

  /** @returns false when uWS holds bytes that the socket did not take. */
  #write(bytes: Buffer | string): boolean {
    this.bytes += bytes.length;
    this.#piece = bytes;
    this.#res.cork(this.#writePiece);
    this.#piece = '';
    return this.#taken;
  }

  #writeHead(): void {
    if (this.#headed) return;
    this.#headed = true;
    this.#owner.writeHead(this.#res);
  }

  #block(): void {
    this.#blocked = true;
    this.#progressAt = this.#owner.now();
    if (this.#hooked) return;
    // Registered only when needed: with a handler uWS no longer drains by itself.
    this.#hooked = true;
    this.#res.onWritable(() => {
      if (this.#ended) return true;
      this.#res.cork(nothing); // flushes what uWS holds; without it the rest stays stuck
      this.#flow();
      return true;
    });
  }

  /** The client took something: on with what waits. */
  #flow(): void {
    this.#blocked = false;
    const queue = this.#queue;
    let size = PROBE_BYTES;
    while (queue !== null && !queue.empty && !this.#blocked) {
      if (!this.#write(queue.shift(pieceOf(queue.bytes, size))!)) this.#block();
      size = Math.min(size * 2, MAX_PIECE_BYTES);
    }
    this.#progressAt = this.#owner.now();
    if (this.#paused && (queue === null || queue.bytes <= RESUME_BYTES)) {
      this.#paused = false;
      this.#owner.drained();
    }
    if (this.#ending && !this.#blocked && !this.#ended) this.#end();
  }

  #enqueue(bytes: Buffer): boolean {
    this.#queue ??= new SlowReaderQueue();
    if (!this.#queue.push(bytes)) {
      this.#owner.cut();
      return true;
    }
    if (this.#queue.bytes >= PAUSE_BYTES) this.#paused = true;
    return !this.#paused;
  }

  #end(): void {
    this.#ended = true;
    this.#res.cork(() => {
      this.#writeHead();
      // Never with uWS's own close flag: it would write its `connection: close` line into the chunked body.
      this.#res.end();
    });
    this.#owner.taken();
  }
}

/** How much of `left` bytes goes next: at most `max`, and never so much that a last piece beyond LAST_BYTES remains. */
function pieceOf(left: number, max: number): number {
  if (left <= LAST_BYTES) return Math.min(left, max);
  return Math.min(max, left - PROBE_BYTES);
}
