// Log probabilities of tokens as OpenAI's two dialects write them, to and from the neutral form.
import type { TokenChance, TokenLogprob } from '../contracts/chat.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import { arrayAt, numberAt, stringAt } from './lenient.ts';
import { isObject } from './read.ts';

/** The entries of a list of log probabilities that can be read. */
export function readLogprobs(list: readonly Json[]): TokenLogprob[] {
  return list
    .map((entry) => {
      const chance = readChance(entry);
      if (chance === null || !isObject(entry)) return null;
      const top = arrayAt(entry, 'top_logprobs')
        .map(readChance)
        .filter((other) => other !== null);
      return { ...chance, top };
    })
    .filter((entry) => entry !== null);
}

/** The list of them. */
export function writeLogprobs(logprobs: readonly TokenLogprob[] | undefined): JsonObject[] {
  return (logprobs ?? []).map((entry) => ({
    ...writeChance(entry),
    top_logprobs: entry.top.map(writeChance),
  }));
}

function readChance(entry: Json): TokenChance | null {
  if (!isObject(entry)) return null;
  const token = stringAt(entry, 'token');
  const logprob = numberAt(entry, 'logprob');
  if (token === null || logprob === null) return null;
  const bytes = arrayAt(entry, 'bytes').filter((byte) => typeof byte === 'number');
  return { token, logprob, bytes: Array.isArray(entry['bytes']) ? bytes : null };
}

function writeChance({ token, logprob, bytes }: TokenChance): JsonObject {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}
