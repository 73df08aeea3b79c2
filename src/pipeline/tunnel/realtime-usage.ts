// What a turn of a spoken conversation used, in the words of OpenAI's Realtime API.
import type { AnswerFacts, Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { NO_QUANTITIES } from '../../contracts/quantities.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';

/** @param event `response.done`. */
export function turnFacts(event: JsonObject): AnswerFacts {
  const response = objectAt(event, 'response') ?? {};
  return {
    usage: usageOf(objectAt(response, 'usage')),
    stop: null,
    model: null,
    id: stringAt(response, 'id'),
  };
}

function usageOf(told: JsonObject | null): Usage | null {
  if (told === null) return null;
  const input = objectAt(told, 'input_token_details');
  const output = objectAt(told, 'output_token_details');
  const seen = count(input?.['image_tokens']);
  return {
    ...(seen !== null && seen > 0 && { imageInput: seen }),
    input: count(told['input_tokens']),
    output: count(told['output_tokens']),
    cacheRead: count(input?.['cached_tokens']),
    cacheWriteShort: null,
    cacheWriteLong: null,
    reasoning: null,
    audioInput: count(input?.['audio_tokens']),
    audioOutput: count(output?.['audio_tokens']),
  };
}

/** @param event that tells what was heard: tokens, or the seconds of it. */
export function writtenFacts(event: JsonObject): AnswerFacts {
  const told = objectAt(event, 'usage');
  const seconds = told === null ? null : count(told['seconds'], false);
  return {
    usage: seconds === null ? usageOf(told) : null,
    ...(seconds !== null && { quantities: { ...NO_QUANTITIES, seconds } }),
    stop: null,
    model: null,
    id: stringAt(event, 'item_id'),
  };
}

/** @param whole as tokens are. */
export const count = (value: unknown, whole = true): number | null => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null;
  return whole ? Math.round(value) : value;
};

/** Seconds of a live session as its last event tells them, else those it lasted. */
export function sessionFacts(event: JsonObject | null, lastedMs: number): AnswerFacts {
  const session = event === null ? null : (objectAt(event, 'session') ?? event);
  const told = session === null ? null : objectAt(session, 'usage');
  const seconds = count(told?.['seconds'] ?? told?.['duration_seconds']) ?? Math.ceil(lastedMs / 1000);
  return { usage: null, quantities: { ...NO_QUANTITIES, seconds }, stop: null, model: null, id: null };
}

/**
 * The event a message is, if its text names one of `types`. Most messages are sound: they are searched for a few words, and
 * never parsed.
 */
export function eventOf(text: string, types: readonly string[]): JsonObject | null {
  if (!types.some((type) => text.includes(`"${type}"`))) return null;
  const event = parseObject(text);
  return event !== null && types.includes(String(event['type'])) ? event : null;
}
