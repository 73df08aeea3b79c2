// What a lane owns beside its places: the provider's connections, its keys, and what is known of its models.
import type { Cell } from '../contracts/cell.ts';
import type { CircuitView } from '../contracts/circuit.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { CircuitListener, KeyRing, Lane } from '../contracts/lane.ts';
import type { Clock } from '../contracts/ports.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { ModelCell } from './cell.ts';
import { CellBook } from './cell-book.ts';
import { createKeyRing, type LaneKeyRing } from './key-ring.ts';

export interface LaneEstateDeps {
  upstream: Upstream;
  clock: Clock;
  /** Chooses among keys; Math.random by default. */
  random?: (() => number) | undefined;
  /** Workers of the gateway, each with a lane like this; absent = it is alone. */
  workers?: (() => number) | undefined;
  /** Hears of its circuits. */
  circuitChanged?: CircuitListener | undefined;
}

export class LaneEstate {
  readonly #ring: LaneKeyRing;
  readonly #cells: CellBook;
  #provider: ProviderConfig;
  #upstream: Upstream;

  /** @param lane whose it is, as listeners know it. */
  constructor(provider: ProviderConfig, deps: LaneEstateDeps, lane: () => Lane) {
    const random = deps.random ?? Math.random;
    this.#provider = provider;
    this.#upstream = deps.upstream;
    this.#ring = createKeyRing(provider.keys, { clock: deps.clock, random });
    this.#cells = new CellBook(deps.clock, provider.breaker, {
      random,
      workers: deps.workers,
      changed: (model, change) => deps.circuitChanged?.(lane(), model, change),
    });
  }

  get provider(): ProviderConfig {
    return this.#provider;
  }

  get keys(): KeyRing {
    return this.#ring;
  }

  get upstream(): Upstream {
    return this.#upstream;
  }

  cell(model: string): Cell {
    return new ModelCell(model, this.#cells);
  }

  cooling(): number {
    return this.#cells.count();
  }

  unrest(model: string | null): void {
    this.#cells.unrest(model);
    this.#ring.wake();
  }

  circuits(): CircuitView[] {
    return this.#cells.circuits(this.#provider.name);
  }

  /** A new configuration keeps the lane. @param upstream null = the connections stay. */
  follow(provider: ProviderConfig, upstream: Upstream | null): void {
    this.#provider = provider;
    this.#ring.replace(provider.keys);
    this.#cells.follow(provider.breaker);
    if (upstream === null) return;
    const before = this.#upstream;
    this.#upstream = upstream;
    before.close().catch(() => {}); // lets its calls end by itself
  }
}
