// One client of an answer that several get: how far it is, at its own pace.
import type { Sink } from '../../contracts/sink.ts';

export class Reader {
  readonly sink: Sink;
  /** Number of the piece that comes next. */
  at = 0;
  /** It takes no more for now. */
  waits = false;
  over = false;
  readonly #finished: () => void;

  /** @param finished it has the whole answer. */
  constructor(sink: Sink, finished: () => void) {
    this.sink = sink;
    this.#finished = finished;
  }

  get gone(): boolean {
    return this.sink.closed;
  }

  finish(): void {
    if (this.over) return;
    this.over = true;
    this.#finished();
  }
}
