// The built-in vectors: the table that ships, how words become pieces, and that it tells questions apart.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBuiltin } from './builtin.ts';
import { readPairs } from './calibrate.ts';
import { piecesOf } from './word-pieces.ts';
import { DIMENSIONS, packTable, readTable } from './word-table.ts';

const embed = createBuiltin();
const cosine = (one: string, other: string): number => {
  const theirs = embed(other);
  return embed(one).reduce((sum, number, at) => sum + number * theirs[at]!, 0);
};

describe('the built-in vectors', () => {
  it('know words that mean nearly one thing, and leave others far apart', () => {
    expect(
      cosine('How do I reset my password?', 'I forgot my password, how can I set a new one?'),
    ).toBeGreaterThan(0.75);
    expect(cosine('How do I reset my password?', 'What is photosynthesis?')).toBeLessThan(0.3);
  });

  it('have length 1, or 0 for a text without words, and never fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const length = Math.hypot(...embed(text));
        expect(length === 0 || Math.abs(length - 1) < 1e-4).toBe(true);
      }),
    );
  });

  it('keep apart what the guard does not: questions with two words or more exchanged', () => {
    const file = new URL('../../../tests/kit/question-pairs-near.txt', import.meta.url);
    const others = readPairs(readFileSync(file, 'utf8')).filter(({ same }) => !same);
    expect(others.length).toBeGreaterThan(20);
    expect(others.filter(({ one, other }) => cosine(one, other) > 0.8)).toEqual([]);
  });
});

describe('a table', () => {
  const rows = [Float32Array.from({ length: DIMENSIONS }, (_, at) => at / 8), new Float32Array(DIMENSIONS)];

  it('keeps its numbers to a part in 127 of the largest', () => {
    const table = readTable(packTable(['▁a', 'b'], rows));
    const sum = new Float32Array(DIMENSIONS);
    table.addTo(sum, table.rankOf('▁a')!);
    table.addTo(sum, table.rankOf('b')!);
    for (const [at, number] of sum.entries())
      expect(Math.abs(number - at / 8)).toBeLessThan((DIMENSIONS - 1) / 8 / 127);
  });

  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['of another kind', (bytes: Buffer) => Buffer.from(bytes).fill(0, 0, 4)],
  ])('that is %s is none', (_, damage) => {
    expect(() => readTable(damage(packTable(['▁a', 'b'], rows)))).toThrow('not a table');
  });
});

describe('a word', () => {
  const ranks = new Map(
    ['▁', 'l', 'o', 'w', 'e', 'lo', 'we', '▁lo', 'low'].map((piece, rank) => [piece, rank]),
  );
  const named = (word: string): string[] =>
    piecesOf(word, (piece) => ranks.get(piece)).map((rank) => [...ranks.keys()][rank]!);

  it('is put together by rank, not from its beginning', () => {
    expect(named('lowe')).toEqual(['▁lo', 'we']);
    expect(named('low')).toEqual(['▁lo', 'w']);
  });

  it('loses what is in no piece', () => {
    expect(named('l?w')).toEqual(['▁', 'l', 'w']);
  });
});
