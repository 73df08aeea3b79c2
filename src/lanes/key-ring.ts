// The keys of one provider: which of them may carry a call now. A refused key rests; at least one that serves a model
// always stays, because with one to three keys the provider's own refusal tells the caller more than ours would.
import { hashText, spread } from '../body/fnv.ts';
import type { BreakerConfig } from '../contracts/attempt-config.ts';
import type { ProviderKeyConfig } from '../contracts/provider-config.ts';
import type { KeyRing, RingKey } from '../contracts/lane.ts';
import type { KeyChoice } from '../contracts/pin.ts';
import type { Clock } from '../contracts/ports.ts';
import { KeyCircuits } from './key-circuits.ts';

export interface KeyRingDeps {
  clock: Clock;
  /** 0 <= x < 1. */
  random: () => number;
}

/** A call that finds out whether a key works again has so long before another may. */
const PROBE_MS = 30_000;

/** A key that nobody named is called by its place in the list, which another one has when the list changes. */
const UNNAMED = /^key-\d+$/;

/** The ring as its lane holds it. */
export interface LaneKeyRing extends KeyRing {
  /** New keys from a new configuration; one that was there before (alias and value) rests on. */
  replace(keys: readonly ProviderKeyConfig[]): void;
  /** No key rests any more, and every circuit is closed. */
  wake(): void;
}

interface Entry extends RingKey {
  readonly config: ProviderKeyConfig;
  /** Model names, and beginnings of names (`gpt-*`); both empty = every model. */
  readonly names: ReadonlySet<string>;
  readonly beginnings: readonly string[];
  /** What it is known by among the others, also when some of them go. */
  readonly identity: string;
  /** Monotonic ms. */
  restsUntil: number;
}

class Ring implements LaneKeyRing {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #circuits: KeyCircuits;
  #entries: Entry[] = [];
  organizations: ReadonlySet<string> | undefined;

