// A place for one worker: keeps it filled. Owned by cluster/supervisor.
//
//   filled --death--> resting --back-off over--> filled
//   filled --promote(next)--> filled            (rolling: the old life drains on its own)
//   any    --retire--> retired                  (no more forks)
import { restartDelayMs, STABLE_MS } from './backoff.ts';
import type { Life } from './life.ts';

/** Deaths in a row after which something is wrong with more than one worker. */
export const CRASH_LOOP = 3;

export interface SlotDeps {
  now(): number;
  /** Starts a life for this slot. */
  begin(index: number): Life;
  /** The worker died on its own; `delayMs` until the next fork. */
  onDeath(slot: Slot, life: Life, delayMs: number): void;
}

export class Slot {
  readonly index: number;
  readonly #deps: SlotDeps;
  #current: Life | null = null;
  #deaths = 0;
  #timer: NodeJS.Timeout | null = null;
  #retired = false;

  constructor(index: number, deps: SlotDeps) {
    this.index = index;
    this.#deps = deps;
  }

  get current(): Life | null {
    return this.#current;
  }

  /** Deaths in a row without a stable life between them. */
  get deaths(): number {
    const life = this.#current;
    const stable = life !== null && life.servingAt > 0 && this.#deps.now() - life.servingAt >= STABLE_MS;
    return stable ? 0 : this.#deaths;
  }

  get retired(): boolean {
    return this.#retired;
  }

  fill(): void {
    this.#current = this.#deps.begin(this.index);
  }

  /** `next` serves: it takes the place; returns the life it replaces, to be drained. */
  promote(next: Life): Life | null {
    const old = this.#current;
    this.#stopTimer();
    this.#current = next;
    this.#deaths = 0;
    return old;
  }

  /** A process of this slot is gone. One that was replaced or told to go leaves no gap. */
  exited(life: Life): void {
    if (this.#current !== life) return;
    const deaths = this.deaths + 1;
    this.#current = null;
    if (this.#retired || life.ended) return;
    this.#deaths = deaths;
    const delayMs = restartDelayMs(deaths);
    this.#timer = setTimeout(() => this.fill(), delayMs);
    this.#deps.onDeath(this, life, delayMs);
  }

  /** No more forks; returns the life that is still there, to be drained. */
  retire(): Life | null {
    this.#retired = true;
    this.#stopTimer();
    return this.#current;
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
