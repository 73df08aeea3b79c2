// What a model server last said of its load, for the meters of its models: other gateways and clients load it, too, and what waits there
// is seen by nobody here.
import type { ServerLoad } from '../../contracts/load-signal.ts';

/** Who counts this gateway's own calls. */
export interface Counting {
  readonly inFlight: number;
  /** What was said is of now: remember what is counted. */
  mark(): void;
}

export class LoadSignal {
  readonly #staleMs: number;
  readonly #counting = new Set<Counting>();
  #load: ServerLoad = { running: 0, waiting: 0 };
  #at = Number.NEGATIVE_INFINITY;

  constructor(staleMs: number) {
    this.#staleMs = staleMs;
  }

  /** Null: nothing is known, or it is too old. */
  at(nowMs: number): ServerLoad | null {
    return nowMs - this.#at <= this.#staleMs ? this.#load : null;
  }

  heard(nowMs: number, load: ServerLoad): void {
    this.#load = load;
    this.#at = nowMs;
    for (const one of this.#counting) one.mark();
  }

  join(one: Counting): void {
    this.#counting.add(one);
  }

  leave(one: Counting): void {
    this.#counting.delete(one);
  }
}
