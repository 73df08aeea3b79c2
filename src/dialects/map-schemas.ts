// Walks a JSON Schema: each schema in it may be replaced, from the outside in. What did not change stays the same object.
import type { Json, JsonObject } from '../contracts/json.ts';
import { isObject } from './read.ts';

const MAPS_OF_SCHEMAS: ReadonlySet<string> = new Set([
  'properties',
  '$defs',
  'definitions',
  'patternProperties',
  'dependentSchemas',
]);
const SCHEMAS: ReadonlySet<string> = new Set([
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

/** `schema` with `change` made to it and to every schema inside; the very same object when no change was made. */
export function mapSchemas(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  const outer = change(schema);
  let same = true;
  const entries = Object.entries(outer).map(([key, value]): [string, Json | undefined] => {
    const inner = MAPS_OF_SCHEMAS.has(key)
      ? mapMembers(value, change)
      : SCHEMAS.has(key)
        ? mapAny(value, change)
        : value;
    same &&= inner === value;
    return [key, inner];
  });
  return same ? outer : Object.fromEntries(entries);
}

function mapMembers(map: Json | undefined, change: (schema: JsonObject) => JsonObject): Json | undefined {
  if (!isObject(map)) return map;
  let same = true;
  const entries = Object.entries(map).map(([key, value]): [string, Json | undefined] => {
    const inner = mapAny(value, change);
    same &&= inner === value;
    return [key, inner];
  });
  return same ? map : Object.fromEntries(entries);
}

function mapAny(value: Json | undefined, change: (schema: JsonObject) => JsonObject): Json | undefined {
  if (isObject(value)) return mapSchemas(value, change);
  if (!Array.isArray(value)) return value;
  const inner = value.map((item) => (isObject(item) ? mapSchemas(item, change) : item));
  return inner.some((item, index) => item !== value[index]) ? inner : value;
}
