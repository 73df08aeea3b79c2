// Stands next to a client whose bodies are kept: copies the beginning of what goes by, and of what was asked, once it is answered.
import type { Call } from '../../contracts/call.ts';
import { ForwardingSink } from '../../contracts/forwarding-sink.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';

/** The beginning of a body, and how long it was in all. */
export interface Beginning {
  /** `maxBytes` of it, and `MARGIN_BYTES` behind them where it goes on. */
  readonly bytes: Buffer;
  readonly length: number;
  /** So much of it is to be kept. */
  readonly maxBytes: number;
}

/** Read beyond what is kept, so that a secret on the cut is known for one and does not stay by half. */
export const MARGIN_BYTES = 4096;

export class BodyTap extends ForwardingSink {
  readonly #call: Call;
  /** Of each body; asked when the first byte goes out, since nobody knows before who calls. 0 = nothing is kept. */
  readonly #maxBytesOf: (call: Call) => number;
  #maxBytes = -1;
  #request: Beginning | null = null;
  #pieces: Buffer[] = [];
  #kept = 0;
  #length = 0;

  constructor(sink: Sink, call: Call, maxBytesOf: (call: Call) => number) {
    super(sink);
    this.#call = call;
    this.#maxBytesOf = maxBytesOf;
  }

  /** What was asked; null = nothing is kept of it, or there was no body. */
  get request(): Beginning | null {
    this.#begin();
    return this.#request;
  }

  /** What went out; null = nothing is kept of it, or nothing did. */
  get answer(): Beginning | null {
    if (this.#length === 0) return null;
    return { bytes: Buffer.concat(this.#pieces), length: this.#length, maxBytes: this.#maxBytes };
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    this.#keep(body);
    super.reply(status, headers, body);
  }

  override start(status: number, headers: HeaderList): void {
    this.#begin();
    super.start(status, headers);
  }

  override chunk(bytes: Buffer | string): boolean {
    this.#keep(bytes);
    return super.chunk(bytes);
  }

  /** The call's body is freed when it settles, which may be before its client has taken the answer. */
  #begin(): void {
    if (this.#maxBytes >= 0) return;
    this.#maxBytes = this.#maxBytesOf(this.#call);
    const { body } = this.#call;
    if (this.#maxBytes === 0 || body === null) return;
    const bytes = Buffer.from(body.subarray(0, this.#maxBytes + MARGIN_BYTES));
    this.#request = { bytes, length: body.length, maxBytes: this.#maxBytes };
  }

  #keep(bytes: Buffer | string): void {
    this.#begin();
    if (this.#maxBytes === 0) return;
    const room = this.#maxBytes + MARGIN_BYTES - this.#kept;
    this.#length += Buffer.byteLength(bytes);
    if (room <= 0) return;
    // A copy: a piece of a stream is a small part of a large read, which would be kept with it.
    const piece = typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes.subarray(0, room));
    this.#pieces.push(piece.length > room ? piece.subarray(0, room) : piece);
    this.#kept += Math.min(room, piece.length);
  }
}
