// Typed readers of a client's JSON, shared by every dialect's request decoder: a wrong type is a 400 that names the
// JSON path (`messages[2].content[0].image_url.url`). Absent and null both read as null. For upstream output, where a
// surprise must not fail the call, see lenient.ts.
import type { Num } from '../contracts/chat.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Json, JsonObject, RawNumber } from '../contracts/json.ts';

// Node 22 has JSON.isRawJSON (source text access proposal); TypeScript's library does not know it yet.
const isRawJson = (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON;

/** Path of a member (`path.key`) or an element (`path[0]`) below `path`; `''` is the body itself. */
export function at(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** A 400 GW_CLIENT_BAD_REQUEST for the field at `param`. */
export function badRequest(param: string, message: string): GatewayError {
  return new GatewayError('GW_CLIENT_BAD_REQUEST', { param, message });
}

/** The 400 for a value of the wrong type: "'top_p' must be a number, but it is a string." */
export function wrongType(path: string, expected: string, value: unknown): GatewayError {
  const where = path === '' ? 'the body' : `'${path}'`;
  return badRequest(path, `Invalid type: ${where} must be ${expected}, but it is ${typeName(value)}.`);
}

function typeName(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (isRawJson(value)) return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** True for a number token kept as written (`JSON.rawJSON`). A client's own `{"rawJSON": …}` object is not one. */
export function isRawNumber(value: unknown): value is RawNumber {
  return isRawJson(value);
}

/** True for a JSON object: not null, not an array, not a kept number. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJson(value);
}

/** A Num as a JavaScript number, for comparisons only: never write this back. */
export function numberOf(num: Num): number {
  return typeof num === 'number' ? num : Number(num.rawJSON);
}

/** `value` as an object, else 400. */
export function asObject(value: Json | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw wrongType(path, 'an object', value);
}

/** `value` as an array, else 400. */
export function asArray(value: Json | undefined, path: string): Json[] {
  if (Array.isArray(value)) return value;
  throw wrongType(path, 'an array', value);
}

/** `value` as a string, else 400. */
export function asString(value: Json | undefined, path: string): string {
  if (typeof value === 'string') return value;
  throw wrongType(path, 'a string', value);
}

/** A member that may be absent or null, as a string. */
export function readString(object: JsonObject, key: string, path: string): string | null {
  const value = object[key];
  return value === undefined || value === null ? null : asString(value, at(path, key));
}

/** A member that must be a string. */
export function needString(object: JsonObject, key: string, path: string): string {
  return asString(object[key], at(path, key));
}

/** A member that may be absent or null, as a boolean. */
export function readBoolean(object: JsonObject, key: string, path: string): boolean | null {
  const value = object[key];
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value;
  throw wrongType(at(path, key), 'a boolean', value);
}

/** A member that may be absent or null, as a number exactly as the client wrote it. */
export function readNumber(object: JsonObject, key: string, path: string): Num | null {
  const value = object[key];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || isRawNumber(value)) return value;
  throw wrongType(at(path, key), 'a number', value);
}

/** As readNumber, for an integer of at least `min`. */
export function readInteger(object: JsonObject, key: string, path: string, min = 0): Num | null {
  const value = readNumber(object, key, path);
  if (value === null) return null;
  const number = numberOf(value);
  if (!Number.isInteger(number)) {
    throw badRequest(at(path, key), `Invalid type: '${at(path, key)}' must be an integer.`);
  }
  if (number < min)
    throw badRequest(at(path, key), `Invalid value: '${at(path, key)}' must be at least ${min}.`);
  return value;
}

/** A member that may be absent or null, as an object. */
export function readObject(object: JsonObject, key: string, path: string): JsonObject | null {
  const value = object[key];
  return value === undefined || value === null ? null : asObject(value, at(path, key));
}

/** A member that must be an object. */
export function needObject(object: JsonObject, key: string, path: string): JsonObject {
  return asObject(object[key], at(path, key));
}

/** A member that may be absent or null, as an array. */
export function readArray(object: JsonObject, key: string, path: string): Json[] | null {
  const value = object[key];
  return value === undefined || value === null ? null : asArray(value, at(path, key));
}

/** A member that must be an array. */
export function needArray(object: JsonObject, key: string, path: string): Json[] {
  return asArray(object[key], at(path, key));
}

/** A member that may be absent or null, as a list of strings. */
export function readStrings(object: JsonObject, key: string, path: string): string[] | null {
  const list = readArray(object, key, path);
  return list === null ? null : list.map((item, index) => asString(item, at(at(path, key), index)));
}

/** One of `values`, else a 400 that lists them. */
export function oneOf<T extends string>(value: string, values: readonly T[], path: string): T {
  for (const known of values) if (known === value) return known;
  const list = values.map((known) => `'${known}'`).join(', ');
  throw badRequest(path, `Invalid value: '${path}' must be one of ${list}.`);
}
