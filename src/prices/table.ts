// The built-in prices: a table by provider and model that `scripts/prices` makes from two public sources, and how a
// model's name finds its row.
import type { Price, PriceFields, PriceFrom } from '../contracts/price.ts';
import { PICO, priceOf } from './fields.ts';
import { hoursOf, hoursText } from './hours.ts';

/** As it stands in builtin.json: values are whole picodollars, names and sources are numbers of a list. */
export interface PriceTableText {
  /** Day it was made, `2026-11-29`. */
  readonly version: string;
  readonly sources: readonly string[];
  readonly fields: readonly string[];
  /** Provider -> model -> source, then field and value in turn. */
  readonly providers: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  /** When other prices hold: from a day on (UTC), at hours of the day (UTC), or both. */
  readonly conditions: readonly { readonly from?: string; readonly hours?: readonly string[] }[];
  /** Provider -> model -> prices that hold at times, the last that does counts: number of its condition, then as above. */
  readonly conditional: Readonly<Record<string, Readonly<Record<string, readonly (readonly number[])[]>>>>;
}

/** What a model costs, and what instead at times. */
export interface TablePrice {
  readonly price: Price;
  /** In the order in which they count. */
  readonly changes: readonly Omit<PriceFrom, 'holds'>[];
}

export interface PriceTable {
  readonly version: string;
  /**
   * Null: not known. Never a price of 0 for a model that is not there.
   * @param region a row of it comes first (`eu-west-1/anthropic.claude-…`, `eu/gpt-4o`)
   */
  find(provider: string, model: string, region?: string | null): TablePrice | null;
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
  const found = new Map<string, TablePrice | null>();
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

  const read = (row: readonly number[], note = ''): Price => {
    const fields: Record<string, PriceFields[string]> = {};
    const factors: Record<string, number> = {};
    for (let at = 1; at < row.length; at += 2) {
      const name = text.fields[row[at]!]!;
      if (name.startsWith('factor_')) factors[name.slice('factor_'.length)] = row[at + 1]! / PICO;
      else fields[name] = row[at + 1]! / PICO;
    }
    return priceOf({ ...fields, factors }, text.sources[row[0]!]! + note);
  };

  const changeOf = ([condition, ...row]: readonly number[]): Omit<PriceFrom, 'holds'> => {
    const { from, hours: written } = text.conditions[condition!]!;
    const fromMs = from === undefined ? 0 : Date.parse(from);
    const begun = from === undefined ? '' : ` from ${from}`;
    if (written === undefined) return { fromMs, price: read(row, begun) };
    const hours = hoursOf(written);
    return { fromMs, hours, price: read(row, `${begun} at ${hoursText(hours)}`) };
  };

  const rowOf = (provider: string, names: readonly string[]): string | undefined => {
    const rows = Object.hasOwn(text.providers, provider) ? text.providers[provider] : undefined;
    if (rows === undefined) return undefined;
    const name = names.find((one) => Object.hasOwn(rows, one));
    return name ?? names.map((one) => shortNames(provider).get(one)).find((one) => one !== undefined);
  };

  const look = (provider: string, model: string, region: string | null): TablePrice | null => {
    const names = namesOf(model);
    const name = rowOf(provider, region === null ? names : names.flatMap((one) => [`${region}/${one}`, one]));
    if (name === undefined) return null;
    const later = Object.hasOwn(text.conditional, provider) ? text.conditional[provider]! : {};
    return {
      price: read(text.providers[provider]![name]!),
      changes: Object.hasOwn(later, name) ? later[name]!.map(changeOf) : [],
    };
  };

  return {
    version: text.version,
    find(provider, model, region = null) {
      const key = `${provider}/${region ?? ''}/${model}`;
      let known = found.get(key);
      if (known === undefined) {
        known = look(provider, model, region);
        // Names come from callers where a provider takes any: what is remembered is bounded.
        if (found.size >= 2_000) found.clear();
        found.set(key, known);
      }
      return known;
    },
  };
}
