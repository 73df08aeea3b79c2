// Same dialect on both sides: upstream bytes go on as they came. Each event is read once, to learn usage, end and
// faults; only what must not reach the client (a usage chunk nobody asked for) is left out, and only what clients need
// and the upstream left out is added.
import type { StreamWatcher } from '../../contracts/dialect.ts';
import type { EventBatch, EventScanner } from '../../contracts/framing.ts';
import { Relay, type StreamOut } from './stream-relay.ts';

const LF = 10;

export class ByteRelay extends Relay {
  readonly #watcher: StreamWatcher;

  constructor(scanner: EventScanner, watcher: StreamWatcher, out: StreamOut) {
    super(scanner, watcher, out);
    this.#watcher = watcher;
  }

  protected take(batch: EventBatch): void {
    const { bytes, count, unterminated } = batch;
    // [from, to) is the run of bytes to pass on; events left out or replaced end a run.
    let from = -1;
    let to = -1;
    try {
      // Nothing may follow the end: bytes behind it are not the client's.
      for (let i = 0; i < count && !this.finished; i++) {
        const data = this.dataOf(batch, i);
        const verdict = data === null ? null : this.#watcher.watch(batch.event[i]!, data);
        if (verdict?.content === true) this.tokens++;
        if (verdict?.verdict === 'end') this.finished = true;
        if (verdict !== null && (verdict.verdict === 'hide' || verdict.instead !== null)) {
          this.#passRun(bytes, from, to);
          from = -1;
          if (verdict.instead !== null) this.pass(verdict.instead);
          else if (this.cut) break;
          continue;
        }
        if (from === -1) from = batch.start[i]!;
        to = batch.end[i]!;
      }
    } catch (cause) {
      // Without content before it the call may still go elsewhere: nothing more is told then.
      if (this.tokens > 0) this.#passRun(bytes, from, to);
      throw cause;
    }
    this.#passRun(bytes, from, to);
    // Readers drop an event that no blank line completes.
    if (unterminated && from !== -1) this.pass(bytes[bytes.length - 1] === LF ? '\n' : '\n\n');
  }

  protected finish(): void {
    const closing = this.#watcher.closing();
    if (closing.length > 0) this.pass(closing);
  }

  #passRun(bytes: Buffer, from: number, to: number): void {
    if (from === -1) return;
    this.pass(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
  }
}
