// The built-in prices: a table by provider and model that `scripts/prices` makes from two public sources, and how a
// model's name finds its row.
import type { Price, PriceFields } from '../contracts/price.ts';
import { PICO, priceOf } from './fields.ts';

/** As it stands in builtin.json: values are whole picodollars, names and sources are numbers of a list. */
export interface PriceTableText {
  /** Day it was made, `2026-11-29`. */
  readonly version: string;
  readonly sources: readonly string[];
  readonly fields: readonly string[];
  /** Provider -> model -> source, then field and value in turn. */
  readonly providers: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

export interface PriceTable {
  readonly version: string;
  /** Null: not known. Never a price of 0 for a model that is not there. */
  find(provider: string, model: string): Price | null;
}

const REGION = /^(?:us|eu|apac|jp|au|ca|sa|global|us-gov)\./;
const ENDINGS = [/@[\w.-]+$/, /-v\d+(?::\d+)?$/, /-latest$/, /-\d{8}$/, /-\d{4}-\d{2}-\d{2}$/];

/** Names of one model, the most exact first: without a region, a version, a day. */
export function namesOf(model: string): string[] {
  const names = [model];
  let name = model.toLowerCase();
  if (name !== model) names.push(name);
  if (REGION.test(name)) names.push((name = name.replace(REGION, '')));
  for (const ending of ENDINGS) {
    const shorter = name.replace(ending, '');
    if (shorter !== name && shorter !== '') names.push((name = shorter));
  }
  return names;
}

export function createPriceTable(text: PriceTableText): PriceTable {
  const found = new Map<string, Price | null>();
  /** Short names of rows that stand under a longer one, by provider; made when the first name is not there as it is. */
  const short = new Map<string, Map<string, string>>();

  const shortNames = (provider: string): Map<string, string> => {
    let names = short.get(provider);
    if (names === undefined) {
      names = new Map();
      // The last of several days is the newest.
      for (const model of Object.keys(text.providers[provider] ?? {}).sort())
        for (const name of namesOf(model).slice(1)) names.set(name, model);
      short.set(provider, names);
    }
    return names;
  };

  const read = (row: readonly number[]): Price => {
    const fields: Record<string, PriceFields[string]> = {};
    const factors: Record<string, number> = {};
    for (let at = 1; at < row.length; at += 2) {
      const name = text.fields[row[at]!]!;
      if (name.startsWith('factor_')) factors[name.slice('factor_'.length)] = row[at + 1]! / PICO;
      else fields[name] = row[at + 1]! / PICO;
    }
    return priceOf({ ...fields, factors }, text.sources[row[0]!]!);
  };

  return {
    version: text.version,
    find(provider, model) {
      const key = `${provider}/${model}`;
      const known = found.get(key);
      if (known !== undefined) return known;
      const rows = Object.hasOwn(text.providers, provider) ? text.providers[provider] : undefined;
      let price: Price | null = null;
      if (rows !== undefined) {
        const names = namesOf(model);
        const name = names.find((one) => Object.hasOwn(rows, one));
        const longer =
          name ?? names.map((one) => shortNames(provider).get(one)).find((one) => one !== undefined);
        if (longer !== undefined) price = read(rows[longer]!);
      }
      // Names come from callers where a provider takes any: what is remembered is bounded.
      if (found.size >= 2_000) found.clear();
      found.set(key, price);
      return price;
    },
  };
}
