// Undoes the content codings of one answer as its bytes come. We ask for none, but edges compress all the same. The work
// is zlib's, in libuv's threads; each piece that goes in gives what it holds at once, so that tokens are not kept back.
//
//   write() ──► layer of the last coding ──► … ──► layer of the first coding ──► listener.data()
//
// A layer that is full stops the one before it, and the first one the socket (`full`).
import { GatewayError } from '../contracts/errors.ts';
import type { Coding } from './answer-codings.ts';
import { Layer, type Next } from './answer-layer.ts';

/** Hears what comes out. After end() or fail() nothing comes. */
export interface DecoderListener {
  data(chunk: Buffer): void;
  end(): void;
  /** GW_UPSTREAM_TRUNCATED, _BAD_OUTPUT or _TOO_LARGE. */
  fail(error: GatewayError): void;
  /** It is not full any more. */
  drained(): void;
}

export class AnswerDecoder {
  readonly #listener: DecoderListener;
  readonly #maxBytes: number;
  /** In the order bytes go through them. */
  readonly #layers: Layer[] = [];
  #bytes = 0;
  #over = false;

  /**
   * @param codings as readCodings gives them, at least one.
   * @param maxBytes most that may come out: a few KB can hold gigabytes.
   */
  constructor(codings: readonly Coding[], maxBytes: number, listener: DecoderListener) {
    this.#listener = listener;
    this.#maxBytes = maxBytes;
    let next: Next = { take: (chunk) => this.#out(chunk), finish: () => this.#finish() };
    for (const coding of codings) {
      const behind = this.#layers[0];
      const layer: Layer = new Layer(
        coding,
        next,
        () => this.#drained(layer),
        (cause) => this.#failed(cause),
      );
      if (behind !== undefined) layer.next = behind;
      this.#layers.unshift(layer);
      next = layer;
    }
  }

  /** Nothing should be written until drained(). What is written all the same is kept. */
  get full(): boolean {
    return !this.#over && this.#layers[0]!.full;
  }

  /** `chunk` is the decoder's to keep. */
  write(chunk: Buffer): void {
    if (!this.#over) this.#layers[0]!.take(chunk);
  }

  /** Nothing more comes: end() or fail() follows when the rest is out. */
  end(): void {
    if (!this.#over) this.#layers[0]!.finish();
  }

  /** Nothing comes out until resume(), but for a piece that is on its way. */
  pause(): void {
    this.#layers.at(-1)!.pause();
  }

  resume(): void {
    this.#layers.at(-1)!.resume();
  }

  /** Nothing comes out any more. */
  destroy(): void {
    this.#over = true;
    for (const layer of this.#layers) layer.destroy();
  }

  #out(chunk: Buffer): void {
    if (this.#over) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      this.destroy();
      this.#listener.fail(new GatewayError('GW_UPSTREAM_TOO_LARGE'));
      return;
    }
    this.#listener.data(chunk);
  }

  #finish(): void {
    if (this.#over) return;
    this.destroy();
    this.#listener.end();
  }

  #failed(cause: unknown): void {
    if (this.#over) return;
    this.destroy();
    const cut = (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    this.#listener.fail(
      new GatewayError(cut ? 'GW_UPSTREAM_TRUNCATED' : 'GW_UPSTREAM_BAD_OUTPUT', { cause }),
    );
  }

  #drained(layer: Layer): void {
    if (this.#over) return;
    const before = this.#layers[this.#layers.indexOf(layer) - 1];
    if (before === undefined) this.#listener.drained();
    else before.resume();
  }
}
