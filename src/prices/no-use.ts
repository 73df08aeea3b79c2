import type { BilledUse } from '../contracts/price.ts';

/** Nothing used of anything: what was used is written over it. */
export const NO_USE: BilledUse = {
  requests: 1,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: { '5m': 0, '1h': 0, '12h': 0 },
  outputTokens: 0,
  reasoningTokens: 0,
  audioInputTokens: 0,
  audioOutputTokens: 0,
  imageInputTokens: 0,
  imageOutputTokens: 0,
  videoInputTokens: 0,
  others: [],
  tier: null,
  factors: [],
};
