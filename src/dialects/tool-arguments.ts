// Whether the pieces of a tool call's arguments came all. JSON tells by itself when its end, its beginning or something
// between is missing; nothing else in a stream does.
import { badOutput } from './bad-output.ts';

/** Characters of arguments that one stream may gather to be checked (and, without a name, to be kept waiting). */
const MAX_GATHERED = 4 * 1024 * 1024;

/** What is left for the tool calls of one stream. */
export class ArgumentRoom {
  #left = MAX_GATHERED;

  /** False: too long to be checked. */
  take(piece: string): boolean {
    this.#left -= piece.length;
    return this.#left >= 0;
  }
}

/**
 * @param cut the answer was cut short, and perhaps in this call: then they only need to begin as arguments do.
 * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT unless `text` is JSON or nothing (a call without arguments).
 */
export function checkArguments(text: string, cut: boolean): void {
  const good = isWhole(text) || (cut && text.trimStart().startsWith('{'));
  if (!good) throw badOutput('The arguments of a tool call are not whole.');
}

/** Whether `text` is JSON, or nothing. */
export function isWhole(text: string): boolean {
  if (text.trim() === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
