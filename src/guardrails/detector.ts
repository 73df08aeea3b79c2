// What looks for one kind of thing in a text, and all of them together.
//
// Whether a match begins at a place depends on nothing but the text around it. That is what makes a stream come out as the
// whole text would, wherever it is cut (redactor.ts).
import { LiteralTable } from './aho-corasick.ts';
import type { Anchored } from './anchors.ts';

export interface Match {
  start: number;
  end: number;
}

export interface Detector {
  /** What it finds, in upper case: `EMAIL`. Part of placeholders. */
  readonly label: string;
  /** One of them stands in whatever it finds (case aside); null = nothing so plain is known. */
  readonly literals: readonly string[] | null;
  /** The first match that begins at `from` or later. */
  next(text: string, from: number): Match | null;
  /**
   * The first place from `from` on where a match may begin of which the end of the text does not let tell yet, or that may
   * grow; the text's length = none.
   */
  undecided(text: string, from: number): number;
}

/** More is never held back: what is longer is taken as it is. */
export const MAX_HELD_CHARS = 8_192;

/** What was found, and by whom. */
export interface Found extends Match {
  detector: Pick<Detector, 'label'>;
}

/** All detectors of a guardrail. The leftmost match counts, of several there the longest, then the first in order. */
export class Finder {
  readonly #detectors: readonly Detector[];
  readonly #table: LiteralTable | null;
  /** Whose each literal of the table is. */
  readonly #owners: readonly number[];
  readonly #seen: Uint8Array;

  constructor(detectors: readonly Detector[]) {
    this.#detectors = detectors;
    const owners: number[] = [];
    const literals: string[] = [];
    for (const [index, detector] of detectors.entries())
      for (const literal of detector.literals ?? []) {
        owners.push(index);
        literals.push(literal);
      }
    this.#owners = owners;
    this.#seen = new Uint8Array(literals.length);
    this.#table = literals.length === 0 ? null : new LiteralTable(literals);
  }

  /** Every match that is not in another, in order. */
  all(text: string): Found[] {
    const found: Found[] = [];
    const scan = new Scan(this.active(text, 0), text);
    for (let one = scan.next(0); one !== null; one = scan.next(one.end)) found.push(one);
    return found;
  }

  first(text: string): Found | null {
    return new Scan(this.active(text, 0), text).next(0);
  }

  /** Those that may find something in the text from `from` on. */
  active(text: string, from: number): Detector[] {
    const seen = this.#seen;
    const active: Detector[] = [];
    if (this.#table !== null) {
      seen.fill(0);
      this.#table.mark(text, from, seen);
    }
    for (const [index, detector] of this.#detectors.entries())
      if (detector.literals === null) active.push(detector);
      else if (this.#stands(index)) active.push(detector);
    return active;
  }

  #stands(detector: number): boolean {
    for (let i = 0; i < this.#owners.length; i++)
      if (this.#owners[i] === detector && this.#seen[i] === 1) return true;
    return false;
  }

  /** As of a detector: the first place any of them has yet to decide on. */
  undecided(text: string, from: number): number {
    let first = text.length;
    for (const detector of this.#detectors) first = Math.min(first, detector.undecided(text, from));
    return Math.max(first, from);
  }
}

/** One look over one text. */
export class Scan {
  readonly #detectors: readonly Detector[];
  readonly #text: string;
  /** The next match of each, once looked for; undefined = not yet, null = none is left. */
  readonly #next: (Match | null | undefined)[];

  constructor(detectors: readonly Detector[], text: string) {
    this.#detectors = detectors;
    this.#text = text;
    this.#next = detectors.map(() => undefined);
  }

  next(from: number): Found | null {
    let best: Match | null = null;
    let owner = 0;
    for (let i = 0; i < this.#detectors.length; i++) {
      let match = this.#next[i];
      if (match === null) continue;
      if (match === undefined || match.start < from) {
        match = this.#detectors[i]!.next(this.#text, from);
        this.#next[i] = match;
        if (match === null) continue;
      }
      const better =
        best === null || match.start < best.start || (match.start === best.start && match.end > best.end);
      if (better) {
        best = match;
        owner = i;
      }
    }
    return best === null ? null : { start: best.start, end: best.end, detector: this.#detectors[owner]! };
  }
}

export interface PatternOptions {
  label: string;
  literals: readonly string[] | null;
  /** With flag `g`; must be linear. What goes before a match only by looking behind one character. */
  pattern: RegExp;
  /** What no match can do without; absent = the pattern is tried everywhere. No match begins in the middle of a run of them. */
  anchored?: Anchored;
  /** Every character a match may consist of. */
  characters: RegExp;
  /** Whether what has the form is one. */
  valid?(text: string): boolean;
  /** Of what has the form, how much is one, from its beginning; 0 = nothing. In place of `valid`. */
  measure?(text: string): number;
}

/** A detector by a pattern of our own. */
export function patternDetector({
  label,
  literals,
  pattern,
  anchored,
  characters,
  valid,
  measure,
}: PatternOptions): Detector {
  const isPart = characterSet(characters);
  const lengthOf = (form: string): number =>
    measure?.(form) ?? (valid === undefined || valid(form) ? form.length : 0);
  return {
    label,
    literals,
    next: anchored === undefined ? everywhere(pattern, lengthOf) : atAnchors(anchored, pattern, lengthOf),
    undecided(text, from) {
      const least = Math.max(from, text.length - MAX_HELD_CHARS);
      let at = text.length;
      while (at > least && isPart(text.charCodeAt(at - 1))) at--;
      return at;
    },
  };
}

function everywhere(pattern: RegExp, lengthOf: (form: string) => number): Detector['next'] {
  return (text, from) => {
    pattern.lastIndex = from;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const length = lengthOf(match[0]);
      if (length > 0) return { start: match.index, end: match.index + length };
      pattern.lastIndex = match.index + 1;
    }
    return null;
  };
}

function atAnchors(
  { anchors, reach }: Anchored,
  pattern: RegExp,
  lengthOf: (form: string) => number,
): Detector['next'] {
  const sticky = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}y`);
  return (text, from) => {
    let tried = from;
    for (let index = anchors.first(text, from); index < anchors.count; index++) {
      const anchor = anchors.at(index);
      for (let at = Math.max(tried, anchor - reach); at <= anchor; at++) {
        sticky.lastIndex = at;
        const match = sticky.exec(text);
        const length = match === null ? 0 : lengthOf(match[0]);
        if (length > 0) return { start: at, end: at + length };
      }
      tried = anchor + 1;
    }
    return null;
  };
}

function characterSet(characters: RegExp): (unit: number) => boolean {
  const ascii = new Uint8Array(128);
  for (let unit = 0; unit < 128; unit++) ascii[unit] = characters.test(String.fromCharCode(unit)) ? 1 : 0;
  return (unit) => unit < 128 && ascii[unit] === 1;
}
