// Schemas as Gemini's `parameters` and `responseSchema` write them, a subset of OpenAPI's with types in capitals, as JSON
// Schema. Members keep their order: prompts are cached by it.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { isObject } from '../read.ts';
import { enumName, SCHEMA_TYPES } from './enum-names.ts';

/** Protobuf writes 64-bit numbers as strings. */
const COUNTS: ReadonlySet<string> = new Set([
  'maxItems',
  'minItems',
  'maxLength',
  'minLength',
  'maxProperties',
  'minProperties',
]);
/** The SDKs' Python names, as people copy them. */
const SNAKE: Readonly<Record<string, string>> = {
  any_of: 'anyOf',
  max_items: 'maxItems',
  min_items: 'minItems',
  max_length: 'maxLength',
  min_length: 'minLength',
  max_properties: 'maxProperties',
  min_properties: 'minProperties',
  property_ordering: 'propertyOrdering',
};
/** Deepest that is followed; a body is of bounded depth anyway. */
const MAX_DEPTH = 256;

/** The schema as JSON Schema; the very same object when it is one already. */
export function decodeSchema(schema: JsonObject): JsonObject {
  return schemaAt(schema, 0);
}

function schemaAt(schema: JsonObject, depth: number): JsonObject {
  if (depth > MAX_DEPTH) return schema;
  let same = true;
  const entries: [string, Json | undefined][] = [];
  for (const [key, value] of Object.entries(schema)) {
    const name = SNAKE[key] ?? key;
    const read = memberOf(name, value, schema, depth);
    if (read === DROPPED) same = false;
    else {
      same &&= name === key && read === value;
      entries.push([name, read]);
    }
  }
  if (schema['nullable'] === true && schema['type'] === undefined && Array.isArray(schema['anyOf'])) {
    const any = entries.find(([name]) => name === 'anyOf');
    if (any !== undefined) any[1] = [...(any[1] as Json[]), { type: 'null' }];
  }
  return same ? schema : Object.fromEntries(entries);
}

const DROPPED = Symbol('says nothing in JSON Schema');

function memberOf(
  name: string,
  value: Json | undefined,
  schema: JsonObject,
  depth: number,
): Json | undefined | typeof DROPPED {
  switch (name) {
    case 'type':
      return typeOf(enumName(value, SCHEMA_TYPES), schema['nullable'] === true);
    case 'nullable':
    case 'propertyOrdering':
      return DROPPED;
    case 'format':
      return value === 'enum' ? DROPPED : value;
    case 'enum':
      return schema['nullable'] === true && Array.isArray(value) && !value.includes(null)
        ? [...value, null]
        : value;
    case 'properties':
      return isObject(value) ? mapMembers(value, depth) : value;
    case 'items':
    case 'additionalProperties':
      return isObject(value) ? schemaAt(value, depth + 1) : value;
    case 'anyOf':
    case 'oneOf':
    case 'allOf':
    case 'prefixItems':
      return mapList(value, depth);
    default:
      return COUNTS.has(name) && typeof value === 'string' && /^\d{1,15}$/.test(value)
        ? Number(value)
        : value;
  }
}

function typeOf(value: Json | undefined, nullable: boolean): Json | undefined | typeof DROPPED {
  if (typeof value !== 'string') return value;
  if (value === 'TYPE_UNSPECIFIED') return DROPPED;
  const name = /^[A-Z]+$/.test(value) ? value.toLowerCase() : value;
  return nullable && name !== 'null' ? [name, 'null'] : name;
}

function mapMembers(map: JsonObject, depth: number): JsonObject {
  let same = true;
  const entries = Object.entries(map).map(([key, value]): [string, Json | undefined] => {
    const read = isObject(value) ? schemaAt(value, depth + 1) : value;
    same &&= read === value;
    return [key, read];
  });
  return same ? map : Object.fromEntries(entries);
}

function mapList(value: Json | undefined, depth: number): Json | undefined {
  if (!Array.isArray(value)) return value;
  const read = value.map((item) => (isObject(item) ? schemaAt(item, depth + 1) : item));
  return read.some((item, index) => item !== value[index]) ? read : value;
}