  constructor(keys: readonly ProviderKeyConfig[], deps: KeyRingDeps) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#circuits = new KeyCircuits(deps.clock, deps.random);
    this.replace(keys);
  }

  replace(keys: readonly ProviderKeyConfig[]): void {
    const before = this.#entries;
    this.#entries = keys.map((config) => {
      const known = before.find(
        ({ config: old }) => old.alias === config.alias && old.value === config.value,
      );
      return {
        config,
        names: new Set(config.models.filter((pattern) => !pattern.endsWith('*'))),
        beginnings: config.models.filter((pattern) => pattern.endsWith('*')).map((text) => text.slice(0, -1)),
        identity: UNNAMED.test(config.alias) ? config.value : config.alias,
        restsUntil: known?.restsUntil ?? 0,
      };
    });
    const all = new Set(keys.map(({ organization = '' }) => organization));
    this.organizations = all.size > 1 ? all : undefined;
  }

  pick(model: string, tried: readonly RingKey[], choice: KeyChoice | null = null): RingKey | null {
    const picked = this.#pick(model, tried, choice);
    if (picked !== null && this.#circuits.watches && this.#circuits.isOpen(model, picked.config.alias))
      this.rest(picked, model, PROBE_MS);
    return picked;
  }

  #pick(model: string, tried: readonly RingKey[], choice: KeyChoice | null): Entry | null {
    const alone = this.#serving(model) === 1;
    // A key alone never rests, so that the time does not matter: most providers have one, and reading it costs 45 ns.
    const now = alone ? 0 : this.#clock.now();
    const usable = (entry: Entry): boolean => this.#usable(entry, model, tried, now, alone);
    const home = choice === null || this.organizations === undefined ? null : this.#homeOf(choice, usable);
    let sum = 0;
    let count = 0;
    let last: Entry | null = null;
    for (const entry of this.#entries) {
      if (!this.#usable(entry, model, tried, now, alone) || isAway(entry, home)) continue;
      sum += entry.config.weight;
      count++;
      last = entry;
    }
    if (count <= 1) return last;
    if (choice?.steady === true)
      return this.#steadyOf(choice.hash, (entry) => usable(entry) && !isAway(entry, home));
    // Walk the weights; keys of weight 0 come only when nothing else is there.
    let at = this.#random() * (sum > 0 ? sum : count);
    for (const entry of this.#entries) {
      if (!this.#usable(entry, model, tried, now, alone) || isAway(entry, home)) continue;
      at -= sum > 0 ? entry.config.weight : 1;
      if (at < 0) return entry;
    }
    return last; // the sum of the weights was rounded
  }

  hasOther(model: string, tried: readonly RingKey[]): boolean {
    const now = this.#clock.now();
    const alone = this.#serving(model) === 1;
    return this.#entries.some((entry) => this.#usable(entry, model, tried, now, alone));
  }

  rest(key: RingKey, model: string, forMs: number): boolean {
    const entry = this.#entries.find((other) => other === key || same(other.config, key.config));
    if (entry === undefined) return false;
    const now = this.#clock.now();
    const stays = this.#entries.some(
      (other) => other !== entry && other.restsUntil <= now && serves(other, model),
    );
    if (!stays) return false;
    entry.restsUntil = Math.max(entry.restsUntil, now + forMs);
    return true;
  }

  failed(key: RingKey, model: string, breaker: BreakerConfig): number {
    return this.#serving(model) > 1 ? this.#circuits.failed(model, key.config.alias, breaker) : 0;
  }

  served(key: RingKey, model: string, breaker: BreakerConfig): void {
    if (!this.#circuits.watches || !this.#circuits.served(model, key.config.alias, breaker)) return;
    const entry = this.#entries.find((other) => same(other.config, key.config));
    if (entry !== undefined) entry.restsUntil = 0;
  }

  wake(): void {
    this.#circuits.clear();
    for (const entry of this.#entries) entry.restsUntil = 0;
  }

  nextUsableInMs(model: string, except?: RingKey): number | null {
    const now = this.#clock.now();
    const alone = this.#serving(model) === 1;
    let first: number | null = null;
    for (const entry of this.#entries) {
      if (!serves(entry, model) || (except !== undefined && same(entry.config, except.config))) continue;
      const wait = alone ? 0 : Math.max(0, entry.restsUntil - now);
      if (first === null || wait < first) first = wait;
    }
    return first;
  }

  states(): readonly (readonly [string, boolean])[] {
    const now = this.#clock.now();
    return this.#entries.map(({ config, restsUntil }) => [config.alias, restsUntil <= now] as const);
  }

  /**
   * The organisation a conversation goes to: its own where one of its keys can take it, else one by weighted rendezvous hashing
   * (Thaler and Ravishankar 1998), so that each worker finds the same and few conversations move when one is gone.
   */
  #homeOf({ organization, hash }: KeyChoice, usable: (entry: Entry) => boolean): string | null {
    const weights = new Map<string, number>();
    for (const entry of this.#entries) {
      if (!usable(entry)) continue;
      const { organization: own = '', weight } = entry.config;
      weights.set(own, (weights.get(own) ?? 0) + weight);
    }
    if (organization !== null && weights.has(organization)) return organization;
    return heaviest(weights, hash);
  }

  /** The same key for the same conversation, in the same way: one that rests or is gone moves its own conversations alone. */
  #steadyOf(hash: number, usable: (entry: Entry) => boolean): Entry | null {
    const entries = this.#entries.filter(usable);
    const some = entries.some(({ config }) => config.weight > 0);
    const weights = new Map<string, number>();
    for (const { identity, config } of entries) weights.set(identity, some ? config.weight : 1);
    const found = heaviest(weights, hash);
    return entries.find(({ identity }) => identity === found) ?? null;
  }

  #serving(model: string): number {
    let count = 0;
    for (const entry of this.#entries) if (serves(entry, model)) count++;
    return count;
  }

  /** `alone`: the only key that serves the model goes on, whatever another model made it rest for. */
  #usable(entry: Entry, model: string, tried: readonly RingKey[], now: number, alone: boolean): boolean {
    return serves(entry, model) && (alone || entry.restsUntil <= now) && !wasTried(entry, tried);
  }
}

/** By weighted rendezvous hashing; null = of none. */
function heaviest(weights: ReadonlyMap<string, number>, hash: number): string | null {
  let found: string | null = null;
  let best = Number.NEGATIVE_INFINITY;
  for (const [name, weight] of weights) {
    const score = -weight / Math.log(chanceOf(name, hash));
    if (score > best || (score === best && name < found!)) {
      found = name;
      best = score;
    }
  }
  return found;
}

/** 0 < x < 1, the same for the same. */
function chanceOf(name: string, hash: number): number {
  return (spread(hashText(name, hash)) + 0.5) / 0x1_0000_0000;
}

function isAway({ config }: Entry, home: string | null): boolean {
  return home !== null && (config.organization ?? '') !== home;
}

function wasTried(entry: Entry, tried: readonly RingKey[]): boolean {
  for (const key of tried) if (key === entry || same(key.config, entry.config)) return true;
  return false;
}

/** A reload makes new entries of the same keys; calls that began before it hold the old ones. */
function same(a: ProviderKeyConfig, b: ProviderKeyConfig): boolean {
  return a.alias === b.alias && a.value === b.value;
}

function serves(entry: Entry, model: string): boolean {
  const { names, beginnings } = entry;
  if (names.size === 0 && beginnings.length === 0) return true;
  if (names.has(model)) return true;
  for (const beginning of beginnings) if (model.startsWith(beginning)) return true;
  return false;
}

/** A ring of `keys`; without any, nothing can be picked and the provider needs none. */
export function createKeyRing(keys: readonly ProviderKeyConfig[], deps: KeyRingDeps): LaneKeyRing {
  return new Ring(keys, deps);
}
