// As translate-relay.ts, with somebody between decoder and encoder who takes his time (contracts/delta-filter.ts): what the client
// gets is written when it comes, and the stream is over when it is. Who made the relay is told then (`LateOut`).
import type { Delta } from '../../contracts/chat.ts';
import type { CreateDeltaQueue, DeltaQueue } from '../../contracts/delta-filter.ts';
import type { StreamDecoder, StreamEncoder } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { EventOut, EventScanner, Frames } from '../../contracts/framing.ts';
import type { StreamOut } from './stream-relay.ts';
import { TranslateRelay } from './translate-relay.ts';

/** Waits so much of a stream, its upstream is paused. */
const PAUSE_CHARS = 65_536;

/** Nothing is written by what only changes deltas. */
const NOWHERE: EventOut = { emit() {}, emitLines() {} };

/** The client's side of a relay whose stream may go on, and end, between two pieces of its upstream's. */
export interface LateOut extends StreamOut {
  /** Too much waits, or no longer: the upstream is paused, or read again. */
  hold(full: boolean): void;
  /** The stream is finished, or cannot go on: the next piece says so. @param ended its upstream has closed. */
  late(ended: boolean): void;
}

export class AsideRelay extends TranslateRelay {
  readonly #queue: DeltaQueue;
  readonly #late: LateOut;
  /** The upstream's last word was read. */
  #read = false;
  /** The upstream has closed. */
  #ended = false;
  #failure: GatewayError | null = null;
  /** Becomes the failure once nothing waits any more. */
  #broken: GatewayError | null = null;
  #full = false;

  /** What is done to deltas before anybody else sees them, and what it made of some. */
  readonly #before: StreamEncoder;
  #made: Delta[] = [];

  /**
   * @param create who takes his time. @param before wraps what deltas are said to before that. @param begun the client has events
   * already.
   */
  constructor(
    scanner: EventScanner,
    decoder: StreamDecoder,
    encoder: StreamEncoder,
    framing: Frames,
    out: LateOut,
    create: CreateDeltaQueue,
    before: (encoder: StreamEncoder) => StreamEncoder = (same) => same,
    begun = false,
  ) {
    super(scanner, decoder, encoder, framing, out, begun);
    this.#late = out;
    this.#before = before({ encode: (delta) => void this.#made.push(delta) });
    this.#queue = create(
      (delta) => this.encode(delta),
      (failure) => this.#news(failure),
    );
  }

  override get complete(): boolean {
    return this.#failure === null && this.#broken === null && super.complete;
  }

  override data(chunk: Buffer): void {
    if (this.#failure !== null) throw this.#failure;
    try {
      super.data(chunk);
    } catch (cause) {
      this.#breaks(cause);
    }
    this.#hold();
  }

  override ended(): void {
    this.#ended = true;
    if (this.#failure !== null) throw this.#failure;
    if (this.#read) return;
    try {
      super.ended();
    } catch (cause) {
      this.#breaks(cause);
    }
  }

  /** What a client has begun to read breaks behind what waits; before that another target may still take over. @throws the cause */
  #breaks(cause: unknown): void {
    if (!(cause instanceof GatewayError) || this.tokens === 0 || this.#queue.heldChars === 0) throw cause;
    this.#broken = cause;
    // Nothing that comes now counts.
    this.#read = true;
  }

  override close(): void {
    this.#queue.close();
    super.close();
  }

  protected override get over(): boolean {
    return this.#read;
  }

  protected override get waits(): boolean {
    return !this.finished;
  }

  protected override finish(): void {
    super.finish();
    if (!this.#read) this.tell([{ kind: 'end' }]);
  }

  protected override tell(deltas: readonly Delta[]): void {
    this.#made = [];
    for (const delta of deltas) {
      this.#read ||= delta.kind === 'end';
      this.#before.encode(delta, NOWHERE);
    }
    this.#queue.push(this.#made);
  }

  #news(failure: GatewayError | null): void {
    this.#failure = failure;
    if (failure === null) this.passOn();
    if (this.#queue.heldChars === 0) this.#failure ??= this.#broken;
    this.#hold();
    if (this.#failure !== null || this.finished) this.#late.late(this.#ended);
  }

  #hold(): void {
    const full = this.#queue.heldChars > PAUSE_CHARS;
    if (full === this.#full && !full) return;
    this.#full = full;
    this.#late.hold(full);
  }
}
