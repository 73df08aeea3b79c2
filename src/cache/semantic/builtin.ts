// Vectors without a model: the words that carry a question and the pieces they are made of, hashed into a fixed number of places
// (feature hashing: Weinberger et al. 2009). It finds the same question in other order, inflection, spelling and framing; that two
// words mean one thing only a provider's model knows.
import { hashText } from '../../body/fnv.ts';
import { wordsOf } from './words.ts';

export const BUILTIN_DIMENSIONS = 256;
/** Part of the name of what it makes: vectors of another version are not compared. */
export const BUILTIN_NAME = 'builtin-1';

/** A piece of a word weighs so much less than the word. */
const PIECE = 0.25;
const PIECE_LETTERS = 4;

/** @returns a vector of length 1; all 0 for a text without words. */
export function embed(text: string): Float32Array {
  const vector = new Float32Array(BUILTIN_DIMENSIONS);
  const { content, all } = wordsOf(text);
  for (const word of content.length > 0 ? content : all) {
    put(vector, word, 1);
    const padded = `<${word}>`;
    for (let at = 0; at + PIECE_LETTERS <= padded.length; at++)
      put(vector, padded.slice(at, at + PIECE_LETTERS), PIECE);
  }
  return normalise(vector);
}

function put(vector: Float32Array, feature: string, weight: number): void {
  const hashed = hashText(feature);
  const place = hashed % BUILTIN_DIMENSIONS;
  vector[place]! += (hashed >>> 16) & 1 ? weight : -weight;
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
