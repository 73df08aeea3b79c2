// JSON in and out without touching a number: 20-digit integers, `1.0`, `1e3` and `-0` are kept as JSON.rawJSON
// objects that JSON.stringify prints verbatim. Used on the translated path and for tool arguments; never on the byte path.
import type { Json, RawNumber } from '../contracts/json.ts';

/** Deepest nesting that parseLossless takes of text nobody has inspected; JSON.stringify overflows near 4,150. */
const MAX_DEPTH = 512;

// What Node 22 has and TypeScript's es2024 library does not know yet.
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): Json;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
}
const json = JSON as unknown as JsonWithSource;

// Every number that does not print as written has one of these: an exponent, a value that prints with one (0.0000001), a
// fraction that ends in 0, 16 characters of digits, or it is `-0`. A number stands behind one of `:,[` and white space, so an
// id such as `chatcmpl-7e00000000000000000` is none; or it is the whole text. The same in a sentence is a false alarm that only
// costs the slow parse.
const MAYBE_EXOTIC = /[:,[\s]-?\d(?:[\d.]*[eE]|\.00000|\d*\.\d*0(?!\d)|[\d.]{15}|(?<=-0)(?!\.))/;
const NUMBER_ALONE = /^[-\d]/;

/**
 * Parses JSON; with `exotic` numbers that JavaScript would not print as written become raw numbers.
 *
 * @param exotic False only when the text was inspected and holds no such number (BodyFacts.exoticNumbers). True is
 *   always safe: text that is not inspected (tool arguments, upstream answers) is checked for depth and for such numbers.
 * @throws SyntaxError
 */
export function parseLossless(text: string, exotic: boolean): Json {
  if (!exotic) return JSON.parse(text) as Json;
  if (text.length > MAX_DEPTH) refuseDepth(text);
  if (!MAYBE_EXOTIC.test(text) && !NUMBER_ALONE.test(text)) return JSON.parse(text) as Json;
  return json.parse(text, keepSource);
}

/** Prints a value on one line; raw numbers verbatim. */
export function stringifyJson(value: Json): string {
  return JSON.stringify(value);
}

/** True for a number kept as it was written. */
export function isRaw(value: unknown): value is RawNumber {
  return json.isRawJSON(value);
}

/** A number to be printed as `text`. @throws SyntaxError when `text` is not a JSON primitive. */
export function rawNumber(text: string): RawNumber {
  return json.rawJSON(text);
}

function keepSource(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  return String(value) === context.source ? value : json.rawJSON(context.source);
}

// JSON.parse would take any depth, but the reviver and JSON.stringify recurse.
function refuseDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      at = text.indexOf('"', at + 1);
      while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
      if (at < 0) return;
    } else if (char === 0x5b || char === 0x7b) {
      if (++depth > MAX_DEPTH) throw new SyntaxError(`JSON is nested deeper than ${MAX_DEPTH} levels`);
    } else if (char === 0x5d || char === 0x7d) depth--;
  }
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}
