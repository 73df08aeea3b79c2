// A text in pieces, with everything its detectors find replaced: whatever the cuts, the pieces that come out join to what the
// whole text would have become, and no piece holds a character of what is to be replaced.
import { type Finder, type Found, MAX_HELD_CHARS, Scan } from './detector.ts';

/** The text ends before what was found. */
export const STOP = Symbol('stop');

/**
 * What stands in the place of what was found; null = it stays.
 *
 * @param before the character before it, '' at the beginning.
 */
export type Replace = (text: string, found: Found, before: string) => string | null | typeof STOP;

export class Redactor {
  readonly #finder: Finder;
  readonly #replace: Replace;
  /** The last character that went out or was replaced, and behind it what is held. */
  #text = '';
  /** Where what is held begins in it. */
  #from = 0;
  /** Nothing goes on any more. */
  stopped = false;

  constructor(finder: Finder, replace: Replace) {
    this.#finder = finder;
    this.#replace = replace;
  }

  /** Characters held back. */
  get held(): number {
    return this.#text.length - this.#from;
  }

  /** @returns what may go on, perhaps nothing. */
  push(piece: string): string {
    if (this.stopped) return '';
    const text = (this.#text += piece);
    return this.#release(Math.min(this.#finder.undecided(text, this.#from), wholeEnd(text)), false);
  }

  /** Whether `push` would give the text as it is, with nothing held before it or behind. */
  passes(piece: string): boolean {
    if (this.stopped || this.held > 0 || piece === '' || wholeEnd(piece) < piece.length) return false;
    return this.#finder.passes(piece);
  }

  /** In place of `push`, of a text that passes. */
  passed(piece: string): void {
    this.#text = piece.slice(-1);
    this.#from = 1;
  }

  /** Whether anything is found in a text that is none of its own. */
  finds(text: string): boolean {
    return this.#finder.first(text) !== null;
  }

  /** Nothing follows. */
  end(): string {
    if (this.stopped) return '';
    const rest = this.#release(this.#text.length, true);
    this.#text = '';
    this.#from = 0;
    return rest;
  }

  #release(limit: number, last: boolean): string {
    const text = this.#text;
    let from = this.#from;
    let out = '';
    let to = Math.max(limit, from);
    const active = this.#finder.active(text, from);
    if (active.length > 0) {
      const scan = new Scan(active, text);
      for (let found = scan.next(from); found !== null; found = scan.next(from)) {
        if (!last && (found.start >= to || mayGrow(found, text.length))) {
          to = Math.min(to, found.start);
          break;
        }
        out += text.slice(from, found.start);
        const value = text.slice(found.start, found.end);
        const instead = this.#replace(value, found, text.slice(Math.max(0, found.start - 1), found.start));
        if (instead === STOP) {
          this.stopped = true;
          return out;
        }
        out += instead ?? value;
        from = found.end;
        to = Math.max(to, from);
      }
    }
    out += text.slice(from, to);
    // One character is kept for patterns that look behind.
    this.#text = to > 0 ? text.slice(to - 1) : text;
    this.#from = Math.min(to, 1);
    return out;
  }
}

/** A whole text at once. */
export function redact(text: string, finder: Finder, replace: Replace): string {
  if (finder.active(text, 0).length === 0) return text;
  const redactor = new Redactor(finder, replace);
  return redactor.push(text) + redactor.end();
}

function mayGrow({ start, end }: Found, length: number): boolean {
  return end === length && length - start < MAX_HELD_CHARS;
}

/** Not between the halves of a surrogate pair. */
function wholeEnd(text: string): number {
  const unit = text.charCodeAt(text.length - 1);
  return unit >= 0xd800 && unit <= 0xdbff ? text.length - 1 : text.length;
}
