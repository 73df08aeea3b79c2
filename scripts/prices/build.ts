// Makes src/prices/builtin.json and docs/prices.md from two public sources: genai-prices first, LiteLLM's map for what
// that lacks. Called by scripts/prices/fetch; the rows say where they are from.
import { readFileSync, writeFileSync } from 'node:fs';
import { componentsOf } from '../../src/prices/fields.ts';
import { regionFactorName } from '../../src/prices/region.ts';
import type { PriceTableText } from '../../src/prices/table.ts';

type Fields = Record<string, number>;
/** Provider of ours -> model -> USD by field. */
type Rows = Map<string, Map<string, Fields>>;
/** Provider of ours -> model -> what it is from days on and at hours, in the order in which they count. */
type Times = Map<string, Map<string, { when: Condition; fields: Fields }[]>>;
type Condition = PriceTableText['conditions'][number];

const GENAI_PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  anthropic: ['anthropic'],
  aws: ['bedrock'],
  azure: ['azure'],
  cerebras: ['cerebras'],
  cloudflare: ['cloudflare'],
  cohere: ['cohere'],
  databricks: ['databricks'],
  deepseek: ['deepseek'],
  fireworks: ['fireworks'],
  google: ['gemini', 'vertex'],
  groq: ['groq'],
  mistral: ['mistral'],
  openai: ['openai'],
  openrouter: ['openrouter'],
  perplexity: ['perplexity'],
  together: ['together'],
  'x-ai': ['xai'],
};
const LITELLM_PROVIDERS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  azure: 'azure',
  azure_ai: 'azure',
  bedrock: 'bedrock',
  bedrock_converse: 'bedrock',
  bedrock_mantle: 'bedrock',
  cerebras: 'cerebras',
  cloudflare: 'cloudflare',
  cohere: 'cohere',
  cohere_chat: 'cohere',
  databricks: 'databricks',
  deepseek: 'deepseek',
  fireworks_ai: 'fireworks',
  'fireworks_ai-embedding-models': 'fireworks',
  gemini: 'gemini',
  github: 'github-models',
  groq: 'groq',
  huggingface: 'huggingface',
  mistral: 'mistral',
  nebius: 'nebius',
  nvidia_nim: 'nvidia',
  openai: 'openai',
  'text-completion-openai': 'openai',
  openrouter: 'openrouter',
  perplexity: 'perplexity',
  together_ai: 'together',
  xai: 'xai',
};
const litellmProvider = (name: string): string | undefined =>
  name.startsWith('vertex_ai') ? 'vertex' : LITELLM_PROVIDERS[name];

/** genai-prices' units -> LiteLLM's field and how many of them one price is for. */
const GENAI_FIELDS: Readonly<Record<string, readonly [field: string, per: number]>> = {
  input_mtok: ['input_cost_per_token', 1e6],
  output_mtok: ['output_cost_per_token', 1e6],
  cache_read_mtok: ['cache_read_input_token_cost', 1e6],
  cache_write_mtok: ['cache_creation_input_token_cost', 1e6],
  cache_write_1h_mtok: ['cache_creation_input_token_cost_above_1hr', 1e6],
  cache_audio_read_mtok: ['cache_read_input_audio_token_cost', 1e6],
  cache_image_read_mtok: ['cache_read_input_image_token_cost', 1e6],
  input_audio_mtok: ['input_cost_per_audio_token', 1e6],
  output_audio_mtok: ['output_cost_per_audio_token', 1e6],
  input_image_mtok: ['input_cost_per_image_token', 1e6],
  output_image_mtok: ['output_cost_per_image_token', 1e6],
  input_video_mtok: ['input_cost_per_video_token', 1e6],
  output_video_mtok: ['output_cost_per_video_token', 1e6],
  output_reasoning_mtok: ['output_cost_per_reasoning_token', 1e6],
  audio_hours: ['input_cost_per_second', 3600],
  input_audio_hours: ['input_cost_per_second', 3600],
  input_mchars: ['input_cost_per_character', 1e6],
  web_searches_kcount: ['search_context_cost_per_query', 1e3],
  requests_kcount: ['input_cost_per_request', 1e3],
  input_document_kpages: ['ocr_cost_per_page', 1e3],
};

interface Tiered {
  base: number;
  tiers: { start: number; price: number }[];
}
type GenaiPrice = Record<string, number | Tiered | null>;
/** From a day on, or at hours of the day (UTC). */
type Constraint = { start_date: string } | { start_time: string; end_time: string };
interface Constrained {
  prices: GenaiPrice;
  constraint?: Constraint | null;
}
interface GenaiModel {
  id: string;
  prices: GenaiPrice | Constrained[];
  price_variants?: (Constrained & { when: Record<string, string> })[] | null;
}
interface GenaiProvider {
  id: string;
  models: GenaiModel[];
}

function genaiFields(price: GenaiPrice, ending: string): Fields {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(price)) {
    const known = GENAI_FIELDS[name];
    if (known === undefined || value === null) continue;
    const [field, per] = known;
    if (typeof value === 'number') fields[field + ending] = value / per;
    else {
      fields[field + ending] = value.base / per;
      for (const { start, price: dearer } of value.tiers)
        fields[`${field}_above_${start / 1_000}k_tokens${ending}`] = dearer / per;
    }
  }
  return fields;
}

