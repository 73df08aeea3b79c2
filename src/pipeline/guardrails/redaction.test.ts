import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Anchors } from '../../guardrails/anchors.ts';
import { Finder, patternDetector } from '../../guardrails/detector.ts';
import { checkRedaction, WORDS_ALONE } from './redaction.fixture.ts';

// A hundred thousand of them: tests/faults/long/redaction.test.ts.
it('a stream that is redacted holds nothing forbidden at any moment, and joins to the whole', () => {
  checkRedaction(1_500);
});

it('nor where texts go on by themselves unless a word may begin in them', () => {
  checkRedaction(1_500, WORDS_ALONE);
});

it('a pattern that is tried at its anchors alone finds what it finds everywhere', () => {
  const options = { label: 'X', literals: null, characters: /./ };
  const pattern = () => /(?<![\w.])[a-c]{0,2}\d{2}(?:[ -]?\d){2,6}(?!\d)/g;
  const plain = new Finder([patternDetector({ ...options, pattern: pattern() })]);
  const anchored = { anchors: new Anchors('0123456789'), reach: 2 };
  const quick = new Finder([patternDetector({ ...options, pattern: pattern(), anchored })]);
  const letters = fc.constantFrom('a', 'b', 'd', '1', '2', '77', ' ', '-', '.', 'é');
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('');
      const places = (finder: Finder) => finder.all(text).map(({ start, end }) => [start, end]);
      expect(places(quick)).toEqual(places(plain));
    }),
    { numRuns: 3_000 },
  );
});
