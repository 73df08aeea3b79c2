// What a model costs and what a call used of it. A price is a list of components, one for each way its vendor counts; a
// pure function (src/prices/charge.ts) picks those that hold for a call.

/** What one component counts. `search` = a web search the model made, `query` = one rerank or search request. */
export const PRICE_UNITS = [
  'token',
  'audio_token',
  'image_token',
  'video_token',
  'image',
  'second',
  'character',
  'page',
  'query',
  'search',
  'request',
] as const;
export type PriceUnit = (typeof PRICE_UNITS)[number];

export type PriceKind = 'input' | 'output' | 'reasoning' | 'cache_read' | 'cache_write';

/** Dollars by LiteLLM's field names; `search_context_cost_per_query` has one for each size, `factors` one for each name. */
export type PriceFields = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/** How a call was served; null in a component = the standard way. */
export const PRICE_TIERS = ['batch', 'flex', 'priority', 'fast', 'ultrafast'] as const;
export type PriceTier = (typeof PRICE_TIERS)[number];

/** How long what was written to a prompt cache is kept. */
export type CacheTtl = '5m' | '1h' | '12h';

export interface PriceComponent {
  readonly unit: PriceUnit;
  readonly kind: PriceKind;
  /** Picodollars (1e-12 USD) a unit; a whole number. */
  readonly picoUsd: number;
  readonly tier: PriceTier | null;
  /** Holds for calls whose prompt has more tokens than this: for all of their tokens, not only for those above it. */
  readonly over: number;
  /** Of `cache_write` alone. */
  readonly ttl: CacheTtl | null;
  /** Size or quality that is priced apart: `1024`, `1080p`, `medium`; null = any. */
  readonly size: string | null;
}

export interface Price {
  readonly components: readonly PriceComponent[];
  /** What a region or a speed multiplies everything with, in millionths: `{ us: 1_100_000 }`. */
  readonly factors: Readonly<Record<string, number>>;
  /** Where it is from: `genai-prices 0.2.3`, `litellm 1.110.2`, `configuration`, `configuration from 2027-01-01T00:00:00.000Z`. */
  readonly source: string;
  /** What the provider's region multiplies everything with, whatever an answer says, in millionths; absent = nothing. */
  readonly regionFactor?: number;
  /** What it is from times on and at hours: the last that holds counts; absent = what it is now, whenever that is. */
  readonly dated?: readonly PriceFrom[];
}

/** A price that holds from a time on, perhaps at some hours of the day alone. */
export interface PriceFrom {
  /** ms since 1970. */
  readonly fromMs: number;
  readonly price: Price;
  /** Absent = all day. */
  readonly hours?: PriceHours;
  /** Whether it is one of `hours`. @param atMs ms since 1970 */
  readonly holds?: (atMs: number) => boolean;
}

/** Hours of each day, or of some days of the week. */
export interface PriceHours {
  /** Minutes of the day from and to (not with it), `[60, 240]`; one that ends before it begins goes over midnight. */
  readonly spans: readonly (readonly [fromMinute: number, toMinute: number])[];
  /** On which the spans begin, 1 = Monday … 7 = Sunday, each once and in order; absent = each day. */
  readonly days?: readonly number[];
  /** IANA's name. */
  readonly timezone: string;
}

/** A price that holds from a time on, or at hours of the day. */
export interface PriceChange {
  /** `provider/model` or `provider/region/model`, or the beginning of such a name with `*`. */
  readonly model: string;
  /** ms since 1970; 0 = always. */
  readonly fromMs: number;
  /** Absent = all day. */
  readonly hours?: PriceHours;
  readonly prices: PriceFields;
}

/** What was used of a model by one attempt. Counts are whole numbers; what a vendor does not count is 0. */
export interface BilledUse {
  /** Calls that it is the sum of, all on the same side of any threshold: 1 as a rule. */
  readonly requests: number;
  /** Whole prompt, with what was read from or written to a cache, audio and images. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: Readonly<Record<CacheTtl, number>>;
  /** Whole answer, with reasoning and audio. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly audioInputTokens: number;
  readonly audioOutputTokens: number;
  readonly imageInputTokens: number;
  readonly imageOutputTokens: number;
  readonly videoInputTokens: number;
  /** What is counted in other units, e.g. `{ unit: 'image', kind: 'output', count: 2, size: '1024' }`. */
  readonly others: readonly {
    readonly unit: PriceUnit;
    readonly kind: PriceKind;
    readonly count: number;
    readonly size: string | null;
  }[];
  readonly tier: PriceTier | null;
  /** Names of the price's factors that hold: a region of inference, a speed. */
  readonly factors: readonly string[];
}

/** One line of a charge. */
export interface ChargePart {
  readonly unit: PriceUnit;
  readonly kind: PriceKind;
  readonly count: number;
  /** Picodollars a unit, factors not counted in. */
  readonly picoUsd: number;
}

export interface Charge {
  /** Whole nanodollars (1e-9 USD), rounded once, half up. */
  readonly nanoUsd: number;
  readonly parts: readonly ChargePart[];
}
