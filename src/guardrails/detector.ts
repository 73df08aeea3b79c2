// What looks for one kind of thing in a text, and all of them together.
//
// Whether a match begins at a place depends on nothing but the text around it. That is what makes a stream come out as the
// whole text would, wherever it is cut (redactor.ts).
import { LiteralTable } from './aho-corasick.ts';
import type { Anchored } from './anchors.ts';
import { CodeUnits } from './code-units.ts';
import { SignSet } from './sign-set.ts';

export interface Match {
  start: number;
  end: number;
}

export interface Detector {
  /** What it finds, in upper case: `EMAIL`. Part of placeholders. */
  readonly label: string;
  /** One of them stands in whatever it finds (case aside); null = nothing so plain is known. */
  readonly literals: readonly string[] | null;
  /** One of these characters, all ASCII, stands in whatever it finds; absent = nothing so plain is known. Beside `literals`. */
  readonly signs?: string;
  /** Where `undecided` is the first place from which the text may be the beginning of one of the literals, or all of it. */
  readonly byLiterals?: true;
  /** Where `undecided` is the beginning of the run of these characters at the end of the text: they, all ASCII. */
  readonly tail?: string;
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

const NONE: readonly Detector[] = [];

/** All detectors of a guardrail. The leftmost match counts, of several there the longest, then the first in order. */
export class Finder {
  readonly #detectors: readonly Detector[];
  readonly #table: LiteralTable | null;
  /** Whose each literal of the table is. */
  readonly #owners: readonly number[];
  /** One per detector: 1 = one of its literals was seen. */
  readonly #seen: Uint8Array;
  #anySeen = false;
  /** Signs that detectors without a literal wait for, and each detector's place among them; -1 = it waits for none. */
  readonly #signs: SignSet;
  readonly #signOf: readonly number[];
  /** Some are active whatever the text is. */
  readonly #always: boolean;
  /** Ends of texts that detectors are undecided on, and those that have their own way to tell. */
  readonly #tails: SignSet;
  readonly #others: readonly Detector[];
  /** The table of literals says all there is to say of where nothing stands. */
  readonly #byLiterals: boolean;
  readonly #text = new CodeUnits();

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
    this.#seen = new Uint8Array(detectors.length);
    this.#table = literals.length === 0 ? null : new LiteralTable(literals);
    const waiting = detectors.map(({ literals, signs }) => (literals === null ? (signs ?? null) : null));
    this.#signs = new SignSet(waiting.filter((signs) => signs !== null));
    this.#signOf = waiting.map((signs) => (signs === null ? -1 : this.#signs.placeOf(signs)));
    this.#always = detectors.some(({ literals }, index) => literals === null && this.#signOf[index] === -1);
    this.#tails = new SignSet(detectors.map(({ tail }) => tail).filter((tail) => tail !== undefined));
    this.#byLiterals = detectors.every(
      ({ literals, byLiterals }) => literals !== null && byLiterals === true,
    );
    this.#others = detectors.filter(({ tail }) => tail === undefined || this.#tails.placeOf(tail) === -1);
  }

  /** One of them stands in whatever is found (case aside); null = nothing so plain is known. */
  get literals(): readonly string[] | null {
    const all: string[] = [];
    for (const { literals } of this.#detectors) {
      if (literals === null) return null;
      all.push(...literals);
    }
    return all;
  }

  /** Every match that is not in another, in order. */
  all(text: string): Found[] {
    const found: Found[] = [];
    const scan = new Scan(this.active(text, 0), text);
    for (let one = scan.next(0); one !== null; one = scan.next(one.end)) found.push(one);
    return found;
  }

  first(text: string): Found | null {
    const active = this.active(text, 0);
    return active.length === 0 ? null : new Scan(active, text).next(0);
  }

  /** Those that may find something in the text from `from` on. */
  active(text: string, from: number): readonly Detector[] {
    const signs = this.#look(text, from);
    if (!this.#anySeen && !this.#always && signs === 0) return NONE;
    const active: Detector[] = [];
    for (const [index, detector] of this.#detectors.entries())
      if (this.#mayFind(index, detector, signs)) active.push(detector);
    return active;
  }

  #mayFind(index: number, { literals }: Detector, signs: number): boolean {
    if (literals !== null) return this.#seen[index] === 1;
    const place = this.#signOf[index]!;
    return place === -1 || (signs & (1 << place)) !== 0;
  }

  /** One pass over the text, for all of them. @returns the signs that stand in it. */
  #look(text: string, from: number): number {
    if (this.#anySeen) this.#seen.fill(0);
    this.#anySeen = false;
    const { units } = this.#text;
    let signs = 0;
    let row = 0;
    for (let at = from; at < text.length; ) {
      const count = this.#text.read(text, at);
      if (this.#table !== null) row = this.#table.step(units, count, row, this.#note);
      signs |= this.#signs.in(units, count, signs);
      at += count;
    }
    return signs;
  }

  readonly #note = (literals: readonly number[]): void => {
    this.#anySeen = true;
    for (const literal of literals) this.#seen[this.#owners[literal]!] = 1;
  };

  /** Whether a text behind which nothing is held may go on whatever follows it: nothing is found in it, and nothing may begin. */
  passes(text: string): boolean {
    if (this.#byLiterals) return this.#table === null || this.#table.isClear(text);
    return this.undecided(text, 0) === text.length && this.active(text, 0).length === 0;
  }

  /** As of a detector: the first place any of them has yet to decide on. */
  undecided(text: string, from: number): number {
    let first = this.#tails.tailOf(text, Math.max(from, text.length - MAX_HELD_CHARS));
    for (const detector of this.#others) first = Math.min(first, detector.undecided(text, from));
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
  const tail = asciiOf(characters);
  const isPart = new SignSet([tail]);
  const lengthOf = (form: string): number =>
    measure?.(form) ?? (valid === undefined || valid(form) ? form.length : 0);
  return {
    label,
    literals,
    ...(anchored !== undefined && { signs: anchored.anchors.characters }),
    tail,
    next: anchored === undefined ? everywhere(pattern, lengthOf) : atAnchors(anchored, pattern, lengthOf),
    undecided: (text, from) => isPart.tailOf(text, Math.max(from, text.length - MAX_HELD_CHARS)),
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

function asciiOf(characters: RegExp): string {
  let all = '';
  for (let unit = 0; unit < 128; unit++) {
    const character = String.fromCharCode(unit);
    if (characters.test(character)) all += character;
  }
  return all;
}
