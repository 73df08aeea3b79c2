// One answer for several clients: the sink of the call that makes it. What was written is kept while it is within bounds, so that
// who comes later gets it from the beginning, and each client takes it at its own pace:
//
//   dispatch ─ start, chunk, end ─► pieces 0 1 2 3 4 ─► reader (the call's own client)   at 4
//                                                    ├► reader                            at 2: waits for its socket
//                                                    └► reader (just came)                at 0
//
// Beyond the bound nobody can join any more, what all have is let go of, and the source is paused while the slowest lags behind.
import type { Shared } from '../../contracts/shared-answer.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import { Reader } from './reader.ts';
import { type RecordedAnswer, sharedHeaders } from './recorded-answer.ts';

/** Beyond the bound the slowest client may be so far behind. */
const LAG_BYTES = 256 * 1024;

/** Who has it made. One object a call, since hardly an answer finds a second client. */
export interface FanOutOwner {
  /** Bytes of the answer that are kept. */
  readonly maxBytes: number;
  /** It goes on when nobody is there to take it. */
  readonly keep: boolean;
  /** The answer has ended: `recorded` says what it was. */
  ended(answer: FanOut): void;
  /** Nobody is left to take it. */
  abandoned(): void;
}

const NO_HEADERS: HeaderList = [];
const nothing = (): void => {};

export class FanOut implements Sink {
  onDrain: (() => void) | null = null;
  readonly #own: Reader;
  readonly #owner: FanOutOwner;
  readonly #readers: Reader[];
  /** How those came that did not begin it; null before the first. */
  #hows: Map<Reader, Shared> | null = null;
  #status = 0;
  #headers = NO_HEADERS;
  #streamed = false;
  #pieces: Buffer[] = [];
  /** Number of the first piece that is kept, and bytes of those that are. */
  #first = 0;
  #bytes = 0;
  #whole = true;
  #paused = false;
  #ended = false;

  constructor(own: Sink, owner: FanOutOwner) {
    this.#own = new Reader(own, nothing);
    this.#readers = [this.#own];
    this.#owner = owner;
  }

  /** 0 while there is no answer. */
  get status(): number {
    return this.#status;
  }

  /** Others may still come. */
  get open(): boolean {
    return this.#whole && !this.#ended;
  }

  /** Its last byte was written, or it was cut. */
  get ended(): boolean {
    return this.#ended;
  }

  get committed(): boolean {
    return this.#status !== 0;
  }

  get closed(): boolean {
    return this.#ended || (!this.#owner.keep && !this.#read);
  }

  get bytesOut(): number {
    return this.#own.sink.bytesOut;
  }

  /** The call is over when its own client has the answer, or is refused it: a guardrail may still have it judged. */
  get ending(): boolean {
    return this.#own.sink.ending;
  }

  get onTaken(): (() => void) | null {
    return this.#own.sink.onTaken;
  }

  set onTaken(taken: (() => void) | null) {
    this.#own.sink.onTaken = taken;
  }

  get #read(): boolean {
    for (const reader of this.#readers) if (!reader.gone) return true;
    return false;
  }

  /** Another client takes it too, from the beginning; only while `open`. @param finished it has it all. */
  join(sink: Sink, how: Shared, finished: () => void): void {
    const reader = new Reader(sink, finished);
    this.#readers.push(reader);
    (this.#hows ??= new Map()).set(reader, how);
    if (this.#status === 0) return;
    sink.start(this.#status, sharedHeaders(this.#headers, how));
    this.#pump(reader);
  }

  /** A client has left. */
  leave(sink: Sink): void {
    const at = this.#readers.findIndex((reader) => reader.sink === sink);
    if (at >= 0) this.#readers.splice(at, 1);
    if (this.#ended) return;
    if (!this.#owner.keep && !this.#read) this.#owner.abandoned();
    else this.#trim();
  }

  /** The answer so far; null = it is too long, or was cut. */
  recorded(): RecordedAnswer | null {
    if (!this.#whole) return null;
    const body = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    return { status: this.#status, headers: this.#headers, streamed: this.#streamed, body };
  }

  // -- Sink

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    if (this.closed) return;
    this.#begin(status, headers);
    this.#pieces = [typeof body === 'string' ? Buffer.from(body) : body];
    this.#ended = true;
    for (const reader of [...this.#readers]) {
      if (!reader.gone) reader.sink.reply(status, this.#headersFor(reader), body);
      reader.finish();
    }
    this.#owner.ended(this);
  }

  start(status: number, headers: HeaderList): void {
    this.#begin(status, headers);
    this.#streamed = true;
    for (const reader of this.#readers) if (!reader.gone) reader.sink.start(status, this.#headersFor(reader));
  }

  chunk(bytes: Buffer | string): boolean {
    const piece = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes > this.#owner.maxBytes) this.#whole = false;
    for (const reader of this.#readers) this.#pump(reader);
    if (!this.#owner.keep && !this.#read) {
      this.#owner.abandoned();
      return true;
    }
    this.#trim();
    this.#paused = this.#lags(LAG_BYTES);
    return !this.#paused;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const reader of [...this.#readers]) this.#pump(reader);
    this.#owner.ended(this);
  }

  cut(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const reader of this.#readers) {
      if (!reader.gone) reader.sink.cut();
      reader.finish();
    }
    this.#whole = false;
    this.#owner.ended(this);
  }

  // -- inside

  #begin(status: number, headers: HeaderList): void {
    this.#status = status;
    this.#headers = headers;
  }

  #headersFor(reader: Reader): HeaderList {
    const how = this.#hows?.get(reader);
    return how === undefined ? this.#headers : sharedHeaders(this.#headers, how);
  }

  #pump(reader: Reader): void {
    const { sink } = reader;
    while (!reader.waits && !reader.gone && reader.at < this.#first + this.#pieces.length) {
      const piece = this.#pieces[reader.at++ - this.#first]!;
      if (sink.chunk(piece)) continue;
      reader.waits = true;
      sink.onDrain = () => this.#drained(reader);
    }
    if (reader.gone) reader.finish();
    else if (this.#ended && this.#streamed && !reader.waits && !reader.over) {
      sink.end();
      reader.finish();
    }
  }

  #drained(reader: Reader): void {
    reader.waits = false;
    this.#pump(reader);
    this.#trim();
    if (!this.#paused || this.#lags(LAG_BYTES / 2)) return;
    this.#paused = false;
    this.onDrain?.();
  }

  /** Lets go of what everybody has, once nobody can join. */
  #trim(): void {
    if (this.#whole) return;
    let least = this.#first + this.#pieces.length;
    for (const reader of this.#readers) if (!reader.gone) least = Math.min(least, reader.at);
    while (this.#first < least) {
      this.#bytes -= this.#pieces.shift()!.length;
      this.#first++;
    }
  }

  #lags(bytes: number): boolean {
    return !this.#whole && this.#bytes > bytes;
  }
}
