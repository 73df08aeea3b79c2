// What a whole answer of an operation without codecs says it used.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { NO_QUANTITIES, type Quantities } from '../../contracts/quantities.ts';
import { objectAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';

/** Events hold what they tell of in one of these. */
const HOLDERS: readonly string[] = ['interaction', 'response'];

/**
 * Tokens, and seconds of sound, as OpenAI and those that speak like it tell them, events of Responses too, and as Google's
 * interactions and their events do. Null: it is no JSON object.
 */
export function rawFacts(body: Buffer | string, holders = HOLDERS): AnswerFacts | null {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    return null;
  }
  if (!isObject(json)) return null;
  for (const holder of holders) if (isObject(json) && isObject(json[holder])) json = json[holder];
  if (!isObject(json)) return null;
  const usage = isObject(json['usage']) ? json['usage'] : {};
  const input = count(usage['input_tokens'] ?? usage['prompt_tokens'] ?? usage['total_input_tokens']);
  const thought = count(usage['total_thought_tokens']);
  const said = count(usage['output_tokens'] ?? usage['completion_tokens'] ?? usage['total_output_tokens']);
  const output = said === null ? thought : said + (thought ?? 0);
  const quantities = quantitiesOf(json, usage);
  // Of what is written down the vendor's word has no `s`.
  const asked =
    objectAt(usage, 'input_tokens_details') ??
    objectAt(usage, 'input_token_details') ??
    objectAt(usage, 'prompt_tokens_details');
  const audioInput = count(asked?.['audio_tokens']);
  const imageInput = count(asked?.['image_tokens']);
  const imageOutput = count(objectAt(usage, 'output_tokens_details')?.['image_tokens']);
  return {
    usage:
      input === null && output === null
        ? null
        : {
            input,
            output,
            cacheRead: count(usage['total_cached_tokens'] ?? asked?.['cached_tokens']),
            cacheWriteShort: null,
            cacheWriteLong: null,
            reasoning: thought,
            ...(audioInput !== null && { audioInput }),
            ...(imageInput !== null && { imageInput }),
            ...(imageOutput !== null && { imageOutput }),
          },
    ...(quantities !== null && { quantities }),
    id: textOf(json['id']) ?? textOf(json['conversation_id']),
    stop: null,
    model: typeof json['model'] === 'string' ? json['model'] : null,
  };
}

/** Seconds of sound, pages that were read (Mistral), texts that were sorted into classes (Cohere: they are asked for as documents are). */
function quantitiesOf(json: JsonObject, usage: JsonObject): Quantities | null {
  const seconds = count(usage['seconds']) ?? count(usage['prompt_audio_seconds']) ?? lengthOf(json);
  const pages = count(objectAt(json, 'usage_info')?.['pages_processed']);
  const billed = objectAt(objectAt(json, 'meta') ?? {}, 'billed_units');
  const searches = count(billed?.['classifications']);
  if (seconds === null && pages === null && searches === null) return null;
  const size = json['object'] === 'video' ? textOf(json['size']) : null;
  return {
    ...NO_QUANTITIES,
    seconds,
    searches,
    ...(pages !== null && { pages }),
    ...(size !== null && { size }),
  };
}

/** Of sound that was written down, or of a film that is made; films say it as a text. */
function lengthOf(json: JsonObject): number | null {
  if (json['object'] === 'video') return count(Number(json['seconds'] ?? Number.NaN));
  return typeof json['text'] === 'string' && Array.isArray(json['segments']) ? count(json['duration']) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? value : null;
}
