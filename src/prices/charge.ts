// What an attempt costs: the components that hold for it, times what it used. Exact: whole picodollars in whole numbers,
// rounded once, at the end, to the nanodollar.
import type {
  BilledUse,
  CacheTtl,
  Charge,
  ChargePart,
  Price,
  PriceComponent,
  PriceKind,
  PriceTier,
  PriceUnit,
} from '../contracts/price.ts';

const MILLION = 1_000_000n;
/** Tiers that cost more than the standard one: without a price of their own the price is not known. */
const DEARER: ReadonlySet<PriceTier> = new Set(['priority', 'fast', 'ultrafast']);
/** A thousand dollars: up to here sums are exact in numbers, and so is what is left of one by a division by a thousand. */
const EXACT_PICO = 1e15;

/** What is asked of a price: exact in unit, kind, ttl and size. */
interface Wanted {
  readonly unit: PriceUnit;
  readonly kind: PriceKind;
  readonly ttl: CacheTtl | null;
  readonly size: string | null;
}

const wants = (
  kind: PriceKind,
  unit: PriceUnit,
  ttl: CacheTtl | null = null,
  size: string | null = null,
): Wanted => ({ kind, unit, ttl, size });

// Made once: a charge is found for each call.
const INPUT = wants('input', 'token');
const OUTPUT = wants('output', 'token');
const REASONING = wants('reasoning', 'token');
const CACHE_READ = wants('cache_read', 'token');
const WRITE_5M = wants('cache_write', 'token', '5m');
const WRITE_1H = wants('cache_write', 'token', '1h');
const WRITE_12H = wants('cache_write', 'token', '12h');
const AUDIO_INPUT = wants('input', 'audio_token');
const IMAGE_INPUT = wants('input', 'image_token');
const VIDEO_INPUT = wants('input', 'video_token');
const AUDIO_OUTPUT = wants('output', 'audio_token');
const IMAGE_OUTPUT = wants('output', 'image_token');
const REQUEST = wants('input', 'request');

/** The highest threshold that the prompt passes, of the components that fit. */
function holding(
  price: Price,
  { unit, kind, ttl, size }: Wanted,
  tier: PriceTier | null,
  promptTokens: number,
): PriceComponent | null {
  let best: PriceComponent | null = null;
  for (const one of price.components) {
    if (one.unit !== unit || one.kind !== kind || one.ttl !== ttl || one.tier !== tier) continue;
    if (one.size !== size && one.size !== null) continue;
    if (one.over > 0 && promptTokens <= one.over) continue;
    const better =
      best === null ||
      one.over > best.over ||
      (one.over === best.over && best.size === null && one.size !== null);
    if (better) best = one;
  }
  return best;
}

/** Tiers multiply (batch x long context x cache): what no component says is what the others of the price say of the tier. */
function derived(price: Price, wanted: Wanted, tier: PriceTier, promptTokens: number): number | null {
  const standard = holding(price, wanted, null, promptTokens);
  if (standard === null) return null;
  const side: Wanted = {
    unit: 'token',
    kind: wanted.kind === 'output' || wanted.kind === 'reasoning' ? 'output' : 'input',
    ttl: null,
    size: null,
  };
  const to = holding(price, side, tier, promptTokens);
  // Compared at the same threshold: a tier without a price above it keeps its part of the standard one's.
  const of = to === null ? null : holding(price, side, null, to.over + 1);
  // A search or a request is not a token: tiers of tokens say nothing of it.
  const tokens = wanted.unit.endsWith('token');
  if (tokens && of !== null && to !== null && of.picoUsd > 0)
    return Math.round((standard.picoUsd * to.picoUsd) / of.picoUsd);
  if (!tokens) return standard.picoUsd;
  return DEARER.has(tier) ? null : standard.picoUsd;
}

function rate(price: Price, wanted: Wanted, tier: PriceTier | null, promptTokens: number): number | null {
  const exact = holding(price, wanted, tier, promptTokens);
  // A tier's own price without a threshold does not hold where the standard one has one that is passed.
  const standard = tier === null ? exact : holding(price, wanted, null, promptTokens);
  if (exact !== null && (tier === null || standard === null || exact.over >= standard.over))
    return exact.picoUsd;
  return tier === null ? null : derived(price, wanted, tier, promptTokens);
}

