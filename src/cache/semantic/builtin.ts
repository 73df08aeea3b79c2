// Vectors without a model to ask: the mean of what a table of word pieces says of the words that carry a question. It finds the same
// question in other order, inflection, spelling and framing, and words that mean nearly one thing; it does not know what a sentence
// says. The guard (guard.ts) has the last word.
import { readFileSync } from 'node:fs';
import { piecesOf } from './word-pieces.ts';
import { DIMENSIONS, readTable, type WordTable } from './word-table.ts';
import { wordsOf } from './words.ts';

/** Part of the name of what it makes: vectors of another version are not compared. */
export const BUILTIN_NAME = 'builtin-2';

/**
 * Reads its table (2.4 MB, 12 ms) when it is first asked.
 *
 * @returns what makes a vector of length 1 of a text; all 0 for one without words.
 */
export function createBuiltin(): (text: string) => Float32Array {
  let table: WordTable | null = null;
  return (text) => {
    table ??= load();
    return embed(table, text);
  };
}

function embed(table: WordTable, text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  const { content, all } = wordsOf(text);
  for (const word of content.length > 0 ? content : all)
    for (const piece of piecesOf(word, table.rankOf)) table.addTo(vector, piece);
  return normalise(vector);
}

function load(): WordTable {
  const file = readFileSync(new URL('./word-vectors.json', import.meta.url), 'utf8');
  return readTable(Buffer.from((JSON.parse(file) as { table: string }).table, 'base64'));
}

/** Scales a vector to length 1, in place. @returns its argument. */
export function normalise(vector: Float32Array): Float32Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  if (sum === 0) return vector;
  const scale = 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
  return vector;
}
