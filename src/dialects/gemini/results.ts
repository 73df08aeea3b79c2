// Results of function calls: an object on this wire, where other dialects have text.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../read.ts';

export interface ResultText {
  text: string;
  isError: boolean;
}

/** What a `response` says: SDKs wrap a plain result as `{result}` or `{output}`, and a failure as `{error}`. */
export function readResult(response: JsonObject): ResultText {
  const keys = Object.keys(response);
  const [only] = keys;
  if (keys.length !== 1 || only === undefined) return { text: stringifyJson(response), isError: false };
  const value = response[only];
  if ((only === 'result' || only === 'output') && typeof value === 'string')
    return { text: value, isError: false };
  if (only !== 'error') return { text: stringifyJson(response), isError: false };
  return { text: typeof value === 'string' ? value : stringifyJson(value ?? null), isError: true };
}

/** The `response` that a text makes: the object it holds, else the text under a name. */
export function writeResult(text: string, isError: boolean): JsonObject {
  if (isError) return { error: text };
  if (text.trimStart().startsWith('{')) {
    try {
      const value = parseLossless(text, true);
      if (isObject(value)) return value;
    } catch {
      // A text like any other.
    }
  }
  return { result: text };
}
