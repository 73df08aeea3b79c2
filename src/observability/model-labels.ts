// Which models have a name of their own in the metrics. Names that the configuration states always have; of those that a
// client may make up (where a provider takes any model) the first hundred, so that they push nobody out and a scrape
// stays small.
import type { Config } from '../contracts/config.ts';
import { OVERFLOW_LABEL } from './metric-families.ts';

/** Distinct names of clients in this worker; each has some twenty series and two hundred lines of a scrape. */
const MAX_FREE = 100;
/** Control characters and those that turn the direction: whoever shows a scrape on a terminal would follow them. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

export interface ModelLabels {
  /** @param model public name of a call, '' when it has none. */
  label(model: string, config: Config): string;
  /** Whether the configuration states the name; as of the last call of label(). */
  stated(label: string): boolean;
}

export function createModelLabels(): ModelLabels {
  const free = new Set<string>();
  let known: { config: Config; names: ReadonlySet<string> } | null = null;
  return {
    label(model, config) {
      if (known === null || known.config !== config) known = { config, names: statedModels(config) };
      if (model === '') return OVERFLOW_LABEL;
      if (known.names.has(model) || free.has(model)) return model;
      if (free.size >= MAX_FREE || UNSEEN.test(model)) return OVERFLOW_LABEL;
      free.add(model);
      return model;
    },
    stated: (label) => label === OVERFLOW_LABEL || known?.names.has(label) === true,
  };
}

/** Public names that the configuration states: aliases, what they lead to, and models declared without a `*`. */
export function statedModels({ models, providers }: Config): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [alias, { targets }] of Object.entries(models)) {
    names.add(alias);
    for (const target of targets) names.add(target);
  }
  for (const { name, models: declared, keys } of providers) {
    for (const model of [...declared, ...keys.flatMap((key) => key.models)]) {
      if (!model.endsWith('*')) names.add(`${name}/${model}`);
    }
  }
  return names;
}
