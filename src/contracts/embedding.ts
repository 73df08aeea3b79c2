// The neutral form of what is to be embedded, and of its vectors. Only built on the translated path.
import type { Num, Usage } from './chat.ts';
import type { Json } from './json.ts';

/** One thing to embed: text, ids of tokens in the model's own vocabulary, or a picture by its URL (`data:` or another). */
export type EmbeddingInput =
  | { kind: 'text'; text: string }
  | { kind: 'tokens'; tokens: Json[] }
  | { kind: 'image'; url: string };

/** What vectors are for, where models embed differently by it. */
export type EmbeddingPurpose = 'document' | 'query' | 'classification' | 'clustering' | 'similarity';

/** What the client calls what it asked for: what cannot be carried over is named so. */
export interface EmbeddingNames {
  inputs: string;
  dimensions: string;
  purpose: string;
  truncate: string;
  user: string;
}

export interface EmbeddingRequest {
  /** Never empty. */
  inputs: EmbeddingInput[];
  names: EmbeddingNames;
  dimensions: Num | null;
  purpose: EmbeddingPurpose | null;
  /** Which end of an input that is too long is cut off, or that it is refused; null = as the vendor does by itself. */
  truncate: 'end' | 'start' | 'none' | null;
  /** End user's id. */
  user: string | null;
  /** Perplexity's own form of vectors, asked for by its clients: signed bytes or bits as base64. Absent: floats, however written. */
  packed?: string;
  /** Members that have no neutral form, by path: left out, and named. */
  dropped: string[];
  /** Those whose loss changes what is asked: a 400 for every other dialect. */
  mustNotDrop: string[];
}

/** Floats, or the same as base64 of 32-bit floats, little-endian: as the upstream sent it. */
export type Vector = Json[] | string;

export interface EmbeddingAnswer {
  /** '' = the upstream did not say. */
  id: string;
  model: string;
  /** In the order of the inputs. */
  vectors: Vector[];
  usage: Usage | null;
}
