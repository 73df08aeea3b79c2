// A sign of life each second: it counts the askers, renews the slots held, and is the probe while Redis is not worth asking.
import type { Clock } from '../../contracts/ports.ts';
import type { RedisHealth } from '../health.ts';
import { beatCalls } from './beat.ts';
import type { HeldSlots } from './held-slots.ts';
import type { KeyNames } from './limit-keys.ts';
import type { Recovery } from './recovery.ts';

const BEAT_MS = 1_000;
const ASKER_LIFE_MS = 5_000;

export interface BeatsDeps {
  clock: Clock;
  /** One script call. */
  run: (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;
  /** False while there is no connection. */
  connected: () => boolean;
  names: KeyNames;
  health: RedisHealth;
  recovery: Recovery;
  slots: HeldSlots;
}

export interface BeatsOptions {
  /** This asker, unlike any other. */
  me: string;
  slotLifeMs: number;
  /** A probe that takes longer does not count: calls would not wait for so long. */
  timeoutMs: number;
}

export class Beats {
  readonly #deps: BeatsDeps;
  readonly #options: BeatsOptions;
  readonly #renewEach: number;
  #timer: NodeJS.Timeout | null = null;
  #count = 0;
  #epochs = 0;
  #closed = false;

  constructor(deps: BeatsDeps, options: BeatsOptions) {
    this.#deps = deps;
    this.#options = options;
    // Slots are renewed well within their life.
    this.#renewEach = Math.max(1, Math.floor(options.slotLifeMs / 4 / BEAT_MS));
  }

  start(): void {
    this.#in(BEAT_MS);
  }

  /** The connection stands: find out at once whether Redis answers. */
  now(): void {
    this.#in(0);
  }

  /** Redis is not worth asking: the next one is the probe. */
  degraded(): void {
    this.#in(this.#deps.health.breaker.pauseMs);
  }

  stop(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** The last one: nothing held, and no asker any more. */
  async leave(): Promise<void> {
    const { names, run } = this.#deps;
    await run([names.askers, names.epoch], this.#arguments(0, []));
  }

  #in(ms: number): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#beat().catch(() => undefined); // it catches what Redis does
    }, ms).unref();
  }

  async #beat(): Promise<void> {
    const { health, connected } = this.#deps;
    const { breaker } = health;
    const probe = !breaker.closed;
    if (!connected() || (probe && !breaker.beginProbe())) {
      this.#in(breaker.pauseMs);
      return;
    }
    try {
      await this.#say(probe);
    } catch (error) {
      if (probe && !breaker.closed) health.probeFailed(error);
      else health.failed(error);
    }
    this.#in(breaker.closed ? BEAT_MS : breaker.pauseMs);
  }

  async #say(probe: boolean): Promise<void> {
    const { clock, run, names, health, recovery, slots } = this.#deps;
    // All slots are renewed as soon as Redis is back.
    const renew = probe || this.#count++ % this.#renewEach === 0;
    for (const { keys, ids } of beatCalls(names, renew ? slots : null)) {
      const begun = clock.now();
      const reply = await run(keys, this.#arguments(ASKER_LIFE_MS, ids));
      const tookMs = clock.now() - begun;
      if (!health.good && tookMs > this.#options.timeoutMs) {
        health.probeLate(tookMs, this.#options.timeoutMs);
        return;
      }
      recovery.heard(reply);
    }
  }

  /** The epoch offered is never the same twice: one that Redis has not kept is recognised, also by who made it. */
  #arguments(lifeMs: number, ids: readonly (string | number)[]): (string | number)[] {
    const { me, slotLifeMs } = this.#options;
    return [me, lifeMs, `${me}.${++this.#epochs}`, slotLifeMs, ...ids];
  }
}
