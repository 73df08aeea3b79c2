// What a call may cost at most, before it is made: what budgets set aside for it.
import type { Price, PriceComponent, PriceUnit } from '../contracts/price.ts';

/** Dearest prices of what any call uses, picodollars. */
export interface Rates {
  readonly input: number;
  /** Of answers that are no sound. */
  readonly output: number;
  /** Of those that may be. */
  readonly spoken: number;
  /** For each request, each query of a request for ranks, and the first page of a document. */
  readonly request: number;
  /** For each second of what is made. */
  readonly second: number;
  /** For each search of the web, of the dearest size; 0 where a price by the request has them in it. */
  readonly search: number;
  /** Prompts of more tokens than this cost something else; Infinity = none do. */
  readonly over: number;
}

/**
 * Tokens of a prompt of so many bytes, at most: no tokenizer in use makes more than one of two bytes of text, and long
 * prompts come nearer to their mean.
 */
export function mostTokens(promptBytes: number): number {
  const short = Math.min(promptBytes, SHORT_BYTES);
  return Math.ceil(short / 2 + (promptBytes - short) / 3);
}
const SHORT_BYTES = 32_768;

/**
 * Whole nanodollars of a call, at most.
 * @param outputTokens at most, of all answers together
 * @param seconds of what is made
 * @param said price of a token of the answer: `output` of the rates where it is no sound
 * @param searches of the web
 */
export function mostOf(
  { input, request, second, search, spoken }: Rates,
  promptTokens: number,
  outputTokens: number,
  seconds = 0,
  said = spoken,
  searches = 0,
): number {
  const beside = request + seconds * second + searches * search;
  return Math.ceil((promptTokens * input + outputTokens * said + beside) / 1000);
}

/** Pictures are told in tokens of an answer, too, and nobody knows before how many of them are. */
const SEEN: ReadonlySet<PriceUnit> = new Set(['token', 'image_token']);
/** So is sound. */
const SAID: ReadonlySet<PriceUnit> = new Set([...SEEN, 'audio_token']);

export class ReservePrices {
  /** As long as a configuration holds the price. */
  readonly #rates = new WeakMap<Price['components'], readonly [short: Rates, long: Rates]>();
  /** The last one's: a look at it is cheaper than a look into the map. */
  #last: Price['components'] | null = null;
  #lastRates: readonly [short: Rates, long: Rates] | null = null;

  /** Of a call with a prompt of so many tokens. */
  of(price: Price, promptTokens: number): Rates {
    const { components } = price;
    const both = components === this.#last ? this.#lastRates! : this.#ratesOf(price, components);
    return promptTokens > both[0].over ? both[1] : both[0];
  }

  #ratesOf(price: Price, components: Price['components']): readonly [short: Rates, long: Rates] {
    let both = this.#rates.get(components);
    if (both === undefined) this.#rates.set(components, (both = ratesOf(price)));
    this.#last = components;
    this.#lastRates = both;
    return both;
  }
}

function ratesOf({ components, factors, regionFactor = 1_000_000 }: Price): readonly [Rates, Rates] {
  const thresholds = components.map(({ over }) => over).filter((over) => over > 0);
  const over = thresholds.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...thresholds);
  const factor = (Math.max(1_000_000, ...Object.values(factors)) / 1_000_000) * (regionFactor / 1_000_000);
  const dearest = (fits: (one: PriceComponent) => boolean, long: boolean): number =>
    factor *
    components.reduce(
      (most, one) =>
        one.tier === null && (long || one.over === 0) && fits(one) ? Math.max(most, one.picoUsd) : most,
      0,
    );
  const rates = (long: boolean): Rates => {
    const once = (unit: PriceUnit): number =>
      dearest((one) => one.unit === unit && one.kind === 'input', long);
    return {
      input: dearest(
        (one) => one.unit === 'token' && (one.kind === 'input' || one.kind === 'cache_write'),
        long,
      ),
      output: dearest((one) => isAnswer(one) && SEEN.has(one.unit), long),
      spoken: dearest((one) => isAnswer(one) && SAID.has(one.unit), long),
      request: once('request') + once('query') + once('page'),
      second: dearest((one) => one.unit === 'second' && one.kind === 'output', long),
      search: once('request') > 0 ? 0 : once('search'),
      over,
    };
  };
  return [rates(false), rates(true)];
}

function isAnswer({ kind }: PriceComponent): boolean {
  return kind === 'output' || kind === 'reasoning';
}
