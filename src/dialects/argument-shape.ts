// Arguments of a tool call as upstreams and clients really write them. The wire says: a string that holds a JSON object. Seen
// beside it: the object itself, `null`, nothing at all (of a tool without parameters), an empty list (PHP's empty object), and an
// object encoded twice. Clients parse it without looking.
import { parseLossless, stringifyJson } from '../body/lossless.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import { at, isObject, wrongType } from './read.ts';

/** Longest text looked into for another JSON text inside, in characters: beyond it nobody encodes twice by mistake. */
const MAX_TWICE = 1024 * 1024;

/**
 * The text of the object that `text` means: itself where it holds one, `{}` for nothing, null and an empty list, the inner text of
 * an object that was encoded twice. What means no object stays as it is.
 */
export function argumentsText(text: string): string {
  const first = text.trimStart()[0];
  if (first === undefined) return '{}';
  if (first !== '"' && first !== 'n' && first !== '[') return text;
  if (first === '"' && text.length > MAX_TWICE) return text;
  let value: Json;
  try {
    value = parseLossless(text, true);
  } catch {
    return text;
  }
  if (value === null || (Array.isArray(value) && value.length === 0)) return '{}';
  if (typeof value !== 'string') return text;
  if (value.trim() === '') return '{}';
  return isObjectText(value) ? value : text;
}

/** `arguments` (or `input`) as it stands in parsed JSON: a string, or what should have been in it. */
export function argumentsOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '{}';
  return argumentsText(typeof value === 'string' ? value : stringifyJson(value));
}

/** As `argumentsOf`, of a client's: what can stand for no object is a 400 that names the field. */
export function readArguments(object: JsonObject, key: string, path: string): string {
  const value = object[key];
  const nothing = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  if (!nothing && typeof value !== 'string' && !isObject(value))
    throw wrongType(at(path, key), 'a string', value);
  return argumentsOf(value);
}

function isObjectText(text: string): boolean {
  try {
    return isObject(parseLossless(text, true));
  } catch {
    return false;
  }
}

/** Arguments that come in pieces. Those of an object go on as they come; what does not begin like one waits for its end. */
export class ArgumentPieces {
  #held = '';
  #flows = false;

  /** Takes a piece; returns what can be said now. */
  take(piece: string): string {
    if (this.#flows) return piece;
    this.#held += piece;
    if (this.#held.trimStart()[0] !== '{') return '';
    this.#flows = true;
    return this.#release();
  }

  /** What was not said yet, as the object it means. */
  end(): string {
    return this.#flows ? '' : argumentsText(this.#release());
  }

  #release(): string {
    const text = this.#held;
    this.#held = '';
    return text;
  }
}
