// One content coding of an answer, as a step between two others.
import type { Transform } from 'node:stream';
import { type Coding, decodingStream } from './answer-codings.ts';
import { ZstdFrames } from './answer-zstd-frames.ts';

/** What takes the bytes of a layer. */
export interface Next {
  take(chunk: Buffer): void;
  finish(): void;
}

/** One coding. Its stream is made when the first byte is there: an answer without a body has none, whatever its head says. */
export class Layer implements Next {
  /** The layer its bytes go to, where there is one: it may be full. */
  next: Layer | null = null;
  readonly #coding: Coding;
  readonly #to: Next;
  readonly #onDrained: () => void;
  readonly #onFailed: (cause: unknown) => void;
  readonly #frames: ZstdFrames | null;
  #stream: Transform | null = null;
  /** A first byte that does not tell yet which kind of deflate it begins. */
  #first: Buffer | null = null;
  #paused = false;
  full = false;

  constructor(coding: Coding, to: Next, onDrained: () => void, onFailed: (cause: unknown) => void) {
    this.#coding = coding;
    this.#to = to;
    this.#onDrained = onDrained;
    this.#onFailed = onFailed;
    this.#frames = coding === 'zstd' ? new ZstdFrames() : null;
  }

  take(piece: Buffer): void {
    let chunk = piece;
    if (chunk.length === 0) return;
    if (this.#stream === null) {
      if (this.#first !== null) chunk = Buffer.concat([this.#first, chunk]);
      this.#first = chunk;
      if (this.#coding === 'deflate' && chunk.length < 2) return;
      this.#first = null;
      this.#stream = this.#open(chunk);
    }
    this.#frames?.feed(chunk);
    if (!this.#stream.write(chunk)) this.full = true;
  }

  finish(): void {
    if (this.#stream !== null) this.#stream.end();
    else if (this.#first === null) this.#to.finish();
    else this.#onFailed(cut());
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  destroy(): void {
    this.#stream?.destroy();
  }

  #open(first: Buffer): Transform {
    const stream = decodingStream(this.#coding, first);
    stream.on('data', (chunk: Buffer) => {
      this.#to.take(chunk);
      if (this.next?.full === true) stream.pause();
    });
    stream.on('drain', () => {
      this.full = false;
      this.#onDrained();
    });
    stream.on('end', () => {
      if (this.#frames?.whole === false) this.#onFailed(cut());
      else this.#to.finish();
    });
    stream.on('error', this.#onFailed);
    if (this.#paused) stream.pause();
    return stream;
  }
}

/** The error zlib has for a body that breaks off. */
function cut(): Error {
  return Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' });
}
