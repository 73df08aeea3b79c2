// Prices as people write them: LiteLLM's field names, which configurations elsewhere and its public map use
// (`input_cost_per_token_above_272k_tokens_flex`: USD). One name is one component.
import {
  type CacheTtl,
  PRICE_TIERS,
  type Price,
  type PriceComponent,
  type PriceFields,
  type PriceKind,
  type PriceTier,
  type PriceUnit,
} from '../contracts/price.ts';
import { regionFactorName } from './region.ts';

/** Head of a name -> what it counts. The longest head that fits counts. */
const HEADS: Readonly<Record<string, readonly [PriceKind, PriceUnit]>> = {
  input_cost_per_token: ['input', 'token'],
  input_cost_per_audio_token: ['input', 'audio_token'],
  input_cost_per_image_token: ['input', 'image_token'],
  input_cost_per_video_token: ['input', 'video_token'],
  input_cost_per_image: ['input', 'image'],
  input_cost_per_second: ['input', 'second'],
  input_cost_per_audio_per_second: ['input', 'second'],
  input_cost_per_character: ['input', 'character'],
  input_cost_per_query: ['input', 'query'],
  input_cost_per_request: ['input', 'request'],
  ocr_cost_per_page: ['input', 'page'],
  output_cost_per_token: ['output', 'token'],
  output_cost_per_audio_token: ['output', 'audio_token'],
  output_cost_per_image_token: ['output', 'image_token'],
  output_cost_per_video_token: ['output', 'video_token'],
  output_cost_per_reasoning_token: ['reasoning', 'token'],
  output_cost_per_image: ['output', 'image'],
  output_cost_per_second: ['output', 'second'],
  output_cost_per_video_per_second: ['output', 'second'],
  output_cost_per_character: ['output', 'character'],
  cache_read_input_token_cost: ['cache_read', 'token'],
  cache_read_input_audio_token_cost: ['cache_read', 'audio_token'],
  cache_read_input_image_token_cost: ['cache_read', 'image_token'],
  cache_creation_input_token_cost: ['cache_write', 'token'],
  search_context_cost_per_query: ['input', 'search'],
};
/** What a name begins with, for a hint to who misspells it. */
export const PRICE_FIELDS: readonly string[] = Object.keys(HEADS);
const HEADS_LONGEST_FIRST = Object.keys(HEADS).sort((one, other) => other.length - one.length);

const TIER_WORDS: Readonly<Record<string, PriceTier>> = {
  batches: 'batch',
  flex: 'flex',
  priority: 'priority',
  fast: 'fast',
  ultrafast: 'ultrafast',
};

export const PICO = 1e12;
/** The dearest that is believed: 1,000 USD a unit keeps sums of a call within whole numbers. */
const MAX_USD = 1_000;

/** What a name says besides what it counts; null = something we do not know, so the whole field is left alone. */
function tail(words: string, kind: PriceKind): Pick<PriceComponent, 'tier' | 'over' | 'ttl' | 'size'> | null {
  let tier: PriceTier | null = null;
  let over = 0;
  let ttl: CacheTtl | null = kind === 'cache_write' ? '5m' : null;
  let size: string | null = null;
  let rest = words;
  while (rest !== '') {
    const above = /^_above_(\d+)k_tokens/.exec(rest);
    const kept = /^_above_(1|12)hr/.exec(rest);
    const served = /^_(batches|flex|priority|ultrafast|fast)(?=_|$)/.exec(rest);
    const sized = /^_(\d[\w.]*|low|medium|high)$/.exec(rest);
    if (above !== null) over = Number(above[1]) * 1_000;
    else if (kept !== null && kind === 'cache_write') ttl = kept[1] === '1' ? '1h' : '12h';
    else if (served !== null) tier = TIER_WORDS[served[1]!]!;
    else if (sized !== null) size = sized[1]!.toLowerCase();
    else return null;
    rest = rest.slice((above ?? kept ?? served ?? sized)![0].length);
  }
  return { tier, over, ttl, size };
}

/** The components of a field; none where its name or value is not understood. */
export function componentsOf(name: string, value: PriceFields[string]): PriceComponent[] {
  const head = HEADS_LONGEST_FIRST.find((one) => name === one || name.startsWith(`${one}_`));
  if (head === undefined) return [];
  const [kind, unit] = HEADS[head]!;
  const rest = tail(name.slice(head.length), kind);
  if (rest === null) return [];
  const component = (usd: number, size: string | null): PriceComponent[] =>
    Number.isFinite(usd) && usd >= 0 && usd <= MAX_USD
      ? [{ unit, kind, picoUsd: Math.round(usd * PICO), ...rest, size: size ?? rest.size }]
      : [];
  if (typeof value === 'number') return component(value, null);
  return Object.entries(value).flatMap(([size, usd]) =>
    component(usd, size.replace('search_context_size_', '')),
  );
}

/** Whether a field is one of a price, understood or not: what a configuration may say. */
export function isPriceField(name: string): boolean {
  return name === 'factors' || regionFactorName(name) !== null || componentsOf(name, 0).length > 0;
}

/** @param fields USD by LiteLLM's names; `factors` = multipliers by name. */
export function priceOf(fields: PriceFields, source: string): Price {
  const { factors: stated = {}, ...rest } = fields;
  const factors: Record<string, number> = {};
  const multiply = (name: string, factor: number): void => {
    factors[name] = Math.round(factor * 1e6);
  };
  if (typeof stated !== 'number') for (const [name, factor] of Object.entries(stated)) multiply(name, factor);
  const components: PriceComponent[] = [];
  for (const [name, value] of Object.entries(rest)) {
    const region = regionFactorName(name);
    if (region === null) components.push(...componentsOf(name, value));
    else if (typeof value === 'number') multiply(region, value);
  }
  return { components, factors, source };
}

export const isPriceTier = (word: string): word is PriceTier =>
  (PRICE_TIERS as readonly string[]).includes(word);
