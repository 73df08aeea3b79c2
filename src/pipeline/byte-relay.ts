// Same dialect on both sides: upstream bytes go on as they came. Each event is read once, to learn usage, end and
// faults; only what must not reach the client (a broken event, a usage chunk nobody asked for) is left out.
import type { AnswerFacts } from '../contracts/chat.ts';
import type { StreamWatcher } from '../contracts/dialect.ts';
import { GatewayError, type UpstreamFault } from '../contracts/errors.ts';
import { createSseScanner, type SseScanner } from '../upstream/sse.ts';
import type { StreamRelay } from './stream-relay.ts';

/** Largest event taken from an upstream. */
export const MAX_EVENT_BYTES = 1024 * 1024;
/** More broken events in a row than this are no accident. */
export const MAX_MALFORMED = 3;

/** The client's side of a relay: the dispatcher. */
export interface StreamOut {
  /** Bytes for the client; false = pause the upstream. The first call commits the answer. */
  write(bytes: Buffer | string): void;
  /** Holds everything back until content comes: another target could still take over. */
  readonly gated: boolean;
  faulted(fault: UpstreamFault): GatewayError;
  malformed(): void;
}

export class ByteRelay implements StreamRelay {
  readonly #scanner: SseScanner = createSseScanner({ maxEventBytes: MAX_EVENT_BYTES });
  readonly #watcher: StreamWatcher;
  readonly #out: StreamOut;
  #held: Buffer[] | null;
  #malformedInRow = 0;
  tokens = 0;
  finished = false;

  constructor(watcher: StreamWatcher, out: StreamOut) {
    this.#watcher = watcher;
    this.#out = out;
    this.#held = out.gated ? [] : null;
  }

  get complete(): boolean {
    return this.#watcher.complete;
  }

  get facts(): AnswerFacts {
    return this.#watcher.facts;
  }

  data(chunk: Buffer): void {
    this.#take(this.#scanner.push(chunk));
  }

  ended(): void {
    if (this.finished) return;
    this.#take(this.#scanner.flush());
    if (this.finished) return;
    if (!this.#watcher.complete) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
    this.#release();
    const closing = this.#watcher.closing();
    if (closing !== '') this.#out.write(closing);
    this.finished = true;
  }

  #take(batch: ReturnType<SseScanner['push']>): void {
    const { bytes, count } = batch;
    // [from, to) is the run of bytes to pass on; events left out end a run.
    let from = -1;
    let to = -1;
    for (let i = 0; i < count; i++) {
      const data = batch.data[i];
      let pass = true;
      if (data !== null && data !== undefined) {
        const verdict = batch.valid[i] === true ? this.#watcher.watch(batch.event[i]!, data) : null;
        if (verdict === null || verdict.verdict === 'malformed') {
          pass = false;
          this.#broken();
        } else if (verdict.verdict === 'error') {
          if (from !== -1) this.#pass(bytes, from, to);
          throw this.#out.faulted(verdict.fault!);
        } else {
          this.#malformedInRow = 0;
          pass = verdict.verdict !== 'hide';
          if (verdict.content) this.tokens++;
          if (verdict.verdict === 'end') this.finished = true;
        }
      }
      if (pass) {
        if (from === -1) from = batch.start[i]!;
        to = batch.end[i]!;
      } else if (from !== -1) {
        this.#pass(bytes, from, to);
        from = -1;
      }
      // Nothing may follow the end: bytes behind it are not the client's.
      if (this.finished) break;
    }
    if (from !== -1) this.#pass(bytes, from, to);
    // A sentinel before the real end: the answer was cut, whatever its sender says.
    if (this.#watcher.ended && !this.#watcher.complete) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
    if (this.finished) this.#release();
  }

  #pass(bytes: Buffer, from: number, to: number): void {
    const run = from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
    if (this.#held !== null) {
      this.#held.push(run);
      if (this.tokens > 0) this.#release();
      return;
    }
    this.#out.write(run);
  }

  #release(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    if (held.length > 0) this.#out.write(held.length === 1 ? held[0]! : Buffer.concat(held));
  }

  #broken(): void {
    this.#out.malformed();
    if (++this.#malformedInRow > MAX_MALFORMED) {
      throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { retry: 'next' });
    }
  }
}
