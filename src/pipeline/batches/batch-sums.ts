// Results of a batch added up by model, as few charges as there are prices: a price that is another for long prompts has sums of
// its own on each side of its threshold, so that a sum is priced as its parts are. Pure.
import type { Usage } from '../../contracts/chat.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { Price } from '../../contracts/price.ts';
import type { BatchResult } from './batch-result.ts';

export interface BatchSum {
  readonly operation: OperationName;
  readonly model: string;
  readonly price: Price | null;
  /** With `requests`, and served as batches are. */
  readonly usage: Usage & { requests: number };
}

type Counts = 'input' | 'output' | 'cacheRead' | 'cacheWriteShort' | 'cacheWriteLong' | 'reasoning';
const COUNTS: readonly Counts[] = [
  'input',
  'output',
  'cacheRead',
  'cacheWriteShort',
  'cacheWriteLong',
  'reasoning',
];

/** Most results say none of these. */
const OF_SOME = [
  'audioInput',
  'audioOutput',
  'imageInput',
  'imageOutput',
  'videoInput',
  'webSearches',
] as const;

export class BatchSums {
  readonly #sums = new Map<string, BatchSum>();
  readonly #priceOf: (model: string) => Price | null;

  constructor(priceOf: (model: string) => Price | null) {
    this.#priceOf = priceOf;
  }

  /** @param requests calls that it is the sum of */
  add({ operation, model, usage }: BatchResult, requests = 1): void {
    const price = this.#priceOf(model);
    const factors = usage.factors ?? [];
    const key = [operation, model, passed(price, (usage.input ?? 0) / requests), ...factors].join('\0');
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      const none = {
        input: null,
        output: null,
        cacheRead: null,
        cacheWriteShort: null,
        cacheWriteLong: null,
      };
      const own = { ...none, reasoning: null, tier: 'batch' as const, requests: 0 };
      const made = factors.length === 0 ? own : { ...own, factors };
      this.#sums.set(key, (sum = { operation, model, price, usage: made }));
    }
    sum.usage.requests += requests;
    for (const name of COUNTS) {
      const count = usage[name];
      if (count !== null) sum.usage[name] = (sum.usage[name] ?? 0) + count;
    }
    for (const name of OF_SOME) {
      const count = usage[name] ?? null;
      if (count !== null) sum.usage[name] = (sum.usage[name] ?? 0) + count;
    }
  }

  take(): BatchSum[] {
    const all = [...this.#sums.values()];
    this.#sums.clear();
    return all;
  }
}

/** How many thresholds of the price a prompt is above. */
function passed(price: Price | null, promptTokens: number): number {
  const thresholds = new Set((price?.components ?? []).map(({ over }) => over));
  return [...thresholds].filter((over) => over > 0 && promptTokens > over).length;
}
