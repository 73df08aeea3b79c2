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
const TTLS: readonly CacheTtl[] = ['5m', '1h', '12h'];

/** What is asked of a price: exact in unit, kind, ttl and size. */
interface Wanted {
  readonly unit: PriceUnit;
  readonly kind: PriceKind;
  readonly ttl: CacheTtl | null;
  readonly size: string | null;
}

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
 * The charge of one attempt, or null where the price of something it used is not known: never a guess of 0.
 * A cached token without a price of its own costs what any token of the prompt does; reasoning is part of the answer.
 */
export function chargeOf(price: Price, use: BilledUse): Charge | null {
  const parts: ChargePart[] = [];
  let pico = 0n;
  let known = true;
  const { tier, inputTokens, requests } = use;
  /** Of one of them. */
  const prompt = inputTokens / requests;

  const add = (count: number, ...choices: readonly Wanted[]): void => {
    if (count <= 0) return;
    for (const wanted of choices) {
      const picoUsd = rate(price, wanted, tier, prompt);
      if (picoUsd === null) continue;
      pico += BigInt(count) * BigInt(picoUsd);
      parts.push({ unit: wanted.unit, kind: wanted.kind, count, picoUsd });
      return;
    }
    known = false;
  };
  const of = (
    kind: PriceKind,
    unit: PriceUnit,
    ttl: CacheTtl | null = null,
    size: string | null = null,
  ): Wanted => ({
    kind,
    unit,
    ttl,
    size,
  });

  const input = of('input', 'token');
  const output = of('output', 'token');
  const written = TTLS.reduce((sum, ttl) => sum + use.cacheWriteTokens[ttl], 0);
  const plain = inputTokens - use.cacheReadTokens - written - use.audioInputTokens - use.imageInputTokens;
  add(plain, input);
  add(use.cacheReadTokens, of('cache_read', 'token'), input);
  // Kept for longer costs more: a longer time without a price of its own is not known, a shorter one has the usual.
  add(use.cacheWriteTokens['5m'], of('cache_write', 'token', '5m'), input);
  for (const ttl of ['1h', '12h'] as const) add(use.cacheWriteTokens[ttl], of('cache_write', 'token', ttl));
  add(use.audioInputTokens, of('input', 'audio_token'), input);
  add(use.imageInputTokens, of('input', 'image_token'), input);
  const answer = use.outputTokens - use.reasoningTokens - use.audioOutputTokens - use.imageOutputTokens;
  add(answer, output);
  add(use.reasoningTokens, of('reasoning', 'token'), output);
  add(use.audioOutputTokens, of('output', 'audio_token'), output);
  add(use.imageOutputTokens, of('output', 'image_token'), output);
  for (const { kind, unit, count, size } of use.others) add(count, of(kind, unit, null, size));
  // A price by the request holds beside all others.
  if (holding(price, of('input', 'request'), null, prompt) !== null) add(requests, of('input', 'request'));
  if (!known) return null;

  for (const name of use.factors) {
    const factor = price.factors[name];
    if (factor !== undefined) pico = (pico * BigInt(factor) + MILLION / 2n) / MILLION;
  }
  return { nanoUsd: Number((pico + 500n) / 1_000n), parts };
}
