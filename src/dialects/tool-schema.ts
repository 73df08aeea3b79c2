// Schemas of tools as a vendor takes them. An object at the top, without anyOf, oneOf, allOf, enum or not beside it, is what
// the strict ones want; OpenAI wants `properties` in it, and `items` in every list.
import type { ToolSchemaLimits } from '../contracts/capability.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import { arrayAt, objectAt } from './lenient.ts';
import { mapSchemas } from './map-schemas.ts';
import { isObject } from './read.ts';

const COMBINATORS = ['allOf', 'anyOf', 'oneOf'] as const;
const REFUSED_ON_TOP: ReadonlySet<string> = new Set([...COMBINATORS, 'enum', 'not']);
/** Combinators inside combinators, and references to references, are followed so far. */
const MAX_DEPTH = 8;

export interface FitSchema {
  schema: JsonObject;
  /** It no longer says all that it said. */
  adapted: boolean;
}

/**
 * The schema within the limits; the very same object when it was. Branches of a combinator at the top become properties of
 * the one object, those that not every branch requires optional: what fitted before still fits.
 *
 * @returns null when it describes no object, which no arguments can be.
 */
export function fitToolSchema(schema: JsonObject, limits: ToolSchemaLimits): FitSchema | null {
  if (limits.topLevelCombinators && !limits.needsProperties) return { schema, adapted: false };
  let fit = typed(schema);
  if (fit === null) return null;
  let adapted = fit !== schema && schema['type'] !== undefined;
  if (!limits.topLevelCombinators && Object.keys(fit).some((key) => REFUSED_ON_TOP.has(key))) {
    fit = folded(fit);
    adapted = true;
  }
  if (limits.needsProperties) {
    fit = mapSchemas(fit, withItems);
    if (fit['properties'] === undefined || fit['properties'] === null) fit = { ...fit, properties: {} };
  }
  return { schema: fit, adapted };
}

// Arguments are always an object: no type, null, and a list of types with it in mean the same.
function typed(schema: JsonObject): JsonObject | null {
  const { type } = schema;
  if (type === 'object') return schema;
  if (type === undefined) return { type: 'object', ...schema };
  const list = Array.isArray(type) ? type : [type];
  return list.includes('object') || list.every((name) => name === null || name === 'null')
    ? { ...schema, type: 'object' }
    : null;
}

function withItems(schema: JsonObject): JsonObject {
  const { type } = schema;
  const isList = type === 'array' || (Array.isArray(type) && type.includes('array'));
  return isList && schema['items'] === undefined && schema['prefixItems'] === undefined
    ? { ...schema, items: {} }
    : schema;
}

interface Shape {
  properties: Map<string, Json>;
  required: Set<Json>;
}

function folded(schema: JsonObject): JsonObject {
  const { properties, required } = shapeOf(schema, schema, 0);
  const entries = Object.entries(schema).filter(([key]) => !REFUSED_ON_TOP.has(key));
  const put = (key: string, value: Json): void => {
    const entry = entries.find(([name]) => name === key);
    if (entry === undefined) entries.push([key, value]);
    else entry[1] = value;
  };
  put('properties', Object.fromEntries(properties));
  if (required.size > 0 || schema['required'] !== undefined) put('required', [...required]);
  return Object.fromEntries(entries);
}

function shapeOf(schema: JsonObject, root: JsonObject, depth: number): Shape {
  const properties = new Map<string, Json>();
  const required = new Set<Json>(arrayAt(schema, 'required'));
  for (const [name, value] of Object.entries(objectAt(schema, 'properties') ?? {})) {
    if (value !== undefined) properties.set(name, value);
  }
  if (depth === MAX_DEPTH) return { properties, required };
  const target = referred(schema, root);
  const lists = COMBINATORS.map((key) => ({ all: key === 'allOf', branches: arrayAt(schema, key) }));
  if (target !== null) lists.unshift({ all: true, branches: [target] });
  for (const { all, branches } of lists) {
    const shapes = branches.filter(isObject).map((branch) => shapeOf(branch, root, depth + 1));
    for (const [name, value] of joined(shapes, all)) if (!properties.has(name)) properties.set(name, value);
    for (const name of shapes[0]?.required ?? [])
      if (shapes.every((shape) => shape.required.has(name))) required.add(name);
    if (all) for (const shape of shapes) for (const name of shape.required) required.add(name);
  }
  return { properties, required };
}

// A property that several branches describe may be as any of them says, or must be as all say.
function joined(shapes: readonly Shape[], all: boolean): Map<string, Json> {
  const variants = new Map<string, Map<string, Json>>();
  for (const { properties } of shapes) {
    for (const [name, value] of properties) {
      const known = variants.get(name) ?? new Map<string, Json>();
      variants.set(name, known.set(JSON.stringify(value), value));
    }
  }
  const join = all ? 'allOf' : 'anyOf';
  return new Map(
    [...variants].map(([name, known]) => {
      const values = [...known.values()];
      return [name, values.length === 1 ? values[0]! : { [join]: values }];
    }),
  );
}

// `#/$defs/Name` and `#/definitions/Name`, as generators of schemas write them.
function referred(schema: JsonObject, root: JsonObject): JsonObject | null {
  const match = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(
    typeof schema['$ref'] === 'string' ? schema['$ref'] : '',
  );
  return match === null ? null : objectAt(objectAt(root, match[1]!) ?? {}, match[2]!);
}
