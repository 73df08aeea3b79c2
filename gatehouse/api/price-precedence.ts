// Whose word on a price counts where several say something: a longer name comes before a shorter one, the file's before the API's of
// the same name, and what holds from a day on or at hours before what always holds.
import type { FileObjects } from '../../src/contracts/gatehouse-ipc.ts';
import type { PriceChange } from '../../src/contracts/price.ts';
import { fittingNames } from '../../src/gateway/price-book.ts';
import { matchesPattern } from '../../src/names/pattern.ts';
import { choice, list, object, text } from './fields.ts';
import { shownTime, timeFields } from './price-view.ts';

type PricesOfFile = Pick<FileObjects, 'prices' | 'priceChanges'>;

const managed = choice(['file', 'db'], 'Who states it: the configuration file, or this API.');

export const wordFields = {
  managed: choice(['file', 'db'], 'Whose word it is; null = that of the built-in table, or nobody’s.'),
  statedAs: text('Name of `prices` that it stands under; null likewise.'),
  shadowed: list(
    text(''),
    'Names under which this API states a price for it that does not count: the file’s does.',
  ),
};

/**
 * @param names of `prices` in force, whoever states them. @param own those of the API
 * @param region of the provider; null = it has none
 */
export function whoseWord(
  model: string,
  region: string | null,
  names: readonly string[],
  own: readonly string[],
  file: PricesOfFile,
): { managed: 'file' | 'db' | null; statedAs: string | null; shadowed: string[] } {
  const slash = model.indexOf('/');
  const fits = fittingNames(model.slice(0, slash), region, model.slice(slash + 1));
  const [first] = names.filter(fits).sort((one, other) => other.length - one.length);
  if (first === undefined) return { managed: null, statedAs: null, shadowed: [] };
  const ofFile = file.prices.includes(first);
  return {
    managed: ofFile ? 'file' : 'db',
    statedAs: first,
    shadowed: ofFile ? own.filter(fits) : [],
  };
}

export const shadowsNode = list(
  object({
    section: choice(['prices', 'priceChanges'], 'Where it stands.'),
    name: text('`provider/model`, or the beginning of such a name with `*`.'),
    managed,
    ...timeFields,
  }),
  'What comes before it for some of what it names, or at some times.',
);

/** What comes before a price of this name. @param names of `prices` in force. */
export function shadowsOf(
  model: string,
  names: readonly string[],
  changes: readonly PriceChange[],
  file: PricesOfFile,
): object[] {
  const always = { from: null, hours: null };
  const longer = names.filter(
    (name) => name.length > model.length && matchesPattern(model, name.replace(/\*$/, '')),
  );
  const timed = changes.filter(
    (change) =>
      matchesPattern(model, change.model.replace(/\*$/, '')) ||
      matchesPattern(change.model, model.replace(/\*$/, '')),
  );
  return [
    ...longer.map((name) => ({
      section: 'prices',
      name,
      managed: file.prices.includes(name) ? 'file' : 'db',
      ...always,
    })),
    ...timed.map((change) => ({
      section: 'priceChanges',
      name: change.model,
      managed: file.priceChanges ? 'file' : 'db',
      ...shownTime(change),
    })),
  ];
}
