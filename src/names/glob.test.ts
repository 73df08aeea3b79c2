import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from './glob.ts';

describe('a glob', () => {
  it.each([
    ['openai/*', 'openai/gpt-4o', true],
    ['openai/*', 'openai', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['*-mini', 'openai/gpt-4o-mini', true],
    ['*-mini', 'openai/gpt-4o-mini-2', false],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'aXbYcZ', false],
    ['gpt-4.1', 'gpt-4x1', false],
    ['**a', 'ba', true],
  ])('%j on %j: %j', (pattern, name, matches) => {
    expect(matchesGlob(pattern, name)).toBe(matches);
  });

  it('says what an expression says', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '*', '.'), { maxLength: 10 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const expression = pattern
          .split(/\*+/)
          .map((part) => part.replaceAll('.', '\\.'))
          .join('.*');
        expect(matchesGlob(pattern, name)).toBe(new RegExp(`^${expression}$`).test(name));
      }),
    );
  });

  // An expression that goes back for each star would not come to an end.
  it('does not lose itself in a pattern of many stars', () => {
    expect(matchesGlob(`${'a*'.repeat(40)}b`, 'a'.repeat(5_000))).toBe(false);
  });
});
