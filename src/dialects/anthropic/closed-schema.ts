// Anthropic's structured output takes only part of JSON Schema: closed objects (`additionalProperties: false`) and no
// limits on numbers, lengths or counts. What it refuses moves into the description, where the model reads it, as the
// vendor's SDKs do (@anthropic-ai/sdk 1.14.0, transform-json-schema).
import { stringifyJson } from '../../body/lossless.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { isObject } from '../read.ts';

const MAPS_OF_SCHEMAS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const SCHEMAS: ReadonlySet<string> = new Set(['items', 'anyOf', 'allOf']);
/** Taken as they are. */
const PLAIN: ReadonlySet<string> = new Set([
  'type',
  'required',
  'enum',
  'const',
  '$ref',
  '$id',
  '$anchor',
  '$comment',
  'title',
  'description',
  'default',
]);
const FORMATS: ReadonlySet<Json | undefined> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

/** The schema as Anthropic takes it; the very same object when nothing had to change. */
export function closeSchema(schema: JsonObject): JsonObject {
  const out: JsonObject = {};
  const said: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (MAPS_OF_SCHEMAS.has(key)) out[key] = closeMap(value);
    // Nothing may stand beside a reference but the definitions.
    else if (schema.$ref !== undefined && key !== '$ref') continue;
    else if (SCHEMAS.has(key)) out[key] = closeAny(value);
    else if (PLAIN.has(key) || isTaken(key, value)) out[key] = value;
    else if (key === 'oneOf' && schema.anyOf === undefined) out.anyOf = closeAny(value);
    else if (key === 'additionalProperties') {
      // Replaced in its place: key order stays.
      out[key] = false;
      if (isObject(value)) said.push(limit(key, value));
    } else if (key !== '$schema') said.push(limit(key, value));
  }
  if (describesObject(out)) out.additionalProperties = false;
  const keys = Object.keys(out);
  if (keys.length === Object.keys(schema).length && keys.every((key) => out[key] === schema[key]))
    return schema;
  if (said.length > 0) {
    const limits = `{${said.join(', ')}}`;
    const { description } = out;
    out.description =
      typeof description === 'string' && description !== '' ? `${description}\n\n${limits}` : limits;
  }
  return out;
}

function limit(key: string, value: Json | undefined): string {
  return `${key}: ${stringifyJson(value ?? null)}`;
}

function isTaken(key: string, value: Json | undefined): boolean {
  if (key === 'minItems') return value === 0 || value === 1;
  return key === 'format' && FORMATS.has(value);
}

function describesObject({ type, properties }: JsonObject): boolean {
  return type === 'object' || properties !== undefined || (Array.isArray(type) && type.includes('object'));
}

function closeMap(map: Json | undefined): Json | undefined {
  if (!isObject(map)) return map;
  let changed = false;
  const entries = Object.entries(map).map(([key, value]): [string, Json | undefined] => {
    const closed = closeAny(value);
    changed ||= closed !== value;
    return [key, closed];
  });
  return changed ? Object.fromEntries(entries) : map;
}

function closeAny(value: Json | undefined): Json | undefined {
  if (isObject(value)) return closeSchema(value);
  if (!Array.isArray(value)) return value;
  const closed = value.map((item) => (isObject(item) ? closeSchema(item) : item));
  return closed.some((item, index) => item !== value[index]) ? closed : value;
}
