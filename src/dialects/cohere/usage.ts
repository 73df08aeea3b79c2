// Token usage to and from the neutral form (wire.md 7.9). `tokens` are what the model read and wrote, `billed_units` what is
// paid for; the first are limited and compared, and stand in for the others where only one is told.
import type { Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { numberAt, objectAt } from '../lenient.ts';

/** Reads a `usage` object; null when it says nothing. */
export function readUsage(usage: JsonObject | null): Usage | null {
  if (usage === null) return null;
  const tokens = objectAt(usage, 'tokens');
  const billed = objectAt(usage, 'billed_units');
  const count = (key: string): number | null => countAt(tokens, key) ?? countAt(billed, key);
  // Of pictures beside texts, with a price of their own.
  const pictures = countAt(billed, 'image_tokens') ?? 0;
  const texts = count('input_tokens');
  const input = pictures > 0 ? (texts ?? 0) + pictures : texts;
  const output = count('output_tokens');
  const cacheRead = countAt(usage, 'cached_tokens');
  if (input === null && output === null && cacheRead === null) return null;
  const read: Usage = {
    input,
    cacheRead,
    cacheWriteShort: null,
    cacheWriteLong: null,
    output,
    reasoning: null,
  };
  if (pictures > 0) read.imageInput = pictures;
  return read;
}

/** Writes a `usage` object: counts that the upstream did not tell are 0, since clients add them up without asking. */
export function writeUsage({ input, output, cacheRead }: Usage): JsonObject {
  const tokens = { input_tokens: input ?? 0, output_tokens: output ?? 0 };
  const written: JsonObject = { billed_units: { ...tokens }, tokens };
  if (cacheRead !== null) written['cached_tokens'] = cacheRead;
  return written;
}

function countAt(object: JsonObject | null, key: string): number | null {
  const value = object === null ? null : numberAt(object, key);
  return value === null || value < 0 ? null : value;
}
