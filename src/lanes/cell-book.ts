// What the cells of one lane know, by model. Cells are made for each plan and die with it, many with the one call they were
// made for: callers choose model names where a provider takes any. So what they know stands here, under a bound.
import type { Clock } from '../contracts/ports.ts';
import { RetryBudget } from './retry-budget.ts';

/** Models of one lane that something is known of. */
const MAX_MODELS = 256;

/** A model that cools down, or did so lately. Times are monotonic ms. */
export interface CoolDown {
  since: number;
  until: number;
  /** By the provider; else we guess. */
  stated: boolean;
  /** Guesses in a row, and until when they are one. */
  times: number;
  rememberUntil: number;
}

export class CellBook {
  readonly #clock: Clock;
  /** In the order in which they last began to cool. */
  readonly #coolDowns = new Map<string, CoolDown>();
  #edition = 0;
  /** In the order in which they were first asked for. */
  readonly #budgets = new Map<string, RetryBudget>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0: nothing cools, and nothing else needs to be asked. */
  get size(): number {
    return this.#coolDowns.size;
  }

  /** Another number after each `put` and each thing forgotten: what `find` gave before may be out of date. */
  get edition(): number {
    return this.#edition;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Of any two cells of one model the same. Beyond the bound the oldest begins anew: names may be callers' own. */
  budget(model: string): RetryBudget {
    let budget = this.#budgets.get(model);
    if (budget === undefined) {
      if (this.#budgets.size >= MAX_MODELS) this.#budgets.delete(this.#budgets.keys().next().value!);
      budget = new RetryBudget();
      this.#budgets.set(model, budget);
    }
    return budget;
  }

  find(model: string): CoolDown | null {
    return this.#coolDowns.get(model) ?? null;
  }

  /**
   * In place of what was known of `model`. Where there is no room the one that cooled longest ago goes, but none that
   * still cools: with all of them cooling the new one is not taken, and is asked and refused like before.
   * @returns whether it was taken.
   */
  put(model: string, coolDown: CoolDown): boolean {
    if (!this.#coolDowns.delete(model) && this.size >= MAX_MODELS && !this.#makeRoom()) return false;
    this.#coolDowns.set(model, coolDown);
    this.#edition++;
    return true;
  }

  forget(model: string): void {
    if (this.#coolDowns.delete(model)) this.#edition++;
  }

  /** How many cool down now; forgets what is over. */
  count(): number {
    const now = this.#clock.now();
    let cooling = 0;
    for (const [model, { until, rememberUntil }] of this.#coolDowns) {
      if (until > now) cooling++;
      else if (rememberUntil <= now) this.forget(model);
    }
    return cooling;
  }

  #makeRoom(): boolean {
    this.count();
    if (this.size < MAX_MODELS) return true;
    const now = this.#clock.now();
    for (const [model, { until }] of this.#coolDowns) {
      if (until > now) continue;
      this.forget(model);
      return true;
    }
    return false;
  }
}
