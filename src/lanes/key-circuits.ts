// The circuits of one provider's keys. A key that fails where another works is rested like one that was refused, so that every
// worker and node hears of it the same way; when its rest is over one call finds out. Where no other key works meanwhile it is
// the model that fails, or the provider, and their circuit is the one that counts (circuit.ts).
import { Breaker } from '../circuit/breaker.ts';
import type { BreakerConfig } from '../contracts/attempt-config.ts';
import type { Clock } from '../contracts/ports.ts';

/** Models of which failures are remembered. */
const MAX_MODELS = 64;
const MEMORY_MS = 60_000;
const CALM_MS = 60_000;

interface Watched {
  readonly breaker: Breaker;
  /** The first of the failures that count; when it served last. Monotonic ms, 0 = never. */
  failingSince: number;
  servedAt: number;
}

export class KeyCircuits {
  readonly #clock: Clock;
  readonly #random: () => number;
  /** By model and alias: only of models for which some key failed lately. */
  readonly #models = new Map<string, Map<string, Watched>>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** False: no key failed lately, and nothing needs to be asked. */
  get watches(): boolean {
    return this.#models.size > 0;
  }

  /** A call of `model` failed with this key, by the provider's fault. @returns ms for which it is to rest; 0 = not. */
  failed(model: string, alias: string, config: BreakerConfig): number {
    if (config.failures === 0) return 0;
    const keys = this.#keysOf(model);
    const own = this.#watched(keys, alias, config);
    const now = this.#clock.now();
    if (!own.breaker.closed) {
      own.breaker.probeFailed();
      return this.#pauseOf(own);
    }
    if (own.failingSince === 0 || own.servedAt > own.failingSince) own.failingSince = now;
    if (!own.breaker.failure()) return 0;
    for (const other of keys.values())
      if (other !== own && other.servedAt >= own.failingSince) return this.#pauseOf(own);
    // Nobody knows that it is the key.
    own.breaker.probeAnswered();
    own.failingSince = 0;
    return 0;
  }

  /** @returns whether its circuit closed by that. */
  served(model: string, alias: string, config: BreakerConfig): boolean {
    const keys = this.#models.get(model);
    if (keys === undefined) return false;
    const own = this.#watched(keys, alias, config);
    own.servedAt = this.#clock.now();
    if (own.breaker.closed) {
      own.breaker.success();
      if ([...keys.values()].every(({ breaker }) => breaker.spotless)) this.#models.delete(model);
      return false;
    }
    own.breaker.probeAnswered();
    own.failingSince = 0;
    return true;
  }

  /** Its rest may be over, and whether it works nobody knows. */
  isOpen(model: string, alias: string): boolean {
    return this.#models.get(model)?.get(alias)?.breaker.closed === false;
  }

  clear(): void {
    this.#models.clear();
  }

  #pauseOf({ breaker }: Watched): number {
    return breaker.pauseMs * (0.8 + 0.4 * this.#random());
  }

  #keysOf(model: string): Map<string, Watched> {
    let keys = this.#models.get(model);
    if (keys === undefined) {
      if (this.#models.size >= MAX_MODELS) this.#models.delete(this.#models.keys().next().value!);
      this.#models.set(model, (keys = new Map()));
    }
    return keys;
  }

  #watched(keys: Map<string, Watched>, alias: string, config: BreakerConfig): Watched {
    let own = keys.get(alias);
    if (own === undefined) {
      const breaker = new Breaker(this.#clock, {
        openAt: config.failures,
        firstPauseMs: config.openMs,
        maxPauseMs: config.maxOpenMs,
        calmMs: CALM_MS,
        forgiven: 1,
        memoryMs: MEMORY_MS,
        trusted: true,
      });
      keys.set(alias, (own = { breaker, failingSince: 0, servedAt: 0 }));
    }
    return own;
  }
}
