// Bifrost's keys say themselves where they are of (Azure's endpoint, a region, a project); here the provider does. Keys of several
// places become providers of their own, so that none is ever sent where it does not belong, and models that they name lead there.
import { isDeepStrictEqual } from 'node:util';
import { PROVIDERS } from '../../providers/registry.ts';
import type { Path } from '../path.ts';
import { type ImportAccount, isMapping, type Mapping } from './account.ts';

/** Its names of providers where they are not ours. */
const VENDORS: Readonly<Record<string, string>> = { sgl: 'sglang' };

/** What a provider there is called here. */
export const bifrostVendor = (name: string): string => VENDORS[name] ?? name;

/** A key as Bifrost has it. */
export interface PlacedKey {
  /** Its id and its name, as far as it has them. */
  readonly called: readonly string[];
  /** What of it belongs to its provider here. */
  readonly place: Mapping;
  readonly key: Mapping;
  /** None = every model. */
  readonly models: readonly string[];
  /** What a model is called there, where that is another name. */
  readonly deployments: ReadonlyMap<string, string>;
}

interface Place {
  /** Of the provider here. */
  readonly name: string;
  readonly keys: PlacedKey[];
}

export class BifrostPlaces {
  readonly #account: ImportAccount;
  /** By the provider's name there. */
  readonly #places = new Map<string, Place[]>();

  constructor(account: ImportAccount) {
    this.#account = account;
  }

  /** Entries of the provider, each with the keys of one place. */
  entriesOf(name: string, entry: Mapping, keys: readonly PlacedKey[], path: Path): Record<string, Mapping> {
    const ours = bifrostVendor(name);
    const places: Place[] = [];
    for (const key of keys) {
      const known = places.find(({ keys: [first] }) => isDeepStrictEqual(first!.place, key.place));
      if (known !== undefined) known.keys.push(key);
      else places.push({ name: places.length === 0 ? ours : `${ours}-${places.length + 1}`, keys: [key] });
    }
    if (places.length === 0) places.push({ name: ours, keys: [] });
    this.#places.set(name, places);
    const others = places.slice(1);
    if (others.some((place) => place.keys.some(({ models }) => models.length === 0)))
      this.#account.say(
        [...path, 'keys'],
        `are of several places, and a provider has one here: those of the others are ${listed(others)}, whose models are called by that name`,
      );
    const isRecord = PROVIDERS.some((record) => record.name === ours);
    return Object.fromEntries(
      places.map((place) => [
        place.name,
        {
          ...(place.name !== ours && isRecord && { vendor: ours }),
          ...entry,
          ...place.keys[0]?.place,
          ...(place.keys.length > 0 && { keys: place.keys.map(({ key }) => key) }),
        },
      ]),
    );
  }

  /** Aliases of models whose keys are not all of the first place, or that have another name there. */
  models(): Record<string, Mapping> {
    const models: Record<string, Mapping> = {};
    for (const places of this.#places.values()) {
      const named = new Set(
        places.flatMap(({ keys }) =>
          keys.flatMap(({ models: some, deployments }) => [...some, ...deployments.keys()]),
        ),
      );
      for (const model of named) {
        const targets = places.flatMap((place) => targetsOf(place, model));
        const plain = `${places[0]!.name}/${model}`;
        if (targets.length === 0 || targets.every((target) => target === plain)) continue;
        models[plain] = { ...(targets.length > 1 && { strategy: 'weighted' }), targets };
      }
    }
    return models;
  }

  /**
   * Providers here that a virtual key's configuration of a provider there is for, one at least, and those that it must be kept from.
   * @param path of that configuration
   */
  of(provider: string, path: Path): { names: readonly string[]; others: readonly string[] } {
    const places = this.#places.get(provider);
    if (places === undefined) return { names: [bifrostVendor(provider)], others: [] };
    const all = places.map(({ name }) => name);
    const stated = this.#account.look([...path, 'key_ids']);
    const ids = Array.isArray(stated) ? stated.map((one) => (isMapping(one) ? one['key_id'] : one)) : [];
    if (ids.length === 0 || ids.includes('*')) {
      this.#account.take([...path, 'key_ids']);
      return { names: all, others: [] };
    }
    const meant = ({ called }: PlacedKey): boolean => called.some((one) => ids.includes(one));
    const chosen = places.filter(({ keys }) => keys.some(meant));
    // Of a place with further keys those may be used as well, which is said by the report.
    if (chosen.length > 0 && chosen.every(({ keys }) => keys.every(meant)))
      this.#account.take([...path, 'key_ids']);
    const names = chosen.length === 0 ? all : chosen.map(({ name }) => name);
    // Aliases have the first one's name: who may not use that gets none of them by name, only those of their targets that it may use.
    const others = names.includes(all[0]!) ? all.filter((name) => !names.includes(name)) : [];
    return { names, others };
  }
}

function targetsOf({ name, keys }: Place, model: string): string[] {
  const serving = keys.filter(({ models, deployments }) =>
    models.length === 0 ? deployments.has(model) : models.includes(model) || deployments.has(model),
  );
  return [...new Set(serving.map(({ deployments }) => `${name}/${deployments.get(model) ?? model}`))];
}

function listed(places: readonly Place[]): string {
  return places.map(({ name }) => `\`${name}\``).join(', ');
}
