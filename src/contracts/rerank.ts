// The neutral form of documents to be put in order by how well they answer a query. Only built on the translated path.
import type { Num, Usage } from './chat.ts';

export interface RerankRequest {
  query: string;
  /** Never empty. */
  documents: string[];
  topN: Num | null;
  /** Tokens of each document that are read; null = as the vendor does by itself. */
  maxTokensPerDoc: Num | null;
  /** Members that have no neutral form, by path: left out, and named. */
  dropped: string[];
  mustNotDrop: string[];
  /** Paths of documents that had to be made text. */
  adapted: string[];
}

export interface Ranked {
  /** Place in the request. */
  index: number;
  score: number;
}

export interface RerankAnswer {
  /** '' = the upstream did not say. */
  id: string;
  model: string;
  /** Best first. */
  results: Ranked[];
  /** What is billed: searches at some, tokens at others. */
  searches: number | null;
  usage: Usage | null;
}
