// Values of request members that say nothing: leaving them out loses nothing.
import type { Json } from '../contracts/json.ts';
import { isObject } from './read.ts';

/** What a vendor assumes where the member is absent. */
const ASSUMED: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['temperature', 1],
  ['top_p', 1],
  ['frequency_penalty', 0],
  ['presence_penalty', 0],
  ['top_logprobs', 0],
  ['n', 1],
  ['parallel_tool_calls', true],
  ['reasoning_effort', 'none'],
  ['verbosity', 'medium'],
  ['service_tier', 'auto'],
  ['truncation', 'disabled'],
]);

/** True when `value` of the member `name` is the default, or empty. */
export function saysNothing(name: string, value: Json): boolean {
  if (value === null || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0 || (name === 'modalities' && value.join() === 'text');
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === ASSUMED.get(name);
}