const startOf = ({ constraint }: Constrained): string =>
  constraint != null && 'start_date' in constraint ? constraint.start_date : '';
const hoursOf = ({ constraint }: Constrained): string | null =>
  constraint != null && 'start_time' in constraint ? `${constraint.start_time}-${constraint.end_time}` : null;

/** What holds on a day: the last that has begun counts, and at their hours those that stand behind it. */
function ofDay(prices: readonly Constrained[], day: string): { all: Constrained; hours: Constrained[] } {
  const at = prices.findLastIndex((one) => hoursOf(one) === null && startOf(one) <= day);
  const all = prices[at] ?? prices[0]!;
  return { all, hours: prices.slice(at + 1).filter((one) => hoursOf(one) !== null) };
}

const ENDING_OF_VARIANT: Readonly<Record<string, string>> = {
  'processing=batch': '_batches',
  'service_tier=flex': '_flex',
  'service_tier=priority': '_priority',
  'service_tier=fast': '_fast',
  'speed=fast': '_fast',
};

/** Fields of a model on a day, with those of how it is served, and what it is at hours instead. */
function fieldsOf(
  { prices, price_variants }: GenaiModel,
  day: string,
): { fields: Fields; hours: Fields[]; spans: string[] } {
  const { all, hours } = ofDay(Array.isArray(prices) ? prices : [{ prices }], day);
  const variants: Fields = {};
  const byEnding = Map.groupBy(price_variants ?? [], ({ when }) => {
    const [[name, value] = ['', '']] = Object.entries(when);
    return ENDING_OF_VARIANT[`${name}=${value}`] ?? '';
  });
  for (const [ending, list] of byEnding) {
    const begun = list.filter((one) => startOf(one) <= day).at(-1);
    if (ending !== '' && begun !== undefined) Object.assign(variants, genaiFields(begun.prices, ending));
  }
  return {
    fields: { ...genaiFields(all.prices, ''), ...variants },
    hours: hours.map((one) => ({ ...genaiFields(one.prices, ''), ...variants })),
    spans: hours.map((one) => hoursOf(one)!),
  };
}

/** Days on which prices of a model begin. */
function daysOf({ prices, price_variants }: GenaiModel): string[] {
  const all = [...(Array.isArray(prices) ? prices : []), ...(price_variants ?? [])];
  return [...new Set(all.map(startOf).filter((start) => start !== ''))].sort();
}

/** What differs from what it was before, from the first of its prices on, and what it is at hours instead. */
function timesOf(model: GenaiModel): { when: Condition; fields: Fields }[] {
  const times: { when: Condition; fields: Fields }[] = [];
  let last = '';
  for (const start of ['', ...daysOf(model)]) {
    const { fields, hours, spans } = fieldsOf(model, start);
    const text = JSON.stringify([fields, hours, spans]);
    if (text === last) continue;
    last = text;
    const from = start === '' ? {} : { from: start };
    if (start !== '') times.push({ when: from, fields });
    // Hours of one price stand together.
    const same = Map.groupBy(hours.keys(), (at) => JSON.stringify(hours[at]));
    for (const ats of same.values()) {
      const all = [...ats];
      times.push({ when: { ...from, hours: all.map((at) => spans[at]!) }, fields: hours[all[0]!]! });
    }
  }
  return times;
}

/** @param at of the list: what it says of a model */
function readGenai<T>(
  providers: readonly GenaiProvider[],
  at: (model: GenaiModel) => T,
): Map<string, Map<string, T>> {
  const rows = new Map<string, Map<string, T>>();
  for (const { id, models } of providers)
    for (const ours of GENAI_PROVIDERS[id] ?? []) {
      const of = rows.get(ours) ?? new Map<string, T>();
      rows.set(ours, of);
      for (const model of models)
        if (Object.keys(fieldsOf(model, '').fields).length > 0) of.set(model.id, at(model));
    }
  return rows;
}

