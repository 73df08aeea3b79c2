import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createStopSet, StopMatcher } from './stop-matcher.ts';

/** What is said of a text in pieces, and what ended it. */
function cut(stops: readonly string[], pieces: readonly string[]): [said: string, hit: string | null] {
  const matcher = new StopMatcher(createStopSet(stops));
  let said = '';
  for (const piece of pieces) said += matcher.take(piece);
  return [said + matcher.rest(), matcher.hit];
}

/** The same of a whole text, by looking at every beginning of it. */
function simply(stops: readonly string[], text: string): [said: string, hit: string | null] {
  for (let end = 1; end <= text.length; end++) {
    const done = stops.filter((stop) => text.slice(0, end).endsWith(stop));
    const [hit] = done.toSorted((one, other) => other.length - one.length);
    if (hit !== undefined) return [text.slice(0, end - hit.length), hit];
  }
  return [text, null];
}

describe('a text', () => {
  test.each([
    ['ends where its sequence begins', ['END'], ['one END two'], 'one ', 'END'],
    ['ends so in pieces', ['END'], ['one E', 'N', 'D two', ' three'], 'one ', 'END'],
    ['is whole without one', ['END'], ['one EN', 'd E'], 'one ENd E', null],
    ['may begin with it', ['\n'], ['\n', 'x'], '', '\n'],
    ['ends at what is complete first', ['abcd', 'bc'], ['abc', 'd'], 'a', 'bc'],
    ['of two that end together ends at the longer', ['b', 'ab'], ['a', 'b'], '', 'ab'],
    ['repeats its beginning', ['aab'], ['aa', 'aa', 'b'], 'aa', 'aab'],
    ['has signs of two units', ['😀!'], ['😀', '😁😀', '!'], '😀😁', '😀!'],
  ])('%s', (_, stops, pieces, said, hit) => {
    expect(cut(stops, pieces)).toEqual([said, hit]);
  });

  test('is given out as soon as it is in front of no sequence', () => {
    const matcher = new StopMatcher(createStopSet(['Human:', '\n\n']));
    expect(['Hi Hu', 'mor', '\n', 'x'].map((piece) => matcher.take(piece))).toEqual([
      'Hi ',
      'Humor',
      '',
      '\nx',
    ]);
  });

  test('comes to the same end however it is split', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 });
    const words = fc.array(letters, { minLength: 1, maxLength: 4 });
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 12 }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(words, texts, (stops, pieces) => {
        expect(cut(stops, pieces)).toEqual(simply(stops, pieces.join('')));
      }),
      { numRuns: 2_000 },
    );
  });
});
