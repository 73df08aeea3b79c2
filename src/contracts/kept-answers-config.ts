// What the gateway keeps of answers: turns of Responses, answers to give again, answers under way that are shared.
import type { CachePolicy } from './cache.ts';
import type { VectorsConfig } from './vectors.ts';

/** What the gateway keeps of Responses, so that later turns can build on them. */
export interface ResponsesConfig {
  /** `auto`: in Redis where one is configured, else in the memory of the worker. `off`: nothing. */
  store: 'auto' | 'memory' | 'off';
  /** How long a turn is kept. */
  ttlMs: number;
  /** Memory of one worker for it. */
  maxBytes: number;
  /** An id that is not known here: `refuse` with a 404, or `pass` it to an upstream that keeps responses. */
  unknown: 'refuse' | 'pass';
  /** Responses that run in the background at once, on one worker. */
  maxBackground: number;
}

/** Answers that are given again to the same Idempotency-Key. */
export interface IdempotencyConfig {
  /** How long; 0 = the header is not looked at. */
  ttlMs: number;
  /** A longer answer is not given again. */
  maxAnswerBytes: number;
  /** Memory of the gateway for such answers, where no Redis keeps them. */
  maxBytes: number;
}

/** Equal requests under way that share one upstream call. */
export interface CoalesceConfig {
  /** Client routes whose requests do; any other may ask for it by header. */
  routes: string[];
  /** Beyond so much of an answer nobody joins it any more. */
  maxAnswerBytes: number;
}

/** Kept answers: of all models that say nothing of their own. */
export interface CacheConfig extends CachePolicy {
  /** Memory of one worker. */
  maxBytes: number;
  /** Questions one worker finds by likeness. */
  maxEntries: number;
  /** Where questions are looked for instead of the memory of workers; null = nowhere else. */
  vectors: VectorsConfig | null;
  /** Whose ways to say what `x-headgate-cache` says are understood too. */
  spellings: readonly ('bifrost' | 'litellm')[];
}