/**
 * Whole nanodollars of tokens alone, as `chargeOf` says of them, where that is as simple as for most calls; null = ask that one.
 * Makes nothing: calls that are charged come by the thousand.
 */
export function plainCharge(price: Price, input: number, output: number): number | null {
  const { regionFactor } = price;
  if (regionFactor !== undefined && regionFactor !== 1_000_000) return null;
  if (holding(price, REQUEST, null, input) !== null) return null;
  const read = input > 0 ? holding(price, INPUT, null, input) : null;
  const said = output > 0 ? holding(price, OUTPUT, null, input) : null;
  if ((input > 0 && read === null) || (output > 0 && said === null)) return null;
  const pico = input * (read?.picoUsd ?? 0) + output * (said?.picoUsd ?? 0);
  return pico <= EXACT_PICO ? Math.floor((pico + 500) / 1_000) : null;
}

/**
 * The charge of one attempt, or null where the price of something it used is not known: never a guess of 0.
 * A cached token without a price of its own costs what any token of the prompt does; reasoning is part of the answer.
 */
export function chargeOf(price: Price, use: BilledUse): Charge | null {
  const parts: ChargePart[] = [];
  /** Picodollars: in numbers, which are exact here, and of dear calls in whole numbers of any length. */
  let pico = 0;
  let beyond = 0n;
  let known = true;
  const { tier, inputTokens, requests } = use;
  /** Of one of them. */
  const prompt = inputTokens / requests;

  const add = (count: number, wanted: Wanted, instead: Wanted | null = null): void => {
    if (count <= 0) return;
    let found = wanted;
    let picoUsd = rate(price, wanted, tier, prompt);
    if (picoUsd === null && instead !== null) {
      found = instead;
      picoUsd = rate(price, instead, tier, prompt);
    }
    if (picoUsd === null) {
      known = false;
      return;
    }
    const part = count * picoUsd;
    if (part <= EXACT_PICO - pico) pico += part;
    else beyond += BigInt(count) * BigInt(picoUsd);
    parts.push({ unit: found.unit, kind: found.kind, count, picoUsd });
  };

  const writes = use.cacheWriteTokens;
  const written = writes['5m'] + writes['1h'] + writes['12h'];
  const seen = use.imageInputTokens + use.videoInputTokens;
  const plain = inputTokens - use.cacheReadTokens - written - use.audioInputTokens - seen;
  add(plain, INPUT);
  add(use.cacheReadTokens, CACHE_READ, INPUT);
  // Kept for longer costs more: a longer time without a price of its own is not known, a shorter one has the usual.
  add(writes['5m'], WRITE_5M, INPUT);
  add(writes['1h'], WRITE_1H);
  add(writes['12h'], WRITE_12H);
  add(use.audioInputTokens, AUDIO_INPUT, INPUT);
  add(use.imageInputTokens, IMAGE_INPUT, INPUT);
  add(use.videoInputTokens, VIDEO_INPUT, INPUT);
  const answer = use.outputTokens - use.reasoningTokens - use.audioOutputTokens - use.imageOutputTokens;
  add(answer, OUTPUT);
  add(use.reasoningTokens, REASONING, OUTPUT);
  add(use.audioOutputTokens, AUDIO_OUTPUT, OUTPUT);
  add(use.imageOutputTokens, IMAGE_OUTPUT, OUTPUT);
  for (const { kind, unit, count, size } of use.others) add(count, wants(kind, unit, null, size));
  // A price by the request holds beside all others.
  if (holding(price, REQUEST, null, prompt) !== null) add(requests, REQUEST);
  if (!known) return null;

  const { regionFactor } = price;
  if (beyond === 0n && use.factors.length === 0 && (regionFactor === undefined || regionFactor === 1_000_000))
    return { nanoUsd: Math.floor((pico + 500) / 1_000), parts };
  let all = BigInt(pico) + beyond;
  if (regionFactor !== undefined) all = (all * BigInt(regionFactor) + MILLION / 2n) / MILLION;
  for (const name of use.factors) {
    const factor = price.factors[name];
    if (factor !== undefined) all = (all * BigInt(factor) + MILLION / 2n) / MILLION;
  }
  return { nanoUsd: Number((all + 500n) / 1_000n), parts };
}
