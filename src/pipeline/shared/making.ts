// A call that makes an answer others may take. One object for all that look at it, and none beside it until a second client comes: where
// a cache is on, each miss makes one (docs/performance.md).
import type { Call } from '../../contracts/call.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Sharing } from '../../contracts/shared-answer.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import { FanOut, type FanOutOwner } from './fan-out.ts';

export interface Wish {
  /** Of the answer, over all that may share it. */
  name: string;
  /** Of the request: another one of the same name is refused. */
  print: string;
  /** An answer of at most so many bytes is shared from its beginning, and kept. */
  maxBytes: number;
  /** How long a good answer is given again; 0 = only while it is under way. */
  ttlMs: number;
  /** Whether others than this worker may make it. */
  claimed: boolean;
}

/** Who is told what becomes of an answer under way. */
export interface Makers {
  /** Monotonic ms. */
  now(): number;
  over(making: Making): void;
  /** Its client has left, and it goes on. */
  orphaned(call: Call): void;
  abandon(call: Call): void;
}

/**
 * The sink of a call that makes an answer. A whole answer that nobody else came for goes to its client as it is: the fan-out that keeps what
 * was written is made when somebody joins, when a stream begins, or at once where it is known that others take it.
 */
export class Making implements Sink, FanOutOwner, Sharing {
  readonly call: Call;
  readonly wish: Wish;
  /** Others wait for what comes of it. */
  readonly claimed: boolean;
  readonly maxBytes: number;
  /** It is being written where others look before they ask who makes it; null = it is not. */
  written: Promise<void> | null = null;
  readonly keep: boolean;
  /** When the last of it was about to be said, where others wait for it: monotonic ms. */
  saidAt = 0;
  /** Another one that is under way, and the bucket of both: of the list of them alone (makings.ts). */
  next: Making | null = null;
  bucket = -1;
  /** As FanOut says it, which says it itself once there is one. */
  #status = 0;
  #ended = false;
  #onDrain: (() => void) | null = null;
  #fanOut: FanOut | null = null;
  #error: GatewayError | null = null;
  readonly #own: Sink;
  readonly #makers: Makers;
  /** A call may make one under two names. */
  readonly #earlier: Sharing | null;

  constructor(call: Call, wish: Wish, claimed: boolean, makers: Makers) {
    this.call = call;
    this.wish = wish;
    this.claimed = claimed;
    this.maxBytes = wish.maxBytes;
    this.keep = wish.ttlMs > 0;
    this.#own = call.sink;
    this.#makers = makers;
    this.#earlier = call.sharing;
    if (claimed || this.keep) this.answer();
  }

  /** For who takes it too, or all of it at its end. */
  answer(): FanOut {
    if (this.#fanOut === null) {
      this.#fanOut = new FanOut(this.#own, this);
      this.#fanOut.onDrain = this.#onDrain;
    }
    return this.#fanOut;
  }

  /** Others may still come. */
  get open(): boolean {
    return this.#fanOut === null ? !this.#ended : this.#fanOut.open;
  }

  /** Why it is nobody's answer; said behind its last byte. */
  get error(): GatewayError | null {
    return this.#error ?? this.call.error ?? this.call.guard?.refusal ?? null;
  }

  // -- FanOutOwner

  ended(): void {
    this.#makers.over(this);
  }

  abandoned(): void {
    this.#makers.abandon(this.call);
  }

  // -- Sharing

  goesOn(): boolean {
    if (this.closed) return false;
    this.#makers.orphaned(this.call);
    return true;
  }

  until(written: Promise<void>): void {
    this.written = written;
    this.#earlier?.until(written);
  }

  worth(error: GatewayError | null): void {
    this.#error = error;
    this.#earlier?.worth(error);
  }

  settled(): void {
    this.#earlier?.settled();
    this.#makers.over(this);
  }

  // -- Sink

  get committed(): boolean {
    return this.#fanOut === null ? this.#status !== 0 : this.#fanOut.committed;
  }

  get closed(): boolean {
    return this.#fanOut === null ? this.#ended || this.#own.closed : this.#fanOut.closed;
  }

  get bytesOut(): number {
    return this.#own.bytesOut;
  }

  /** As of a fan-out: its own client has yet to take the rest, or whoever judges it for that client to let it go. */
  get ending(): boolean {
    return this.#own.ending;
  }

  get onTaken(): (() => void) | null {
    return this.#own.onTaken;
  }

  set onTaken(taken: (() => void) | null) {
    this.#own.onTaken = taken;
  }

  get onDrain(): (() => void) | null {
    return this.#fanOut === null ? this.#onDrain : this.#fanOut.onDrain;
  }

  set onDrain(wake: (() => void) | null) {
    if (this.#fanOut === null) this.#onDrain = wake;
    else this.#fanOut.onDrain = wake;
  }

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    this.#says();
    if (this.#fanOut !== null) {
      this.#fanOut.reply(status, headers, body);
      return;
    }
    if (this.closed) return;
    this.#status = status;
    this.#ended = true;
    this.#own.reply(status, headers, body);
    this.ended();
  }

  start(status: number, headers: HeaderList): void {
    this.#says();
    this.answer().start(status, headers);
  }

  chunk(bytes: Buffer | string): boolean {
    this.#says();
    return this.answer().chunk(bytes);
  }

  end(): void {
    this.answer().end();
  }

  cut(): void {
    this.answer().cut();
  }

  // -- inside

  /** A client may take any piece for the last, and ask again. */
  #says(): void {
    if (this.claimed) this.saidAt = this.#makers.now();
  }
}