function readLitellm(map: Readonly<Record<string, Record<string, unknown>>>): Rows {
  const rows: Rows = new Map();
  for (const [name, entry] of Object.entries(map)) {
    const provider = litellmProvider(String(entry['litellm_provider']));
    if (provider === undefined) continue;
    const of = rows.get(provider) ?? new Map<string, Fields>();
    rows.set(provider, of);
    const prefix = `${String(entry['litellm_provider'])}/`;
    const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name.replace(/^vertex_ai\//, '');
    const fields: Fields = {};
    for (const [field, value] of Object.entries(entry)) {
      if (typeof value === 'number' && componentsOf(field, value).length > 0) fields[field] = value;
      const region = regionFactorName(field);
      if (region !== null && typeof value === 'number') fields[`factor_${region}`] = value;
      if (field === 'search_context_cost_per_query' && typeof value === 'object' && value !== null)
        for (const [size, usd] of Object.entries(value))
          if (typeof usd === 'number') fields[`${field}_${size.replace('search_context_size_', '')}`] = usd;
      // `us: 1.1` = inference kept in a region; `fast: 2` = a speed.
      if (field === 'provider_specific_entry' && typeof value === 'object' && value !== null)
        for (const [word, factor] of Object.entries(value))
          if (typeof factor === 'number') fields[`factor_${word}`] = factor;
    }
    if (Object.keys(fields).some((field) => !field.startsWith('factor_'))) of.set(bare, fields);
  }
  return rows;
}

/** Where both know a field and differ by more than 1 %. */
function disagreements(first: Rows, second: Rows): string[] {
  const lines: string[] = [];
  for (const [provider, models] of first)
    for (const [model, fields] of models)
      for (const [field, value] of Object.entries(fields)) {
        const other = second.get(provider)?.get(model)?.[field];
        if (other === undefined || Math.abs(other - value) <= 0.01 * Math.max(other, value)) continue;
        const usd = (amount: number): string => Number((amount * 1e6).toPrecision(6)).toString();
        lines.push(`| ${provider}/${model} | ${field} | ${usd(value)} | ${usd(other)} |`);
      }
  return lines.sort();
}

const [genaiFile, litellmFile, genaiName, litellmName, day] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const stated = JSON.parse(readFileSync(genaiFile, 'utf8')) as GenaiProvider[];
// The table's own rows are the first of each model; what it is today is among its times.
const genai: Rows = readGenai(stated, (model) => fieldsOf(model, '').fields);
const times: Times = readGenai(stated, timesOf);
const today: Rows = readGenai(stated, (model) => fieldsOf(model, day).fields);
const litellm = readLitellm(
  JSON.parse(readFileSync(litellmFile, 'utf8')) as Record<string, Record<string, unknown>>,
);

const fieldNumbers = new Map<string, number>();
const numberOf = (field: string): number => {
  const number = fieldNumbers.get(field) ?? fieldNumbers.size;
  fieldNumbers.set(field, number);
  return number;
};
const conditions: Condition[] = [];
const conditionNumbers = new Map<string, number>();
const conditionOf = (when: Condition): number => {
  const text = JSON.stringify(when);
  const number = conditionNumbers.get(text) ?? conditions.push(when) - 1;
  conditionNumbers.set(text, number);
  return number;
};
const rowOf = (source: number, fields: Fields): number[] => [
  source,
  ...Object.entries(fields).flatMap(([field, usd]) => [numberOf(field), Math.round(usd * 1e12)]),
];
const providers: Record<string, Record<string, number[]>> = {};
const conditional: Record<string, Record<string, number[][]>> = {};
let count = 0;
for (const provider of [...new Set([...genai.keys(), ...litellm.keys()])].sort()) {
  const of: Record<string, number[]> = {};
  const [first, second] = [genai.get(provider), litellm.get(provider)];
  for (const model of [...new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])])].sort()) {
    // A row is of one source; what only the other knows (factors, sizes of searches) is added.
    const source = first?.has(model) === true ? 0 : 1;
    const more = second?.get(model);
    of[model] = rowOf(source, { ...more, ...first?.get(model) });
    const changes = times.get(provider)?.get(model) ?? [];
    if (changes.length > 0)
      (conditional[provider] ??= {})[model] = changes.map(({ when, fields }) => [
        conditionOf(when),
        ...rowOf(source, { ...more, ...fields }),
      ]);
    count++;
  }
  providers[provider] = of;
}
const table: PriceTableText = {
  version: day,
  sources: [genaiName, litellmName],
  fields: [...fieldNumbers.keys()],
  providers,
  conditions,
  conditional,
};
// One line a model: a change of prices is read in its diff.
const linesOf = (byProvider: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string =>
  Object.entries(byProvider)
    .map(
      ([provider, models]) =>
        `${JSON.stringify(provider)}: {\n${Object.entries(models)
          .map(([model, row]) => `${JSON.stringify(model)}: ${JSON.stringify(row)}`)
          .join(',\n')}\n}`,
    )
    .join(',\n');
writeFileSync(
  'src/prices/builtin.json',
  `{"version": ${JSON.stringify(table.version)}, "sources": ${JSON.stringify(table.sources)},\n"fields": ${JSON.stringify(table.fields)},\n"providers": {\n${linesOf(table.providers)}\n},\n"conditions": ${JSON.stringify(table.conditions)},\n"conditional": {\n${linesOf(table.conditional)}\n}}\n`,
);
const differing = disagreements(today, litellm);
// What people wrote below the list stays.
const written = readFileSync('docs/prices.md', 'utf8').split('\n## ').slice(1);
writeFileSync(
  'docs/prices.md',
  `# Built-in prices

Made by \`scripts/prices/fetch\` on ${day} from two public lists: ${genaiName} first, ${litellmName} for what that lacks: ${count} prices. A price of
your own comes first (\`prices\` in the configuration).

Where the two differ by more than 1 % the first is taken. These are all of them, in USD for a million units:

| Model | Field | ${genaiName} | ${litellmName} |
|---|---|--:|--:|
${differing.join('\n')}
${written.map((part) => `\n## ${part}`).join('')}`,
);
console.log(`${count} prices, ${differing.length} disagreements`);
