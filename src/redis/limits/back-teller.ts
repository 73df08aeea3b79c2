// Empties the queue of what goes back to Redis: a moment after something came, a few script calls at a time.

import { faultOf, type RedisFault } from '../client.ts';
import type { BackCall, BackQueue } from './back-queue.ts';

/** Calls end in bunches: what a bunch gives back is one script call. */
const GATHER_MS = 2;
const MAX_IN_FLIGHT = 8;
/** Refused before anything ran: to be said again. Otherwise it may have run, and only names can be said twice. */
const SURELY_NOT_DONE: ReadonlySet<RedisFault> = new Set<RedisFault>([
  'readonly',
  'memory',
  'loading',
  'auth',
]);

export interface BackTellerDeps {
  /** One script call. */
  run: (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;
  /** False while there is nobody to tell. */
  listening: () => boolean;
  told: () => void;
  failed: (fault: RedisFault, error: unknown) => void;
}

export class BackTeller {
  readonly #queue: BackQueue;
  readonly #deps: BackTellerDeps;
  #timer: NodeJS.Timeout | null = null;
  #inFlight = 0;
  #closed = false;
  /** Amounts of which nobody knows whether they arrived. */
  lost = 0;

  constructor(queue: BackQueue, deps: BackTellerDeps) {
    this.#queue = queue;
    this.#deps = deps;
  }

  /** Something is in the queue, or somebody listens again. */
  soon(): void {
    if (this.#closed || this.#queue.size === 0 || !this.#deps.listening()) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#tell();
    }, GATHER_MS);
  }

  /** Tells all there is, one call after the other, and nothing after that. */
  async close(): Promise<void> {
    this.stop();
    for (let call = this.#queue.next(); call !== null; call = this.#queue.next()) {
      await this.#deps.run(call.keys, call.args);
    }
  }

  stop(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #tell(): void {
    while (this.#inFlight < MAX_IN_FLIGHT && this.#deps.listening()) {
      const call = this.#queue.next();
      if (call === null) return;
      this.#inFlight++;
      this.#deps.run(call.keys, call.args).then(
        () => this.#over(() => this.#deps.told()),
        (error: unknown) => this.#over(() => this.#failed(call, error)),
      );
    }
  }

  #over(then: () => void): void {
    this.#inFlight--;
    then();
    this.soon();
  }

  #failed(call: BackCall, error: unknown): void {
    const fault = faultOf(error);
    const sure = SURELY_NOT_DONE.has(fault);
    if (!sure) this.lost += call.rates.length;
    this.#queue.restore(sure ? call : { rates: [], slots: call.slots });
    this.#deps.failed(fault, error);
  }
}
