// Names what a decoder did not read, so that nothing is lost in silence.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { at } from '../read.ts';

/** Adds the path of every member that is not in `known` and says something (not null, not an empty list). */
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

function saysSomething(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}
