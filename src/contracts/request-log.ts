// The request log: one flat row for each attempt of a call, as the worker writes it and the gatehouse keeps it.
// Texts are '' where there is nothing to say, numbers null where nothing was said: 0 is a count.
import type { GuardrailOutcome } from './outcomes.ts';

/** Whose fault an error is: the prefix of its type (telemetry.md, 3). `''`: no error. */
export type ErrorOwner = '' | 'caller' | 'policy' | 'provider' | 'gateway';

/** How a call ended: `cancelled` is the client's leaving, which is no failure. */
export type CallOutcome = 'ok' | 'error' | 'cancelled';

export type CountedHeaders = readonly (readonly [header: string, hash: string])[];

/** What an attempt used. */
export interface LoggedUse {
  /** All of the prompt, cached parts included. */
  readonly inputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  /** Of these, those kept for an hour. */
  readonly cacheWriteLongTokens: number | null;
  /** All of the answer, reasoning included. */
  readonly outputTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly audioInputTokens: number | null;
  readonly audioOutputTokens: number | null;
  readonly images: number | null;
  readonly characters: number | null;
  /** Of sound. */
  readonly seconds: number | null;
  readonly searches: number | null;
  /** Parts of input and output that were pictures, where it is told. */
  readonly imageInputTokens: number | null;
  readonly imageOutputTokens: number | null;
  /** Likewise, frames of films in the prompt. */
  readonly videoInputTokens: number | null;
  /** Searches of the web that the provider made for the answer, and of which size, where that is told. */
  readonly webSearches: number | null;
  readonly searchSize: string | null;
  /** Pages that were read. */
  readonly pages: number | null;
  /** How it was served, where that is priced apart (`batch`, `flex`, …); null = the standard way. */
  readonly tier: string | null;
  /** What multiplies its price, by the names of a price's factors; null = nothing. */
  readonly factors: readonly string[] | null;
  /** Calls that it is the sum of: results of a batch; null = it is one. */
  readonly requests: number | null;
  /** What stands for counts that its answer did not tell, of such an attempt alone: bytes of text in the prompt, … */
  readonly promptBytes: number | null;
  /** … content events of an answer that was not told whole, */
  readonly answerEvents: number | null;
  /** … and bytes of a whole answer. */
  readonly answerBytes: number | null;
}

export interface LogRow extends LoggedUse {
  /** Request id of the call. */
  readonly call: string;
  /** From 1; 0 = the call ended before any was made. */
  readonly attempt: number;
  /** Of the call. */
  readonly attempts: number;
  /** The call's last row: it says how the call ended, and stands for the call where calls are counted. */
  readonly final: boolean;
  /** When the call ended, ms since 1970. The same in all rows of a call. */
  readonly at: number;
  readonly session: string;
  /** Call this one was made for, by the gateway itself. */
  readonly parent: string;
  readonly operation: string;
  /** Of the client. */
  readonly dialect: string;
  /** Template, e.g. `/v1/chat/completions`. */
  readonly route: string;
  readonly key: string;
  readonly keyId: string;
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly customer: string;
  readonly project: string;
  readonly tags: readonly string[];
  /** Headers by which budgets counted the call, each with its value as counters name it (hashed); absent = there were none. */
  readonly countedHeaders?: CountedHeaders;
  /** As the client wrote it. */
  readonly requestedModel: string;
  /** Public name it led to. */
  readonly model: string;
  readonly provider: string;
  readonly upstreamModel: string;
  /** Alias of the provider's key. */
  readonly keyAlias: string;
  readonly stream: boolean;
  /** Of the final row: what the client saw, 499 when it left. Of another: the upstream's; 0 = none came. */
  readonly status: number;
  readonly outcome: CallOutcome;
  /** `GW_…`; only in final rows. */
  readonly error: string;
  /** Of the closed set. */
  readonly errorType: string;
  readonly owner: ErrorOwner;
  readonly stop: string;
  /** Whole nanodollars; null = there is no price. */
  readonly costNano: number | null;
  readonly priceVersion: string;
  /** The cost is of what was sent and said: the answer did not tell what it used. */
  readonly estimated: boolean;
  /** Waiting for a place in the lane, ms. */
  readonly queueMs: number;
  /** Waiting for a connection to be opened, or to be free, ms; null = one was there. */
  readonly connectMs: number | null;
  /** From sending to the head of the answer, ms; null = none came. */
  readonly headMs: number | null;
  /** When the attempt began, ms since the call did. */
  readonly beganMs: number;
  /** Length of the attempt, ms; of a row without one, of the call. */
  readonly attemptMs: number;
  /** From the call's first byte to the first of the answer, ms; null = none went out. Only in final rows, like all below. */
  readonly ttftMs: number | null;
  /** Length of the call, ms. */
  readonly totalMs: number;
  /** The gateway's own part of it, ms. */
  readonly overheadMs: number;
  /** Of a stream behind its first token; null = not to be told. */
  readonly tokensPerSecond: number | null;
  /** '' = no cache is on. */
  readonly cache: '' | 'hit' | 'miss' | 'stale' | 'bypass';
  readonly cacheType: string;
  readonly similarity: number | null;
  readonly savedNano: number | null;
  /** How much sooner a kept answer came than when it was made, whole ms; null = none was given, or not whole. */
  readonly savedMs: number | null;
  readonly guardrails: readonly GuardrailOutcome[];
  readonly rescued: string;
  readonly translated: boolean;
  readonly dropped: readonly string[];
  readonly adapted: readonly string[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly node: string;
  readonly worker: number;
}

/** Name of the folder, below that of the store, where workers leave rows. */
export const SPOOL_FOLDER = 'spool';

/** The owner that an error type names; of a type that we do not know, the gateway. */
export function ownerOf(errorType: string): ErrorOwner {
  if (errorType === '') return '';
  const owner = errorType.slice(0, errorType.indexOf('_'));
  return owner === 'caller' || owner === 'policy' || owner === 'provider' ? owner : 'gateway';
}

/** The client left: an end like any other, and nobody's failure. */
export const CANCELLED_TYPE = 'caller_cancelled';

export function outcomeOf(errorType: string): CallOutcome {
  if (errorType === '') return 'ok';
  return errorType === CANCELLED_TYPE ? 'cancelled' : 'error';
}
