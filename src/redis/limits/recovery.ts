// What a sign of life brings back: how many share the limits, and whether Redis still knows what it knew. When it is back,
// it is told what was granted without it and, where it lost its memory, what we remember.

import { behindTurns } from '../../ipc/behind-reads.ts';
import type { RedisHealth } from '../health.ts';
import type { BackQueue } from './back-queue.ts';
import type { BackTeller } from './back-teller.ts';
import type { LocalLimits } from './local-limits.ts';

export interface RecoveryDeps {
  health: RedisHealth;
  local: LocalLimits;
  backs: BackQueue;
  teller: BackTeller;
  nowUs: () => number;
  /** ms since 1970, as this machine has it. */
  wall: () => number;
}

export class Recovery {
  readonly #deps: RecoveryDeps;
  readonly #onReady = new Set<() => void>();
  #epoch: string | null = null;
  /** Processes that share the limits, this one included. */
  askers = 1;
  /** ms by which Redis's clock is ahead of ours, as the last sign of life said. */
  wallOffsetMs = 0;
  /** Times Redis had lost all it knew. */
  emptied = 0;

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
  }

  /** @throws when the reply is not one of our script. */
  heard(reply: unknown): void {
    if (!Array.isArray(reply) || typeof reply[0] !== 'number' || typeof reply[1] !== 'string') {
      throw new Error('an answer that our script does not give');
    }
    this.askers = Math.max(1, reply[0]);
    // Windows of budgets go by the one clock that all gateways share.
    if (typeof reply[2] === 'number') this.wallOffsetMs = Math.round(reply[2] / 1000 - this.#deps.wall());
    const emptied = this.#epoch !== null && this.#epoch !== reply[1];
    this.#epoch = reply[1];
    if (emptied) this.emptied++;
    const { health } = this.#deps;
    if (health.good) {
      if (emptied) this.#tell(true);
      return;
    }
    const lastedMs = health.breaker.probeAnswered();
    this.#tell(emptied);
    health.recovered(lastedMs, emptied, this.askers);
    this.release();
  }

  /** Resolves when Redis answers, or after `withinMs`; says whether it does. */
  ready(withinMs: number): Promise<boolean> {
    const { health } = this.#deps;
    if (health.good) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (): void => {
        timer.clear();
        this.#onReady.delete(done);
        resolve(health.good);
      };
      const timer = behindTurns(withinMs, done);
      this.#onReady.add(done);
    });
  }

  /** Whoever waits for it to be ready waits no longer. */
  release(): void {
    for (const done of [...this.#onReady]) done();
  }

  #tell(emptied: boolean): void {
    const { local, backs, teller, nowUs } = this.#deps;
    if (emptied) backs.forgetRates();
    for (const { key, pace, debtUs, restUs, own } of local.settle(nowUs())) {
      // The greatest debt anybody remembers counts, and what each granted by itself comes on top.
      if (emptied) backs.debt(key, pace, own > 0 ? restUs : debtUs);
      backs.rate(key, pace, -own);
    }
    teller.soon();
  }
}
