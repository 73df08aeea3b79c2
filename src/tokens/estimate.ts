// Token counts without a tokenizer, for limits and for bodies too small to be worth a thread.

/** Bytes of a request body per token: prose in English has 4.5, JSON and code 3, Chinese in UTF-8 3. */
const BYTES_PER_TOKEN = 3.5;

/** About how many tokens `bytes` of prompt are; see BodyFacts.promptBytes. Off by a third either way. */
export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}
