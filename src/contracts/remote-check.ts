// What a guardrail asks others, whatever they speak.
import type { Call } from './call.ts';
import type { CheckConfig } from './guardrail.ts';

export interface RemoteQuestion {
  side: 'request' | 'answer';
  texts: readonly string[];
  /** Pictures of the request: addresses, or `data:` with the bytes. */
  images: readonly string[];
  /** The request's own words, with an answer. */
  prompt: string;
  call: Call;
  signal: AbortSignal;
  timeoutMs: number;
}

export type RemoteVerdict =
  | { kind: 'pass' }
  | { kind: 'block'; reason: string }
  /** The texts as they may go on, one for each that was asked about. */
  | { kind: 'replace'; texts: readonly string[] }
  /** Places in the texts, each with what stands there. */
  | { kind: 'places'; places: readonly (readonly Place[])[] };

export interface Place {
  start: number;
  end: number;
  label: string;
}

/** Rejects when there is no verdict, whatever the reason. */
export type RemoteCheck = (question: RemoteQuestion) => Promise<RemoteVerdict>;
export type CreateRemoteCheck = (check: CheckConfig) => RemoteCheck;
