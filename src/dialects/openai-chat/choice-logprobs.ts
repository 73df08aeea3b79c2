// `logprobs` of a choice, whole or streamed.
import type { TokenLogprob } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt } from '../lenient.ts';
import { readLogprobs, writeLogprobs } from '../token-logprobs.ts';

/** Those of a choice's text; none where it tells none. */
export function logprobsIn(choice: JsonObject): TokenLogprob[] {
  const logprobs = objectAt(choice, 'logprobs');
  return logprobs === null ? [] : readLogprobs(arrayAt(logprobs, 'content'));
}

/** The member's value. */
export function writeChances(logprobs: readonly TokenLogprob[]): JsonObject | null {
  return logprobs.length === 0 ? null : { content: writeLogprobs(logprobs), refusal: null };
}
