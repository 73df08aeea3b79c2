import { expect, it } from 'vitest';
import { fold, LiteralTable, otherCases } from './aho-corasick.ts';

function found(table: LiteralTable, text: string): [literal: number, end: number][] {
  const all: [number, number][] = [];
  table.find(text, 0, (literal, end) => all.push([literal, end]));
  return all;
}

it('knows every code unit that is folded to another one', () => {
  const missed: string[] = [];
  for (let unit = 0; unit < 65_536; unit++) {
    const character = String.fromCharCode(unit);
    const letter = fold(character);
    if (letter !== character && !otherCases(letter).includes(character)) missed.push(unit.toString(16));
  }
  expect(missed).toEqual([]);
});

it('finds literals in whatever case, also those that lie in one another', () => {
  const table = new LiteralTable(['he', 'she', 'hers', 'sK']);
  expect(found(table, 'uSHErs')).toEqual([
    [1, 4],
    [0, 4],
    [2, 6],
  ]);
  expect(found(table, '\u017f\u212a')).toEqual([[3, 2]]);
  expect(table.pending('no he', 0)).toBe(2);
  expect(table.pending('no sh', 0)).toBe(2);
  expect(table.pending('nothing', 0)).toBe(0);
});

it.each([
  [
    'a sigma that ends a word',
    '\u039f\u0394\u039f\u03a3',
    ['\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c2', '\u03bf\u03b4\u03bf\u03c3'],
  ],
  ['a word with a letter that is two in lower case', '\u0130STANBUL', ['\u0130STANBUL', '\u0130stanbul']],
  ['letters beyond the first plane', '\u{1e900}\u{1e901}', ['\u{1e900}\u{1e901}']],
])('finds %s', (_, literal, texts) => {
  for (const written of [literal, ...texts]) {
    const table = new LiteralTable([written]);
    for (const text of texts) expect(found(table, `${text} `), text).toEqual([[0, text.length]]);
  }
});

it('finds them where a text is taken in pieces, at every place', () => {
  const table = new LiteralTable(['needle']);
  for (const before of [0, 31, 32, 33, 8_186, 8_187, 8_190, 8_192, 8_193, 20_000]) {
    const text = `${'h'.repeat(before)}NEEDLE${'h'.repeat(9_000)}`;
    expect(found(table, text)).toEqual([[0, before + 6]]);
    // Of a text that was put together as of one that is a part.
    expect(found(table, `xx${text}`.slice(2))).toEqual([[0, before + 6]]);
  }
});
