// The common face of the vendors' SDKs: what a program asks and what it gets, whatever package it uses. One file beside this
// for each SDK makes it (openai-chat.ts, anthropic.ts and their like).
import type { DialectName } from '../../../src/contracts/dialect.ts';

export interface Tool {
  name: string;
  description: string;
  /** JSON schema of its arguments. */
  schema: Record<string, unknown> & { type: 'object' };
}

export interface Result {
  id: string;
  name: string;
  text: string;
  /** A PNG as base64 beside the text. */
  image?: string;
  failed?: boolean;
}

export type Turn =
  /** `image`: a PNG as base64; `imageUrl`: of a JPEG; `pdf`, `wav`: a document and a sound as base64. */
  | { role: 'user'; text: string; image?: string; imageUrl?: string; pdf?: string; wav?: string }
  | { role: 'assistant'; text: string }
  /** An answer, sent back as the SDK gave it. */
  | { role: 'said'; answer: Answer }
  /** Calls that were made elsewhere, written by hand. */
  | { role: 'calls'; calls: { id: string; name: string; json: string }[] }
  | { role: 'results'; results: Result[] };

export interface Ask {
  model: string;
  system?: string;
  turns: Turn[];
  tools?: Tool[];
  choice?: 'required' | 'none' | { name: string };
  schema?: Record<string, unknown>;
  maxTokens?: number;
  stop?: string[];
  thinking?: boolean;
  /** Members of the SDK's own request, added to it as they are. */
  extra?: Record<string, unknown>;
}

export interface Call {
  id: string;
  name: string;
  args: unknown;
  /** The arguments as they came over the wire; null where the SDK shows none. */
  json: string | null;
}

export interface Answer {
  text: string;
  thinking: string;
  /** What proves the thinking: signatures and encrypted contents, in order. */
  proofs: string[];
  calls: Call[];
  /** Why it ended, in the SDK's word. */
  stop: string | null;
  /** Log probabilities of the tokens that were said. */
  odds: { token: string; logprob: number }[];
  /** Id and model, as far as the API has them: `-` where it has none. */
  id: string;
  model: string;
  usage: Usage | null;
  /** The assistant's turn as this SDK wants it back. */
  turn: unknown;
}

/** A user's turn by its parts. */
export type UserTurn = Turn & { role: 'user' };

export const isPlain = ({ image, imageUrl, pdf, wav }: UserTurn): boolean =>
  image === undefined && imageUrl === undefined && pdf === undefined && wav === undefined;

/** Tokens; `input` holds those read from a cache. */
export interface Usage {
  input: number;
  cached: number;
  output: number;
}

/** What a program can read of an error that its SDK raised. */
export interface Failure {
  /** HTTP status; null for an error inside a stream. */
  status: number | null;
  message: string;
  /** What the SDK shows of the header `retry-after`; null = nothing. */
  retryAfter: string | null;
}

export interface StreamOptions {
  signal?: AbortSignal;
  onText?: (text: string) => void;
}

export interface MatrixClient {
  readonly dialect: DialectName;
  /** Its words for the ends of an answer. */
  readonly stops: Record<'end' | 'length' | 'tools' | 'stop', string>;
  /** The class the SDK raises for a status. */
  errorClass(status: number): new (...args: never[]) => Error;
  whole(ask: Ask): Promise<Answer>;
  streamed(ask: Ask, options?: StreamOptions): Promise<Answer>;
  /** Reads an error. @throws what is no error of the SDK's own classes */
  failure(error: unknown): Failure;
  /** Lets go of its sockets. */
  close?(): void;
}

export const pngUrl = (base64: string): string => `data:image/png;base64,${base64}`;

export const pdfUrl = (base64: string): string => `data:application/pdf;base64,${base64}`;

export const emptyAnswer = (): Answer => ({
  text: '',
  thinking: '',
  proofs: [],
  calls: [],
  stop: null,
  odds: [],
  id: '-',
  model: '-',
  usage: null,
  turn: null,
});
