// What the cells of one lane know, by model. Cells are made for each plan and die with it, many with the one call they were
// made for: callers choose model names where a provider takes any. So what they know stands here, under a bound.
import { isDeepStrictEqual } from 'node:util';
import type { CircuitChange, CircuitView } from '../contracts/circuit.ts';
import type { BreakerConfig } from '../contracts/attempt-config.ts';
import type { Clock } from '../contracts/ports.ts';
import { Circuit } from './circuit.ts';
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

export interface CircuitBookDeps {
  /** 0 <= x < 1. */
  random: () => number;
  /** Workers of the gateway; absent = it is alone. */
  workers?: (() => number) | undefined;
  /** The circuit of `model` changed here, and others should know. */
  changed(model: string, change: CircuitChange): void;
}

export class CellBook {
  readonly #clock: Clock;
  readonly #deps: CircuitBookDeps;
  #breaker: BreakerConfig;
  /** Only of models that failed lately: of any other there is nothing to know. */
  readonly #circuits = new Map<string, Circuit>();
  /** In the order in which they last began to cool. */
  readonly #coolDowns = new Map<string, CoolDown>();
  #edition = 0;
  /** In the order in which they were first asked for. */
  readonly #budgets = new Map<string, RetryBudget>();

  constructor(clock: Clock, breaker: BreakerConfig, deps: CircuitBookDeps) {
    this.#clock = clock;
    this.#breaker = breaker;
    this.#deps = deps;
  }

  /** 0: nothing cools or failed, and nothing else needs to be asked. */
  get size(): number {
    return this.#coolDowns.size + this.#circuits.size;
  }

  /** Another number after each `put` and each thing forgotten: what `find` and `circuit` gave before may be out of date. */
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
      budget = new RetryBudget(this.#deps.workers);
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
    if (!this.#coolDowns.delete(model) && this.#coolDowns.size >= MAX_MODELS && !this.#makeRoom())
      return false;
    this.#coolDowns.set(model, coolDown);
    this.#edition++;
    return true;
  }

  forget(model: string): void {
    if (this.#coolDowns.delete(model)) this.#edition++;
  }

  /** Forgets the cool-down of `model`, or all of them (null). */
  unrest(model: string | null): void {
    if (model !== null) this.forget(model);
    else for (const cooling of [...this.#coolDowns.keys()]) this.forget(cooling);
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

  /** Null where nothing failed lately. */
  circuit(model: string): Circuit | null {
    return this.#circuits.get(model) ?? null;
  }

  /** Makes one where there is none; null where circuits never open. Beyond the bound the first that is closed goes, else the first. */
  openCircuit(model: string): Circuit | null {
    const known = this.#circuits.get(model);
    if (known !== undefined) return known;
    if (this.#breaker.failures === 0) return null;
    if (this.#circuits.size >= MAX_MODELS) this.#dropCircuit();
    const circuit = new Circuit(this.#breaker, {
      clock: this.#clock,
      random: this.#deps.random,
      changed: (change) => this.#deps.changed(model, change),
    });
    this.#circuits.set(model, circuit);
    this.#edition++;
    return circuit;
  }

  /** Another configuration: what was found out by the numbers of the old one is forgotten. */
  follow(breaker: BreakerConfig): void {
    if (isDeepStrictEqual(breaker, this.#breaker)) return;
    this.#breaker = breaker;
    this.#circuits.clear();
    this.#edition++;
  }

  /** Those that are not closed; forgets those of which nothing is remembered. */
  circuits(provider: string): CircuitView[] {
    const views: CircuitView[] = [];
    for (const [model, circuit] of this.#circuits) {
      if (circuit.state !== 'closed')
        views.push({ provider, model, state: circuit.state, since: circuit.openedAt });
      else if (circuit.spotless) {
        this.#circuits.delete(model);
        this.#edition++;
      }
    }
    return views;
  }

  #dropCircuit(): void {
    let first: string | undefined;
    for (const [model, { state }] of this.#circuits) {
      first ??= model;
      if (state !== 'closed') continue;
      first = model;
      break;
    }
    if (first !== undefined) this.#circuits.delete(first);
    this.#edition++;
  }

  #makeRoom(): boolean {
    this.count();
    if (this.#coolDowns.size < MAX_MODELS) return true;
    const now = this.#clock.now();
    for (const [model, { until }] of this.#coolDowns) {
      if (until > now) continue;
      this.forget(model);
      return true;
    }
    return false;
  }
}
