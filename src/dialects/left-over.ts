// Names what a decoder did not read, so that nothing is lost in silence.
import type { Json, JsonObject } from '../contracts/json.ts';
import { at, isObject } from './read.ts';

/** What a vendor takes a member for that is absent, by its name: as JSON text. */
export type Assumed = Readonly<Record<string, string>>;

const NOTHING: Assumed = {};

/** Adds the path of every member that is not in `known` and says something, more than what is assumed without it. */
export function noteLeftOver(
  object: JsonObject,
  known: ReadonlySet<string>,
  path: string,
  dropped: string[],
  assumed: Assumed = NOTHING,
): void {
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (known.has(key) || value === false || !saysSomething(value)) continue;
    if (assumed[key] === undefined || JSON.stringify(value) !== assumed[key]) dropped.push(at(path, key));
  }
}

/** Not null, no empty list or object, and not Google's word for what is not said. */
export function saysSomething(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'string') return !value.endsWith('_UNSPECIFIED');
  return Array.isArray(value) ? value.length > 0 : !isObject(value) || Object.keys(value).length > 0;
}
