import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Matcher, matchContinuation, matchRestart } from './matcher.ts';

/** All that comes out of the pieces. */
function through(matcher: Matcher, pieces: readonly string[]): string {
  return pieces.map((piece) => matcher.take(piece)).join('') + matcher.end();
}

const DIVERGED = expect.objectContaining({ code: 'GW_UPSTREAM_DIVERGED' });

/** A text in pieces. */
const cutUp = fc
  .tuple(fc.string({ minLength: 1, maxLength: 60 }), fc.array(fc.nat(60), { maxLength: 6 }))
  .map(([text, cuts]) => {
    const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
    return places.slice(1).map((end, at) => text.slice(places[at]!, end));
  });

describe('an answer that begins anew', () => {
  test('tells what comes behind what was sent, however it is cut', () => {
    fc.assert(
      fc.property(cutUp, fc.nat(60), (pieces, at) => {
        const whole = pieces.join('');
        const sent = whole.slice(0, at % (whole.length + 1));
        expect(sent + through(matchRestart(sent), pieces)).toBe(whole);
      }),
    );
  });

  test.each([
    ['that is another', 'one two', ['one ', 'tree']],
    ['that ends before', 'one two', ['one ']],
    ['that says nothing', 'one two', []],
  ])('%s has diverged', (_, sent, pieces) => {
    expect(() => through(matchRestart(sent), pieces)).toThrow(DIVERGED);
  });
});

describe('an answer that goes on', () => {
  test.each([
    ['is told as it is', 'one two', [' three', ' four'], ' three four'],
    ['keeps its blank', 'one two ', ['three'], 'three'],
    ['does not repeat the blank that was sent', 'one two ', [' three'], 'three'],
    [
      'may begin with the words that the answer began with',
      'one two, and',
      [' one', ' two more'],
      ' one two more',
    ],
    ['may be shorter than what was sent, and like it', 'la la la la ', ['la ', 'la '], 'la la '],
    ['that begins anew all the same is matched', 'one two three', ['one ', 'two three', ' four'], ' four'],
    ['that is all of it again adds nothing', 'one two', ['one two'], ''],
    ['within a word', 'intern', ['ational'], 'ational'],
  ])('%s', (_, sent, pieces, told) => {
    expect(through(matchContinuation(sent, false), pieces)).toBe(told);
  });

  test.each([
    ['begins alike and is another', 'one two three four five six', ['one two three four six']],
    ['begins with a capital within a word', 'one two', ['Hello']],
  ])('and %s has diverged', (_, sent, pieces) => {
    expect(() => through(matchContinuation(sent, false), pieces)).toThrow(DIVERGED);
  });

  test.each([
    ['goes on', [' three'], false],
    ['begins anew', ['one ', 'two three'], true],
    ['is all of it again', ['one two'], true],
    ['says nothing', [], false],
  ])('that %s is told apart from one that is whole', (_, pieces, anew) => {
    const matcher = matchContinuation('one two', false);
    through(matcher, pieces);
    expect(matcher.anew).toBe(anew);
  });

  test('in words may repeat the end of what was sent', () => {
    const sent = 'The river runs from the north to the sea';
    expect(through(matchContinuation(sent, true), ['from the north', ' to the sea', ' and back'])).toBe(
      ' and back',
    );
    expect(through(matchContinuation(sent, true), [' and back'])).toBe(' and back');
    // A word or two is no repetition.
    expect(through(matchContinuation(sent, true), [' the sea', ' of all'])).toBe(' the sea of all');
  });

  test('loses and repeats nothing, however it is cut', () => {
    fc.assert(
      fc.property(cutUp, fc.string({ minLength: 1, maxLength: 20 }), (pieces, begun) => {
        const sent = `${begun}|`;
        const text = `+${pieces.join('')}`;
        expect(through(matchContinuation(sent, false), ['+', ...pieces])).toBe(text);
      }),
    );
  });
});
