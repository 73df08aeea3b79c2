// The charge of an attempt that is long over, at another price: found by the same function as at its end, of what the ledger has
// kept of it.
import type { Usage } from '../../src/contracts/chat.ts';
import type { Price } from '../../src/contracts/price.ts';
import type { LoggedUse } from '../../src/contracts/request-log.ts';
import { chargeAttempt, type ChargedAttempt } from '../../src/prices/attempt-charge.ts';
import { isPriceTier } from '../../src/prices/fields.ts';
import { operations } from '../../src/registry/operations.ts';

/** Of a charge what it is priced by. */
export interface ChargedUse extends LoggedUse {
  /** Name of an operation. */
  readonly operation: string;
  /** Null: it had no price. */
  readonly costNano: number | null;
  /** Something of it was not told. */
  readonly estimated: boolean;
}

export interface Recharge {
  /** Whole nanodollars. */
  readonly costNano: number;
  readonly priceVersion: string;
}

/** Null: at this price nobody can tell what it cost. */
export function rechargeOf(use: ChargedUse, price: Price | null): Recharge | null {
  const operation = Object.hasOwn(operations, use.operation)
    ? operations[use.operation as keyof typeof operations] // looked at just now
    : null;
  if (operation === null || price === null) return null;
  // Large films have a price of their own, and no charge says how large one was.
  if (operation.films === true) return null;
  const { images, characters, seconds, searches, pages, promptBytes, answerEvents, answerBytes } = use;
  // Earlier releases charged the pages that were told, and kept no word of how many.
  const forgotten = pages === null && use.costNano !== null && !use.estimated;
  if (forgotten && operation.meters.includes('pages')) return null;
  const counted = [images, characters, seconds, searches, pages].some((count) => count !== null);
  const record: ChargedAttempt = {
    // What is in the ledger was sent and answered.
    sentAt: 1,
    status: 200,
    // Its events count where it was not told whole, and nowhere else.
    errorType: answerEvents === null ? '' : 'gateway_internal',
    usage: usageOf(use),
    quantities: counted ? { images, characters, seconds, searches, ...(pages !== null && { pages }) } : null,
    contentEvents: answerEvents ?? 0,
    answerBytes: 0,
    costNano: null,
    priceVersion: '',
    estimated: false,
  };
  const call = { operation, facts: { promptBytes: promptBytes ?? 0 }, head: { method: 'POST' } };
  chargeAttempt(record, price, call, answerBytes ?? 0);
  const { costNano, priceVersion } = record;
  return costNano === null || priceVersion === '' ? null : { costNano, priceVersion };
}

function usageOf(use: ChargedUse): Usage | null {
  const { inputTokens: input, outputTokens: output, cacheWriteTokens: written, tier, factors } = use;
  const long = use.cacheWriteLongTokens;
  const { cacheReadTokens, reasoningTokens, audioInputTokens, audioOutputTokens } = use;
  const { imageInputTokens: imageInput, imageOutputTokens: imageOutput, webSearches, searchSize } = use;
  const { videoInputTokens: videoInput } = use;
  const told = [
    input,
    output,
    written,
    cacheReadTokens,
    reasoningTokens,
    audioInputTokens,
    audioOutputTokens,
    imageInput,
    imageOutput,
    videoInput,
    webSearches,
  ];
  if (told.every((count) => count === null)) return null;
  return {
    input,
    cacheRead: use.cacheReadTokens,
    cacheWriteShort: written === null ? null : Math.max(0, written - (long ?? 0)),
    cacheWriteLong: long,
    output,
    reasoning: use.reasoningTokens,
    audioInput: use.audioInputTokens,
    audioOutput: use.audioOutputTokens,
    ...(tier !== null && isPriceTier(tier) ? { tier } : {}),
    ...(factors === null ? {} : { factors }),
    ...(use.requests === null ? {} : { requests: use.requests }),
    ...(imageInput === null ? {} : { imageInput }),
    ...(imageOutput === null ? {} : { imageOutput }),
    ...(videoInput === null ? {} : { videoInput }),
    ...(webSearches === null ? {} : { webSearches }),
    ...(searchSize === null ? {} : { searchSize }),
  };
}
