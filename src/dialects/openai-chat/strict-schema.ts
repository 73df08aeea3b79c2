// Whether OpenAI's strict mode takes a schema as it is: closed objects that require every property, and no keyword it has not.
// Anthropic always keeps to a schema; `strict` is what says the same at OpenAI.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { isObject } from '../read.ts';

/** What strict mode knows; for any other keyword it answers 400. */
const KEYWORDS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$ref',
  '$defs',
  'definitions',
  'title',
  'description',
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'enum',
  'const',
]);
const TYPES: ReadonlySet<Json> = new Set([
  'string',
  'number',
  'integer',
  'boolean',
  'null',
  'object',
  'array',
]);
const MAPS = ['properties', '$defs', 'definitions'] as const;

/** True when strict mode is sure to take it. */
export function fitsStrict(schema: JsonObject): boolean {
  return schema['type'] === 'object' && schema['anyOf'] === undefined && fits(schema);
}

function fits(schema: Json | undefined): boolean {
  if (!isObject(schema)) return false;
  for (const key of Object.keys(schema)) if (!KEYWORDS.has(key)) return false;
  const { type, items, anyOf } = schema;
  const types = type === undefined ? [] : Array.isArray(type) ? type : [type];
  if (!types.every((name) => TYPES.has(name))) return false;
  if (types.includes('object') && !isClosed(schema)) return false;
  if (types.includes('array') && items === undefined) return false;
  if (
    types.length === 0 &&
    anyOf === undefined &&
    schema['$ref'] === undefined &&
    schema['enum'] === undefined
  )
    return false;
  if (items !== undefined && !fits(items)) return false;
  if (anyOf !== undefined && !(Array.isArray(anyOf) && anyOf.every(fits))) return false;
  return MAPS.every((key) => {
    const map = schema[key];
    return map === undefined || (isObject(map) && Object.values(map).every(fits));
  });
}

function isClosed({ properties, required, additionalProperties }: JsonObject): boolean {
  if (additionalProperties !== false || !isObject(properties)) return false;
  const names = new Set(Array.isArray(required) ? required : []);
  return Object.keys(properties).every((name) => names.has(name));
}
