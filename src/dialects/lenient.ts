// Readers of upstream output: what is not there or of another type reads as null, because an upstream's surprise in a
// field we only observe must not fail the call. For client input see read.ts.
import type { Json, JsonObject } from '../contracts/json.ts';
import { isObject, isRawNumber } from './read.ts';

/** The member as a string, else null. */
export function stringAt(object: JsonObject, key: string): string | null {
  const value = object[key];
  return typeof value === 'string' ? value : null;
}

/** The member as a finite number, else null. */
export function numberAt(object: JsonObject, key: string): number | null {
  const value = object[key];
  const number = isRawNumber(value) ? Number(value.rawJSON) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** The member as an object, else null. */
export function objectAt(object: JsonObject, key: string): JsonObject | null {
  const value = object[key];
  return isObject(value) ? value : null;
}

/** The member as an array, else an empty one. */
export function arrayAt(object: JsonObject, key: string): Json[] {
  const value = object[key];
  return Array.isArray(value) ? value : [];
}

/** JSON text as an object; null when it is not JSON or not an object. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
