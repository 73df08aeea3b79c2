// The JSON Schema that a request asks its answer to follow, in whatever dialect.
import { scanAnswer } from '../dialects/answer-json.ts';
import type { JsonObject } from '../contracts/json.ts';
import { objectAt } from '../dialects/lenient.ts';

export function requestedSchema(body: Buffer): JsonObject | null {
  let json: JsonObject;
  try {
    json = scanAnswer(body);
  } catch {
    return null;
  }
  const at = (...path: string[]): JsonObject | null =>
    path.reduce<JsonObject | null>((object, key) => (object === null ? null : objectAt(object, key)), json);
  return (
    at('response_format', 'json_schema', 'schema') ??
    at('text', 'format', 'schema') ??
    at('output_config', 'format', 'schema') ??
    at('output_format', 'schema') ??
    at('generationConfig', 'responseJsonSchema') ??
    at('generationConfig', 'responseSchema')
  );
}
