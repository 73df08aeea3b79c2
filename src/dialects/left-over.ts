// Names what a decoder did not read, so that nothing is lost in silence.
import type { Json, JsonObject } from '../contracts/json.ts';
import { at, isObject } from './read.ts';

/** Adds the path of every member that is not in `known` and says something (not null, no empty list or object). */
export function noteLeftOver(
  object: JsonObject,
  known: ReadonlySet<string>,
  path: string,
  dropped: string[],
): void {
  for (const key of Object.keys(object)) {
    if (!known.has(key) && saysSomething(object[key])) dropped.push(at(path, key));
  }
}

/** Not null, and no empty list or object. */
export function saysSomething(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  return Array.isArray(value) ? value.length > 0 : !isObject(value) || Object.keys(value).length > 0;
}
