// What a text must hold for a pattern in RE2's syntax to match in it: plain letters, or a digit. A text without is not looked through.
// Errs on the side of nothing: what is not understood is not required.

export interface PatternNeeds {
  /** One of them stands in every match, in lower case; null where no such list is certain. */
  literals: string[] | null;
  /** A digit from 0 to 9 stands in every match. */
  digit: boolean;
}

const NOTHING: PatternNeeds = { literals: null, digit: false };
/** Shorter ones stand in every text. */
const MIN_CHARS = 2;
const MAX_LITERALS = 32;
const MAX_DEPTH = 50;
/** `[0-9]`, `[1-9]`, `[\d]`, … */
const DIGITS = /^(?:\d-\d|\\d|\d)+$/;

export function requirementsOf(source: string): PatternNeeds {
  // Quoted parts, and characters by their number in octal.
  if (/\\[QECK]|\\\d/.test(source)) return NOTHING;
  const reader = new Reader(source);
  const needs = reader.alternation(0);
  return reader.failed || reader.at < source.length ? NOTHING : needs;
}

/** One part of a sequence. */
interface Atom {
  /** Itself, where it is a plain character. */
  character: string | null;
  needs: PatternNeeds;
}

class Reader {
  readonly #source: string;
  at = 0;
  failed = false;

  constructor(source: string) {
    this.#source = source;
  }

  /** Up to the parenthesis that closes it, or the end. */
  alternation(depth: number): PatternNeeds {
    if (depth > MAX_DEPTH) this.failed = true;
    const branches: PatternNeeds[] = [];
    while (!this.failed) {
      branches.push(this.#sequence(depth));
      if (this.#source[this.at] !== '|') break;
      this.at++;
    }
    const literals = branches.flatMap((branch) => branch.literals ?? []);
    const all = branches.every((branch) => branch.literals !== null) && literals.length <= MAX_LITERALS;
    return { literals: all ? literals : null, digit: branches.every(({ digit }) => digit) };
  }

  #sequence(depth: number): PatternNeeds {
    let best: string[] | null = null;
    let digit = false;
    let run = '';
    const offer = (literals: string[] | null): void => {
      if (literals !== null && shortest(literals) > shortest(best)) best = literals;
    };
    const close = (): void => {
      offer(certain(run));
      run = '';
    };
    while (!this.failed && this.at < this.#source.length) {
      const next = this.#source[this.at]!;
      if (next === '|' || next === ')') break;
      const { character, needs } = this.#atom(depth);
      const times = this.#times();
      if (character !== null && times !== 'maybe') run += character;
      if (character !== null && times === 'once') continue;
      close();
      if (times === 'maybe') continue;
      offer(needs.literals);
      digit ||= needs.digit;
    }
    close();
    return { literals: best, digit };
  }

  /** How often what was just read stands there. */
  #times(): 'once' | 'more' | 'maybe' {
    const rest = this.#source.slice(this.at, this.at + 16);
    const [sign, least] = /^(?:[*+?]|\{(\d*)(?:,\d*)?\})/.exec(rest) ?? [];
    if (sign === undefined) return 'once';
    this.at += sign.length;
    // Of two signs the second only says which match is preferred.
    if (this.#source[this.at] === '?') this.at++;
    if (sign === '*' || sign === '?') return 'maybe';
    return sign === '+' || Number(least) > 0 ? 'more' : 'maybe';
  }

  #atom(depth: number): Atom {
    const character = this.#source[this.at++]!;
    switch (character) {
      case '(':
        return { character: null, needs: this.#group(depth) };
      case '[':
        return { character: null, needs: this.#set() };
      case '\\':
        return this.#escape();
      case '.':
      case '^':
      case '$':
        return { character: null, needs: NOTHING };
      default:
        return { character, needs: isDigit(character) ? { literals: null, digit: true } : NOTHING };
    }
  }

  #group(depth: number): PatternNeeds {
    const rest = this.#source.slice(this.at, this.at + 80);
    const [head, flags] = /^(?:\?P?<\w{1,64}>|\?:|\?([imsU-]{1,8})[:)])/.exec(rest) ?? [];
    if (head === undefined && rest.startsWith('?')) this.failed = true;
    this.at += head?.length ?? 0;
    // Case does not count where the letters are looked for.
    if (flags !== undefined && head!.endsWith(')')) return NOTHING;
    const needs = this.alternation(depth + 1);
    if (this.#source[this.at] !== ')') this.failed = true;
    this.at++;
    return needs;
  }

  /** `[…]`. */
  #set(): PatternNeeds {
    const from = this.at;
    if (this.#source[this.at] === '^') this.at++;
    if (this.#source[this.at] === ']') this.at++;
    for (; this.#source[this.at] !== ']'; this.at++) {
      if (this.at >= this.#source.length) {
        this.failed = true;
        return NOTHING;
      }
      if (this.#source[this.at] === '\\') this.at++;
      // `[[:digit:]]`
      else if (this.#source.startsWith('[:', this.at)) {
        const end = this.#source.indexOf(':]', this.at);
        if (end > 0) this.at = end + 1;
      }
    }
    const inside = this.#source.slice(from, this.at++);
    return { literals: null, digit: DIGITS.test(inside) };
  }

  #escape(): Atom {
    const escaped = this.#source[this.at++];
    if (escaped === undefined) this.failed = true;
    if (escaped === 'd') return { character: null, needs: { literals: null, digit: true } };
    if (escaped === 'x' || escaped === 'p' || escaped === 'P') {
      const [rest] = /^(?:\{[^}]{0,40}\}|[0-9A-Fa-f]{2}|[A-Z])/.exec(this.#source.slice(this.at)) ?? [''];
      this.at += rest.length;
      return { character: null, needs: NOTHING };
    }
    const plain = escaped !== undefined && !/[A-Za-z0-9]/.test(escaped);
    return { character: plain ? escaped : null, needs: NOTHING };
  }
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';
const shortest = (literals: readonly string[] | null): number =>
  literals === null || literals.length === 0 ? 0 : Math.min(...literals.map(({ length }) => length));

/** Of characters that stand one behind the other the longest run of ASCII: in whatever case it is found (aho-corasick.ts). */
function certain(run: string): string[] | null {
  const parts = run.toLowerCase().split(/[^\x20-\x7e]/);
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '');
  return longest.length >= MIN_CHARS ? [longest] : null;
}
