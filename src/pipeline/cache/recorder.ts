// Stands between an answer and its client where a cache is on: says in a header what the cache did, and keeps the bytes that go by
// for a call whose answer is to be kept.
import type { Call } from '../../contracts/call.ts';
import { ForwardingSink } from '../../contracts/forwarding-sink.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';

/** Of a call whose answer has not begun: nobody adds to it. */
export const NO_PIECES: Buffer[] = [];

export interface RecorderDeps {
  /** Monotonic ms, for the pace of streams. */
  now(): number;
  /** Value of `x-headgate-cache`; null = the cache had no part in the call. */
  header(call: Call): string | null;
}

export class RecordingSink extends ForwardingSink {
  readonly #call: Call;
  readonly #deps: RecorderDeps;

  constructor(sink: Sink, call: Call, deps: RecorderDeps) {
    super(sink);
    this.#call = call;
    this.#deps = deps;
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    const { caching } = this.#call;
    if (caching !== null && status === 200) {
      // A stream may come whole, where its upstream did not stream it.
      caching.form = this.#call.stream && this.#call.operation!.answer === 'deltas' ? 'events' : 'whole';
      caching.contentType = contentTypeOf(headers);
      this.#keep(typeof body === 'string' ? Buffer.from(body) : body);
      caching.whole = true;
    }
    super.reply(status, this.#told(headers), body);
  }

  override start(status: number, headers: HeaderList): void {
    const { caching } = this.#call;
    if (caching !== null && status === 200) {
      caching.form = 'events';
      caching.contentType = contentTypeOf(headers);
    }
    super.start(status, this.#told(headers));
  }

  override chunk(bytes: Buffer | string): boolean {
    // Copied: a piece of a stream is a small part of a large read, which would be kept with it. A string becomes UTF-8.
    if (this.#call.caching !== null) this.#keep(Buffer.from(bytes as Buffer));
    return super.chunk(bytes);
  }

  override end(): void {
    const { caching } = this.#call;
    if (caching !== null) caching.whole = true;
    super.end();
  }

  override cut(): void {
    this.#call.caching = null;
    super.cut();
  }

  #keep(piece: Buffer): void {
    const { caching } = this.#call;
    if (caching === null) return;
    caching.bytes += piece.length;
    if (caching.bytes > caching.policy.maxEntryBytes) {
      this.#call.caching = null;
      return;
    }
    if (caching.pieces === NO_PIECES) caching.pieces = [piece];
    else caching.pieces.push(piece);
    if (caching.policy.replay !== 'paced') return;
    const now = this.#deps.now();
    if (caching.firstAt === 0) caching.firstAt = now;
    caching.pace.push(caching.bytes, Math.round(now - caching.firstAt));
  }

  #told(headers: HeaderList): HeaderList {
    const text = this.#deps.header(this.#call);
    return text === null ? headers : [...headers, ['x-headgate-cache', text]];
  }
}

function contentTypeOf(headers: HeaderList): string {
  for (let at = 0; at < headers.length; at++) if (headers[at]![0] === 'content-type') return headers[at]![1];
  return '';
}
