// Providers of an imported file: what agrees in everything but its key becomes one entry with several keys.
import { isDeepStrictEqual } from 'node:util';
import type { Mapping } from './account.ts';

interface Group {
  name: string;
  /** The entry without its keys. */
  entry: Mapping;
  keys: { key: Mapping; models: string[] | null }[];
}

export class ProviderGroups {
  readonly #groups: Group[] = [];

  /**
   * The name of the entry that is like this one.
   * @param vendor record it follows; null = a custom provider, called `named`.
   * @param key its key without `models`; null = none, or that of the environment.
   * @param model what the key is used for; null = everything.
   */
  nameOf(
    vendor: string | null,
    named: string,
    entry: Mapping,
    key: Mapping | null,
    model: string | null,
  ): string {
    let group = this.#groups.find(
      (one) =>
        one.name.startsWith(named) &&
        isDeepStrictEqual(one.entry['vendor'] ?? one.name, vendor ?? one.name) &&
        same(one.entry, entry),
    );
    if (group === undefined) {
      const taken = new Set(this.#groups.map(({ name }) => name));
      let name = named;
      for (let number = 2; taken.has(name); number++) name = `${named}-${number}`;
      const other = vendor !== null && name !== vendor ? { vendor } : {};
      group = { name, entry: { ...other, ...entry }, keys: [] };
      this.#groups.push(group);
    }
    if (key !== null) {
      const known = group.keys.find((one) => isDeepStrictEqual(one.key, key));
      if (known === undefined) group.keys.push({ key, models: model === null ? null : [model] });
      else if (model === null) known.models = null;
      else if (known.models?.includes(model) === false) known.models.push(model);
    }
    return group.name;
  }

  /** As the file has them. */
  entries(): Record<string, Mapping> {
    return Object.fromEntries(
      this.#groups.map(({ name, entry, keys }) => [
        name,
        keys.length === 0 ? entry : { ...entry, keys: keysOf(keys) },
      ]),
    );
  }
}

/** A single key is for everything; only where there are several it matters which is for what. */
function keysOf(keys: Group['keys']): unknown[] {
  return keys.map(({ key, models }) => {
    const limited = keys.length > 1 && models !== null ? { ...key, models } : key;
    const [only, ...more] = Object.keys(limited);
    return only === 'value' && more.length === 0 ? limited['value'] : limited;
  });
}

function same(known: Mapping, entry: Mapping): boolean {
  const { vendor: _, ...rest } = known;
  return isDeepStrictEqual(rest, entry);
}
