// What an attempt does with a streamed answer, and what both ways of it have in common: byte-relay.ts and
// translate-relay.ts. Content is never left out in silence: what cannot be read ends the stream, or sends the call to
// another target while nothing of it has reached the client.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { StreamReader } from '../../contracts/dialect.ts';
import { GatewayError, type UpstreamFault } from '../../contracts/errors.ts';
import type { EventBatch, EventScanner } from '../../contracts/framing.ts';

/** What turns upstream bytes of a streamed answer into the client's. */
export interface StreamRelay {
  /** @throws GatewayError when the stream cannot go on. */
  data(chunk: Buffer): void;
  /** The upstream closed properly. @throws GatewayError when the answer is not complete. */
  ended(): void;
  /** Nothing is to come, whatever the reason. */
  close(): void;
  /** Content events so far; 0 before the first token. Pings and comments are none. */
  readonly tokens: number;
  /** A terminal marker was seen: only usage or the sentinel may be missing. */
  readonly complete: boolean;
  /** The client has its whole answer. */
  readonly finished: boolean;
}

/** The client's side of a relay: the dispatcher. */
export interface StreamOut {
  /** Bytes for the client; false = pause the upstream. The first call commits the answer. */
  write(bytes: Buffer | string): void;
  /** Holds everything back until content comes: another target could still take over. */
  readonly gated: boolean;
  /** What it says is heard by somebody who is to hear no other answer of the call. Absent = there is none beside it. */
  claim?(): void;
  faulted(fault: UpstreamFault): GatewayError;
  malformed(): void;
}

export abstract class Relay implements StreamRelay {
  readonly #scanner: EventScanner;
  readonly #reader: StreamReader;
  readonly #out: StreamOut;
  /** What waits for the first content; null once it came, or where nothing waits. */
  #held: (Buffer | string)[] | null;
  /** It threw: nothing that follows can make a whole answer of it. */
  #broken = false;
  tokens = 0;
  finished = false;

  constructor(scanner: EventScanner, reader: StreamReader, out: StreamOut) {
    this.#scanner = scanner;
    this.#reader = reader;
    this.#out = out;
    this.#held = out.gated ? [] : null;
  }

  get complete(): boolean {
    return this.#reader.settled && !this.#broken;
  }

  get facts(): AnswerFacts {
    return this.#reader.facts;
  }

  /** Number that an event behind what the client got would have, where its dialect numbers them. */
  get sequence(): number {
    return this.#reader.sequence ?? 0;
  }

  data(chunk: Buffer): void {
    let batch: EventBatch;
    try {
      batch = this.#scanner.push(chunk);
    } catch (cause) {
      if (this.#reader.whole !== true) throw cause;
      this.#end();
      return;
    }
    this.#take(batch);
  }

  ended(): void {
    if (this.finished) return;
    const batch = this.#scanner.flush();
    const cut = batch.unterminated;
    try {
      this.#take(batch);
    } catch (cause) {
      // The beginning of an event is nothing to complain of: the answer broke off, or was complete before it.
      const unread = cause instanceof GatewayError && cause.code === 'GW_UPSTREAM_BAD_OUTPUT';
      if (!cut || !unread) throw cause;
      if (!this.#reader.settled) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
      this.#broken = false;
    }
    if (this.finished) return;
    if (!this.#reader.complete || this.#broken) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
    this.#end();
  }

  #end(): void {
    this.finish();
    if (this.waits) return;
    this.finished = true;
    this.release();
  }

  close(): void {
    this.#scanner.close();
  }

  /** Behind the upstream's last word something of the answer is still to come. */
  protected get waits(): boolean {
    return false;
  }

  /** Reads a batch up to the end of the answer and passes on what is the client's; sets `tokens` and `finished`. */
  protected abstract take(batch: EventBatch): void;

  /** The upstream closed behind a complete answer: passes on what it left out. */
  protected abstract finish(): void;

  /** A sentinel came before the real end: the answer was cut, whatever its sender says, and nothing behind it counts. */
  protected get cut(): boolean {
    return this.#reader.ended && !this.#reader.complete;
  }

  /** The data of an entry that is to be read; null for comments and blank lines, which mean nothing. */
  protected dataOf(batch: EventBatch, at: number): string | null {
    if (batch.valid[at] !== true) {
      if (this.#reader.whole === true) return null;
      throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause: 'no event' });
    }
    const data = batch.data[at]!;
    // A name without data is a sign of life, or all that is left of an event; behind the answer it is neither.
    return data === null && batch.event[at] !== '' && !this.#reader.settled ? '' : data;
  }

  protected pass(bytes: Buffer | string): void {
    if (this.#held === null) this.#out.write(bytes);
    else this.#held.push(bytes);
  }

  #take(batch: EventBatch): void {
    try {
      this.take(batch);
    } catch (cause) {
      this.#broken = true;
      if (this.tokens > 0) this.release();
      if (!(cause instanceof GatewayError)) throw cause;
      if (cause.fault !== null) throw this.#out.faulted(cause.fault);
      if (cause.code === 'GW_UPSTREAM_BAD_OUTPUT') this.#out.malformed();
      throw cause;
    }
    if (this.cut) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
    if (this.tokens > 0 || this.finished) this.release();
  }

  /** Lets go what waited for the first content. */
  protected release(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    for (const bytes of held) this.#out.write(bytes);
  }
}
