// Structured output for a model that has no such parameter, or only half of it: asked for in words.
import type { JsonObject } from '../contracts/json.ts';

const ALONE = 'and nothing else: no prose, no code fence.';

/** `json_object` in words. */
export const JSON_IN_WORDS = `Answer with one valid JSON object ${ALONE}`;

/** One of a few values, without the quotes of JSON, in words. */
export function choiceInWords(values: readonly string[]): string {
  return `Answer with exactly one of these values and nothing else, without quotes:\n${values.join('\n')}`;
}

/** `json_schema` in words. */
export function schemaInWords(schema: JsonObject): string {
  return `Answer with one valid JSON value that matches this JSON Schema ${ALONE}\n${JSON.stringify(schema)}`;
}
