// Patterns that a configuration states: matched in linear time whatever they and the text are (RE2's algorithm, re2js), and only
// in texts that hold the letters they cannot do without.
import { createRequire } from 'node:module';
import type * as Re2 from 're2js';
import type { Detector } from './detector.ts';

/** RE2, loaded where a pattern is: it is large, and most configurations have none. @throws Error when RE2 does not take the pattern. */
export function compileRe2(source: string): Re2.RE2JS {
  // The package's own types.
  const { RE2JS } = createRequire(import.meta.url)('re2js') as typeof Re2;
  return RE2JS.compile(source);
}

/**
 * @param maxChars longest text the pattern stands for: what a stream holds back.
 * @throws Error when RE2 does not take the pattern.
 */
export function patternOf(source: string, maxChars: number): Detector {
  const compiled = compileRe2(source);
  const literal = requiredLiteral(source);
  return {
    label: 'PATTERN',
    literals: literal === null ? null : [literal],
    next(text, from) {
      const matcher = compiled.matcher(text);
      let at = from;
      while (at <= text.length && matcher.find(at)) {
        const start = matcher.start();
        const end = matcher.end();
        // What matches nothing is nothing to take out.
        if (end > start) return { start, end };
        at = start + 1;
      }
      return null;
    },
    // One more than the longest: a boundary looks at the next character.
    undecided: (text, from) => Math.max(from, text.length - maxChars),
  };
}

/**
 * The longest run of plain characters that must stand in every match, in lower case; null where none of two characters or more is
 * certain. Errs on the side of null.
 */
export function requiredLiteral(source: string): string | null {
  const pattern = source.replace(/^\(\?[imsU]+\)/, '');
  if (/[|]|\(\?[a-zA-Z-]+[:)]/.test(withoutEscapes(pattern))) return null;
  let best = '';
  let run = '';
  const close = (): void => {
    if (run.length > best.length) best = run;
    run = '';
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '\\') {
      const escaped = pattern[++at] ?? '';
      if (/[A-Za-z0-9]/.test(escaped)) {
        close();
        // `\x41`, `\p{L}`: what belongs to the escape is no literal.
        if (escaped === 'x' || escaped === 'p' || escaped === 'P' || escaped === 'Q') return finish(best);
      } else run += escaped;
    } else if (character === '[' || character === '(') {
      close();
      at = closing(pattern, at);
    } else if (character === '*' || character === '?' || character === '{') {
      // The character before may be missing.
      run = run.slice(0, -1);
      close();
      if (character === '{') at = Math.max(at, pattern.indexOf('}', at));
    } else if (character === '+' || character === '.' || character === '^' || character === '$') close();
    else run += character;
  }
  close();
  return finish(best);
}

function finish(best: string): string | null {
  const plain = best.toLowerCase();
  // Letters whose other case is longer or far away: K is also the sign of Kelvin.
  return plain.length >= 2 && /^[\x20-\x7e]+$/.test(plain) && !/[ks]/.test(plain) ? plain : kelvin(plain);
}

// Under (?i) `k` also matches U+212A and `s` U+017F, which the table of literals does not fold to them.
function kelvin(plain: string): string | null {
  const parts = plain.split(/[ks]|[^\x20-\x7e]/).sort((a, b) => b.length - a.length);
  return parts[0] !== undefined && parts[0].length >= 2 ? parts[0] : null;
}

function withoutEscapes(pattern: string): string {
  return pattern.replace(/\\./gs, '');
}

/** Where the class or group that opens at `from` closes. */
function closing(pattern: string, from: number): number {
  const isClass = pattern[from] === '[';
  let depth = 0;
  for (let at = from; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at++;
    else if (isClass) {
      if (character === ']' && at > from + 1 && !(at === from + 2 && pattern[from + 1] === '^')) return at;
    } else if (character === '[') at = closing(pattern, at);
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return at;
  }
  return pattern.length;
}
