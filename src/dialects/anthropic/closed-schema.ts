// Anthropic's structured output takes only objects that are closed: `additionalProperties: false` on each.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { isObject } from '../read.ts';

const MAPS_OF_SCHEMAS = new Set([
  'properties',
  '$defs',
  'definitions',
  'patternProperties',
  'dependentSchemas',
]);
const SCHEMAS = new Set([
  'items',
  'prefixItems',
  'anyOf',
  'oneOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'contains',
]);

/** The schema with every open object closed; the very same object when nothing was open. */
export function closeSchema(schema: JsonObject): JsonObject {
  let changed = false;
  const entries = Object.entries(schema).map(([key, value]): [string, Json | undefined] => {
    const closed = MAPS_OF_SCHEMAS.has(key) ? closeMap(value) : SCHEMAS.has(key) ? closeAny(value) : value;
    changed ||= closed !== value;
    return [key, closed];
  });
  const { additionalProperties: rest } = schema;
  if (describesObject(schema) && (rest === undefined || rest === true)) {
    // An existing `true` is replaced in its place: key order stays.
    return { ...Object.fromEntries(entries), additionalProperties: false };
  }
  return changed ? Object.fromEntries(entries) : schema;
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
