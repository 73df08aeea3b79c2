// The body of a request, handed on as it comes. While its reader wants nothing the socket is not read: what was read by then is held
// here. uWS reads on, paused or not, while each read fills its 512 KB: where the listener is not bounded (receive-buffer.ts) it may be more
// (docs/performance.md, "Uploads").
//
//   held --pull--> flowing <--data says false / resume--> paused        any --last piece--> ended, --abort--> dropped
import { Buffer } from 'node:buffer';
import type { BodyReader, BodySource } from '../../contracts/body-source.ts';
import { GatewayError } from '../../contracts/errors.ts';

/** The socket the body comes on. */
export interface UploadSocket {
  pause(): void;
  resume(): void;
}

/** Hands over what comes on it, from now on; the memory of a piece may be taken back when `take` returns. */
export interface UploadPieces {
  pass(take: (piece: ArrayBuffer, isLast: boolean) => void): void;
  /** The socket is not read for now. */
  paused: boolean;
}

export interface UploadSourceOptions {
  /** More than that is a 413. */
  maxBytes: number;
  /** -1 = nobody said. */
  length: number;
  /** The client is waited for, or not, from now on. */
  awaited(yes: boolean): void;
}

export class UploadSource implements BodySource {
  readonly length: number;
  received = 0;
  /** All of it has come. */
  whole = false;
  ended = false;
  readonly #socket: UploadSocket;
  readonly #pieces: UploadPieces;
  readonly #options: UploadSourceOptions;
  #reader: BodyReader | null = null;
  /** What came and nobody took. */
  #held: Buffer[] = [];
  /** The reader wants nothing for now. */
  #blocked = false;
  /** The socket is not read. */
  #paused = false;
  #dropped = false;
  /** Why the rest will not come: told to whoever reads, also when it begins to only later. */
  #failure: GatewayError | null = null;

  constructor(socket: UploadSocket, pieces: UploadPieces, options: UploadSourceOptions) {
    this.#socket = socket;
    this.#pieces = pieces;
    this.#options = options;
    this.length = options.length;
    options.awaited(true);
    // At once: uWS keeps nothing for a handler that comes later.
    pieces.pass((piece, isLast) => this.#take(piece, isLast));
  }

  get begun(): boolean {
    return this.#reader !== null;
  }

  pull(reader: BodyReader): void {
    if (this.#failure !== null) reader.failed(this.#failure);
    if (this.#dropped) return;
    this.#reader = reader;
    this.resume();
  }

  resume(): void {
    this.#blocked = false;
    if (this.#handOn()) this.#pause(false);
  }

  abort(): void {
    if (this.#dropped || this.ended) return;
    this.#dropped = true;
    this.#held = [];
    this.#options.awaited(false);
  }

  /** The socket is to be read again, whoever takes what comes. */
  flow(): void {
    this.#pause(false);
  }

  #take(piece: ArrayBuffer, isLast: boolean): void {
    this.received += piece.byteLength;
    this.whole ||= isLast;
    // What comes next on the socket is no part of it.
    if (isLast) this.#pause(false);
    if (this.#dropped) return;
    if (this.received > this.#options.maxBytes) {
      const { maxBytes } = this.#options;
      this.abort();
      const message = `The request body is larger than ${maxBytes} bytes.`;
      this.#failure = new GatewayError('GW_CLIENT_TOO_LARGE', { message });
      this.#reader?.failed(this.#failure);
      return;
    }
    this.#options.awaited(!isLast);
    // A copy: uWS takes the memory of a piece back when this returns.
    if (piece.byteLength > 0) this.#held.push(Buffer.from(new Uint8Array(piece)));
    if (this.#handOn() || this.whole) return;
    if (this.#blocked || this.#held.length > 0) this.#pause(true);
  }

  /** @returns whether the reader wants more than there is. */
  #handOn(): boolean {
    const reader = this.#reader;
    if (reader === null || this.ended) return false;
    let next = 0;
    while (!this.#blocked && !this.#dropped && next < this.#held.length) {
      this.#blocked = !reader.data(this.#held[next++]!);
    }
    this.#held.splice(0, next);
    if (this.#blocked || this.#dropped) return false;
    if (!this.whole) return true;
    this.ended = true;
    reader.end();
    return false;
  }

  #pause(yes: boolean): void {
    if (this.#paused === yes) return;
    this.#paused = yes;
    this.#pieces.paused = yes;
    if (yes) this.#socket.pause();
    else this.#socket.resume();
    if (!this.whole) this.#options.awaited(!yes);
  }
}
