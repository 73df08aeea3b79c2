import { describe, expect, it } from 'vitest';
import { Finder } from './detector.ts';
import { requirementsOf } from './pattern-needs.ts';
import { compileRe2, patternOf } from './user-pattern.ts';

describe('what a pattern cannot do without', () => {
  it.each([
    ['proj[a-z]-[0-9]{4}', ['proj'], true],
    ['\\d{3}-\\d{2}-\\d{4}', null, true],
    ['[1-9]\\d*', null, true],
    ['(?i)internal[- ]only', ['internal'], false],
    ['(?:foo|bar(?:n|x)?)-\\d+', ['foo', 'bar'], true],
    ['confidential|top ?secret', ['confidential', 'secret'], false],
    ['CASE-[0-9]+', ['case-'], true],
    ['(?i)task', ['task'], false],
    ['confidential|x', null, false],
    ['(?P<what>apple)+pie', ['apple'], false],
    ['(apple)?pie', ['pie'], false],
    ['(apple){0,2}pie', ['pie'], false],
    ['(apple){2}', ['apple'], false],
    ['ab+cd?', ['ab'], false],
    ['a\\.b\\-c', ['a.b-c'], false],
    ['\\bgate\\b', ['gate'], false],
    ['[[:digit:]]x', null, false],
    ['[]0-9]+', null, false],
    ['[^0-9]+', null, false],
    ['(?i:gate)', ['gate'], false],
    ['é{2}gate', ['gate'], false],
    ['\\x41bc', ['bc'], false],
    ['\\p{L}gate', ['gate'], false],
    ['\\Qgate\\E', null, false],
    ['a*', null, false],
    ['', null, false],
  ])('%s', (source, literals, digit) => {
    expect(requirementsOf(source)).toEqual({ literals, digit });
  });

  it('never says more than is true: what a pattern matches, it is found by', () => {
    const parts = [
      'ab',
      'x',
      '\\d',
      '[0-9]+',
      '(?:cd|ef)',
      '(gh|i)?',
      'j*',
      '(?i:mn)',
      '.',
      '[^a]',
      '(?:o{2}|p)',
      '\\.',
      'q|r',
      'K',
      's{1,2}',
    ];
    const texts = [
      'ab',
      'x',
      '7',
      '42',
      'cd',
      'ef',
      'gh',
      'i',
      'jj',
      'MN',
      'é',
      'b',
      'oo',
      'p',
      '.',
      'q',
      'r',
      '\u212a',
      '\u017f',
      '',
    ];
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    let matched = 0;
    for (let round = 0; round < 3_000; round++) {
      const source = `${round % 2 === 0 ? '(?i)' : ''}${Array.from({ length: 1 + random(4) }, () => parts[random(parts.length)]).join('')}`;
      const text = Array.from({ length: random(6) }, () => texts[random(texts.length)]).join('');
      const matcher = compileRe2(source).matcher(text);
      const found = matcher.find() && matcher.end() > matcher.start();
      if (found) matched++;
      const first = new Finder([patternOf(source, 64)]).first(text);
      if (found)
        expect({ source, text, first }).toMatchObject({
          first: { start: matcher.start(), end: matcher.end() },
        });
    }
    expect(matched).toBeGreaterThan(300);
  });
});
