// One life of a worker process, from fork to exit, as the primary sees it.
//
//   loading --hello--> configuring --listening--> serving --drain--> draining --exit--> gone
//      \___________________\_____________________________\______________________________/
//                                     any state: exit (death), kill
import type { ToWorker } from '../../src/contracts/ipc.ts';
import type { PluginView } from '../../src/contracts/plugin-port.ts';
import type { KeyList } from '../config/key-list.ts';
import type { WorkerProcess } from './worker-process.ts';

export type LifeState = 'loading' | 'configuring' | 'serving' | 'draining' | 'gone';

export interface DrainOrder {
  reason: 'shutdown' | 'roll';
  preStopMs: number;
  drainTimeoutMs: number;
}

export class Life {
  /** Unique in this primary: names the worker in the share ledger and in the metric totals. */
  readonly id: number;
  /** Slot, 0-based: the worker's index in logs and labels. */
  readonly index: number;
  readonly startedAt: number;
  process: WorkerProcess | null = null;
  state: LifeState = 'loading';
  lastBeatAt: number;
  servingAt = 0;
  /** When a draining worker must be gone. */
  goneBy = Number.POSITIVE_INFINITY;
  /** Config version the worker has acknowledged; 0 = none. */
  version = 0;
  /** What it was told of the keys of callers; null = nothing. */
  keys: KeyList | null = null;
  /** Its plugins, as it told of them last. */
  plugins: readonly PluginView[] = [];
  /** What it said before it failed. */
  reason = '';
  /** Its death was our doing: no back-off, no crash counted. */
  ended = false;
  /** Of one that was killed: its journal; null = it told all it had to. */
  journal: Buffer | null = null;
  /** How it ended: `exit code 0`, `SIGKILL`, ...; '' while it lives. */
  end = '';
  /** It has said hello: its program runs and may hold calls. */
  loaded = false;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  readonly #resolveGone: () => void;
  /** Resolves true when it serves, false when it went before it did. */
  readonly served: Promise<boolean>;
  readonly #resolveServed: (serves: boolean) => void;

  constructor(id: number, index: number, now: number) {
    this.id = id;
    this.index = index;
    this.startedAt = now;
    this.lastBeatAt = now;
    const gone = Promise.withResolvers<void>();
    const served = Promise.withResolvers<boolean>();
    this.gone = gone.promise;
    this.#resolveGone = gone.resolve;
    this.served = served.promise;
    this.#resolveServed = served.resolve;
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  send(message: ToWorker): void {
    this.process?.send(message);
  }

  /** The program is loaded and listens to us. Of one that was killed before, a hello may still be under way. */
  said(): void {
    if (this.ended) return;
    this.loaded = true;
    if (this.state === 'loading') this.state = 'configuring';
  }

  /** The listener is open. */
  serves(now: number): void {
    if (this.state !== 'configuring') return;
    this.state = 'serving';
    this.servingAt = now;
    this.#resolveServed(true);
  }

  /** The process has exited. */
  exited(end: string): void {
    this.state = 'gone';
    this.end = end;
    this.#resolveServed(false);
    this.#resolveGone();
  }

  /** Ends it on our own account. A worker that has not even said hello has no call to finish. */
  drain(order: DrainOrder, goneBy: number): void {
    this.ended = true;
    if (this.state === 'gone' || this.state === 'draining') return;
    if (this.state === 'loading') {
      this.kill();
      return;
    }
    this.state = 'draining';
    this.goneBy = goneBy;
    this.send({ t: 'drain', ...order });
  }

  kill(): void {
    if (this.state !== 'gone') this.process?.kill('SIGKILL');
  }
}

export function crashLoopText(life: Life): string {
  const why = life.reason === '' ? 'what it printed stands above' : life.reason;
  return `worker ${life.index} ended again and again before it could serve (last: ${life.end}; ${why})`;
}
