// A store of vectors that all workers and nodes ask. Whatever fails or takes too long has found nothing, and is left alone for a while;
// what is written is nobody's to wait for, and bounded.
import type { Candidate, IndexRow, VectorIndex, VectorStore } from '../contracts/vectors.ts';
import type { Clock, LogPort } from '../contracts/ports.ts';
import { behindTurns, type Deadline } from '../ipc/behind-reads.ts';
import { LineGate } from '../observability/line-gate.ts';

/** What failed is not asked again for so long. */
const PAUSE_MS = 5_000;
/** Writes on their way: one more is not made. */
const MAX_WRITES = 1_000;
/** What is over is found by nobody; that it takes room is looked after so often. */
const SWEEP_MS = 10 * 60_000;

export interface RemoteIndexDeps {
  store: VectorStore;
  timeoutMs: number;
  clock: Clock;
  log: LogPort;
  /** It could not be asked, or did not answer in time. */
  failed(): void;
}

export interface RemoteIndex extends VectorIndex {
  close(): Promise<void>;
}

class OutsideIndex implements RemoteIndex {
  /** All rows are elsewhere. */
  readonly size = 0;
  readonly #deps: RemoteIndexDeps;
  readonly #gate: LineGate;
  readonly #sweeping: NodeJS.Timeout;
  #pausedUntil = 0;
  #writes = 0;

  constructor(deps: RemoteIndexDeps) {
    this.#deps = deps;
    this.#gate = new LineGate(deps.log, deps.clock);
    this.#sweeping = setInterval(() => this.#write(deps.store.sweep(deps.clock.wall())), SWEEP_MS).unref();
  }

  async nearest(
    partition: string,
    vector: Float32Array,
    least: number,
    count: number,
    nowMs: number,
  ): Promise<Candidate[]> {
    const { store, timeoutMs, clock } = this.#deps;
    if (clock.now() < this.#pausedUntil) return [];
    let timer: Deadline | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = behindTurns(timeoutMs, () => reject(new Error('no answer in time')));
    });
    try {
      return await Promise.race([store.search({ partition, vector, least, count, nowMs }), late]);
    } catch (error) {
      this.#fails(error);
      return [];
    } finally {
      timer?.clear();
    }
  }

  put(row: IndexRow): void {
    if (this.#mayWrite()) this.#write(this.#deps.store.add(row));
  }

  drop(id: string): void {
    if (this.#mayWrite()) this.#write(this.#deps.store.remove(id));
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    this.#gate.close();
    // Whoever lets go of it can do nothing about a store that cannot even be left.
    await this.#deps.store.close().catch(() => undefined);
  }

  #mayWrite(): boolean {
    return this.#writes < MAX_WRITES && this.#deps.clock.now() >= this.#pausedUntil;
  }

  #write(work: Promise<void>): void {
    this.#writes++;
    const over = (): void => void this.#writes--;
    work.then(over, (error: unknown) => {
      over();
      this.#fails(error);
    });
  }

  #fails(error: unknown): void {
    const { clock, failed } = this.#deps;
    this.#pausedUntil = clock.now() + PAUSE_MS;
    failed();
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 200);
    this.#gate.say('warn', { reason }, 'cache: the store of vectors is not asked for a while');
  }
}

export function createRemoteIndex(deps: RemoteIndexDeps): RemoteIndex {
  return new OutsideIndex(deps);
}
