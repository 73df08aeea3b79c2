// Patterns that a configuration states: matched in linear time whatever they and the text are (RE2's algorithm, re2js), and only
// in texts that hold the letters they cannot do without.
import { createRequire } from 'node:module';
import type * as Re2 from 're2js';
import type { Detector } from './detector.ts';
import { requirementsOf } from './pattern-needs.ts';

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
  const { literals, digit } = requirementsOf(source);
  return {
    label: 'PATTERN',
    literals,
    ...(digit && { signs: '0123456789' }),
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
