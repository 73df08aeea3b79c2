// Answers that are kept to be given again, and what of a call decides whether they are.
import type { StopReason, Usage } from './chat.ts';
import type { DialectName } from './dialect-name.ts';
import type { OperationName } from './operation.ts';
import type { Quantities } from './quantities.ts';

/** Who shares answers with whom. A caller who belongs to none of a kind has answers of its own. */
export const CACHE_SCOPES = ['key', 'user', 'customer', 'team', 'organization', 'all'] as const;
export type CacheScope = (typeof CACHE_SCOPES)[number];

/** Kept answers for requests that are the same. */
export interface ExactCachePolicy {
  /** How long an answer is given again. */
  ttlMs: number;
  /** How long behind that it is given once more while a fresh one is fetched; 0 = not. */
  staleMs: number;
  /** How much of `ttlMs` is left to chance, so that what was asked together is not asked anew together: 0 to 1. */
  jitter: number;
  /** A larger answer is not kept. */
  maxEntryBytes: number;
  scope: CacheScope;
  /** Also answers to requests that state a temperature above 0. */
  sampled: boolean;
  /** Also several answers to one request. */
  several: boolean;
  /** Also answers that their limit of tokens cut off. */
  truncated: boolean;
  /** A stream again as fast as its client takes it, or with the pauses it had. */
  replay: 'at_once' | 'paced';
  /** In Redis too, where one is configured. */
  shared: boolean;
}

/** Kept answers for questions that ask the same in other words. */
export interface SemanticCachePolicy {
  /** Who makes vectors: `builtin`, or a model for embeddings, `provider/model` or an alias. */
  embedding: string;
  /** Least cosine of a hit. */
  threshold: number;
  scope: CacheScope;
  ttlMs: number;
  /** Turns of a conversation beside the system prompt; all but the last must be equal. */
  maxMessages: number;
  /** Longest wait for a vector. */
  timeoutMs: number;
  /** Model that has the last word on a hit, `provider/model` or an alias; null = none is asked. */
  judge: string | null;
}

/** What holds for one model. Who has the second has the first: an equal question is one that is alike. */
export interface CachePolicy {
  exact: ExactCachePolicy | null;
  semantic: SemanticCachePolicy | null;
}

/** A question whose answer may be given to others that are alike. */
export interface Question {
  readonly text: string;
  /** All that must be equal: whose it is, of which model, with what beside it. */
  readonly partition: string;
}

/** An answer as its client got it, in that client's dialect. Nobody writes into one. */
export interface CachedAnswer {
  /** Name of the entry: the key of its request (src/cache/key.ts). */
  readonly id: string;
  /** ms since 1970. */
  readonly createdMs: number;
  readonly freshUntilMs: number;
  /** Behind it the entry is none. */
  readonly staleUntilMs: number;
  readonly operation: OperationName;
  readonly dialect: DialectName;
  /** A whole answer, or all events of a stream. */
  readonly form: 'whole' | 'events';
  readonly contentType: string;
  /** Of events: they tell the usage to a client that has to ask for it. */
  readonly includeUsage: boolean;
  readonly body: Buffer;
  /** Of events that are told with their pauses: end of each piece in `body`, and ms since the first, in turn; else null. */
  readonly pace: readonly number[] | null;
  readonly provider: string;
  readonly upstreamModel: string;
  readonly answerModel: string | null;
  readonly translated: boolean;
  readonly dropped: readonly string[];
  readonly adapted: readonly string[];
  readonly stop: StopReason | null;
  readonly usage: Usage | null;
  readonly quantities: Quantities | null;
  /** Id under which a turn of Responses was kept; null elsewhere. */
  readonly turnId: string | null;
  /** What it cost, in whole nanodollars; null = not known. */
  readonly costNano: number | null;
  /** From the first byte of its request to the last of its answer. */
  readonly tookMs: number;
  /** What it can be purged by. */
  readonly labels: CacheLabels;
}

/** Whose an entry is and what of. */
export interface CacheLabels {
  /** Id of the caller. */
  readonly key: string;
  readonly organization: string | null;
  readonly team: string | null;
  readonly user: string | null;
  readonly customer: string | null;
  readonly project: string | null;
  readonly tags: readonly string[];
  /** As callers name it. */
  readonly model: string;
}

/** Which entries go: all members that are stated must fit; none stated = all entries. */
export interface CachePurge {
  id?: string;
  /** Id of a key. */
  key?: string;
  tag?: string;
  /** Id of an organization, team, user, customer or project. */
  tenant?: string;
  /** Name of a model or an alias, or `provider/model` of who answered. */
  model?: string;
}

/** What is to become of a call's answer: set by the stage that looked for one, filled by the sink's recorder, used at settle. */
export interface CacheTicket {
  readonly key: string;
  readonly policy: ExactCachePolicy;
  readonly ttlMs: number;
  /** Null while nothing came. */
  form: 'whole' | 'events' | null;
  contentType: string;
  /** Of one piece the list is made whole: one that begins empty makes room for seventeen. */
  pieces: Buffer[];
  readonly pace: number[];
  bytes: number;
  firstAt: number;
  /** The question it answers, with its vector of length 1; null = it is found by its key alone. */
  alike: { question: Question; vector: Float32Array; ttlMs: number } | null;
  /** It came to its end. */
  whole: boolean;
}
