// Log probabilities of the tokens of an answer. Cohere tells them by token id, with the text beside; other dialects by the
// text alone.
import type { TokenLogprob } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, stringAt } from '../lenient.ts';

/** One item: mostly a single token; the log probabilities of several multiply their chances, so they add up. */
export function readLogprob(item: JsonObject): TokenLogprob {
  const numbers = arrayAt(item, 'logprobs').filter((value) => typeof value === 'number');
  const logprob = numbers.reduce((sum, value) => sum + value, 0);
  return { token: stringAt(item, 'text') ?? '', logprob, bytes: null, top: [] };
}

/** The same of a token whose id nobody told. */
export function writeLogprob({ token, logprob }: TokenLogprob): JsonObject {
  return { text: token, token_ids: [], logprobs: [logprob] };
}
