import { describe, expect, it } from 'vitest';
import { Anchors } from './anchors.ts';
import { Finder, patternDetector } from './detector.ts';
import { SignSet } from './sign-set.ts';

describe('sets of characters', () => {
  it('are found in one pass, and told apart', () => {
    const sets = new SignSet(['0123456789', '@', ':@', '@']);
    const units = Uint16Array.from([...'a@é\u4e2d'].map((character) => character.charCodeAt(0)));
    expect(sets.in(units, 1, 0)).toBe(0);
    expect(sets.in(units, units.length, 0)).toBe((1 << sets.placeOf('@')) | (1 << sets.placeOf(':@')));
    expect(sets.in(units, 1, 1)).toBe(1);
    expect(sets.placeOf('x')).toBe(-1);
  });

  it('tell where the end of a text begins that is of one of them alone', () => {
    const sets = new SignSet(['ab', 'bc']);
    expect(sets.tailOf('xabb', 0)).toBe(1);
    // Of one set, not of both in turn.
    expect(sets.tailOf('xacb', 0)).toBe(2);
    expect(sets.tailOf('xabb', 2)).toBe(2);
    expect(sets.tailOf('abé', 0)).toBe(3);
    expect(new SignSet([]).tailOf('ab', 0)).toBe(2);
  });
});

it('detectors of more kinds than are told apart find all the same', () => {
  const detectors = Array.from({ length: 40 }, (_, i) => {
    const sign = String.fromCharCode(48 + i);
    return patternDetector({
      label: `SIGN_${i}`,
      literals: null,
      anchored: { anchors: new Anchors(sign), reach: 0 },
      pattern: new RegExp(sign.replace(/[^\w]/g, '\\$&'), 'g'),
      characters: new RegExp(`[\\${sign.replace(/\w/, '') || ' '}${sign}]`),
    });
  });
  const finder = new Finder(detectors);
  for (let i = 0; i < 40; i++)
    expect(finder.first(`~ ${String.fromCharCode(48 + i)} ~`)?.detector.label).toBe(`SIGN_${i}`);
  expect(finder.first('~~')).toBeNull();
});
