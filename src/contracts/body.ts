// What body/inspect reports of a request body: facts and byte spans, read once. Everything later (auth, limits,
// routing, splice, log) reads these and never the raw body again.
import type { AnswerContext } from './answer-context.ts';
import type { Capabilities } from './capability.ts';
import type { DialectName } from './dialect-name.ts';
import type { Hosted } from './hosted.ts';
import type { JsonObject } from './json.ts';
import type { MediaByUrl, WantedMedia } from './media.ts';
import type { OperationName } from './operation.ts';

/** Byte offsets [start, end) into the body. */
export interface Span {
  start: number;
  end: number;
}

/** A top-level member we read. */
export interface MemberSpan {
  /** The key with its quotes. */
  key: Span;
  value: Span;
  /** Delete this to take the member out: it and one comma beside it. Cuts of two neighbours may share that comma. */
  cut: Span;
}

/** What is wrong with a member, as the client is told. */
export interface WrongValue {
  param: string;
  message: string;
}

/**
 * Facts of a validated body: UTF-8, one JSON object, depth and key count within caps, no duplicate of a key we read,
 * no lone surrogate escape. All values are as the client wrote them.
 */
export interface BodyFacts {
  /** Top-level `model`; null when absent. */
  model: string | null;
  modelMember: MemberSpan | null;
  stream: boolean;
  /** `stream_options.include_usage` was true (OpenAI). */
  includeUsage: boolean;
  streamOptionsMember: MemberSpan | null;
  /** Shape of `stream_options`: `null` is replaced whole; into the others a member goes at `value.start + 1`. */
  streamOptions: 'absent' | 'null' | 'empty' | 'filled';
  /** Value of `stream_options.include_usage` as written, to be replaced when it is not `true`; null when absent. */
  includeUsageValue: Span | null;
  /** Gateway field `fallbacks`: model names in order; null when absent. */
  fallbacks: string[] | null;
  /** The gateway's own `fallbacks`, to be taken out; null when it is absent or not the gateway's. */
  fallbacksMember: MemberSpan | null;
  /** Why `fallbacks` is not the gateway's (no list of strings): a fault, unless the route's vendor has such a field. */
  foreignFallbacks: WrongValue | null;
  /** `max_completion_tokens`, else what the other dialects call it; null when none is given. A safe integer >= 0. */
  maxTokens: number | null;
  /** Places of all top-level members in order, four offsets each: key start and end (quotes included), value start and end. */
  members: number[];
  /** Offset just behind the opening brace: where a member can be inserted. */
  insertAt: number;
  /** True when the object has no member at all (an insertion then needs no comma). */
  empty: boolean;
  /** Some number token would not print as written (20 digits, `1.0`, `1e3`): parse with parseLossless. */
  exoticNumbers: boolean;
  /** Bytes of the members that hold the prompt, in any dialect: a cheap bound of its size. */
  promptBytes: number;
  /** Of a request for speech: characters of the text that is to be said. */
  characters?: number;
  /** True when `tools` is present and not empty (Bedrock's `toolConfig` is not looked into). */
  hasTools: boolean;
  /** A member of any depth is called `tool_call_id` or `call_id`, as those are that hold the result of a tool. */
  hasToolResults: boolean;
  /** A member of any depth has a name of naming-members.ts, or is written with escapes and may have. */
  namesFiles: boolean;
  /** For whom the call is, as the body says it: `user`, `safety_identifier` or `metadata.user_id`; null when it says nothing. */
  endUser: string | null;
  /** What the conversation is called, where it is `messages` or, without that, `input`. */
  conversation: 'messages' | 'input' | null;
  /** `store` is true: its provider is to keep the answer. */
  store: boolean;
}

/** Replace [start, end) by `text`. Edits are given in rising order and do not overlap. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** What a body needs before its target takes it, though both speak one dialect. */
export interface Mended {
  /** As of a splice, apart from its own. */
  edits: Edit[];
  /** Paths that were changed (header `x-headgate-adapted`). */
  adapted: string[];
}

/** What the client asks, and what is asked of the target: the same, unless one operation stands in for another. */
export interface Asked {
  readonly asked: OperationName;
  readonly sent: OperationName;
}

/** What a worker thread (or the inline path) is asked to do with a body. */
export type BodyTask =
  | { op: 'inspect'; body: Buffer; normalise: boolean }
  | {
      op: 'translate';
      body: Buffer;
      exotic: boolean;
      from: DialectName;
      to: DialectName;
      target: EncodeTarget;
      /** Absent = a chat. */
      operations?: Asked;
    }
  | {
      op: 'answer';
      body: Buffer;
      /** The upstream's dialect. */
      from: DialectName;
      to: DialectName;
      operations: Asked;
      context: AnswerContext;
      tools: ToolMemory | null;
    }
  | {
      op: 'join';
      /** Answers one behind the other; `ends`: where each of them ends. */
      body: Buffer;
      ends: readonly number[];
      /** Inputs that each answers. */
      counts: readonly number[];
      dialect: DialectName;
      context: AnswerContext;
    }
  | { op: 'count'; body: Buffer; dialect: DialectName; model: string };

/** What an encoder must know of the model it encodes for. */
export interface EncodeTarget {
  /** Model name at the upstream. */
  model: string;
  /** Provider name, for provider families and messages. */
  provider: string;
  /** Who made the model: only proofs of reasoning that it made itself go to it. Absent = nobody we know. */
  maker?: string;
  /** What the model takes: from the capability table (src/models/) and the configuration, compiled once per target. */
  capabilities: Capabilities;
  /** Ask the upstream for usage in the stream (OpenAI `stream_options`). */
  streamUsage: boolean;
  /** `max_tokens` to state when the dialect requires one and the client gave none. */
  defaultMaxTokens: number;
  /** OpenAI-compatible upstreams other than OpenAI know only `max_tokens`. */
  legacyMaxTokens: boolean;
  /** Every loss is a 400 (`x-headgate-strict: 1`). */
  strict: boolean;
  /** Whose the API around the dialect is, where that changes bodies and paths (Spoken.hosted). */
  hosted?: Hosted;
  /** Whether the answer is streamed, where the client's body does not say it but its path. */
  stream?: boolean;
  /** The organisation whose key is meant to carry the call; absent = it does not matter. */
  organization?: string;
  /** It refused the request for the proofs of reasoning in it: all are left out. */
  dropProofs?: boolean;
  /** Cache marks are put where the client set none. */
  marksPrompts?: boolean;
  /** What the request holds addresses of is fetched for it: it takes bytes alone. */
  fetches?: boolean;
  /** That, once it is there. */
  media?: MediaByUrl;
}

/** What of the client's request the answer must know: which tools went out in another shape, so that calls can be turned back. */
export interface ToolMemory {
  /** Names of OpenAI custom tools, sent as functions with one string `input`. */
  custom: string[];
  /** Name at the upstream -> the client's, where it had to be shortened. */
  renamed: Record<string, string>;
  /** Ids of the tool calls the conversation holds, in the client's words: an answer repeats none. Absent when there are none. */
  ids?: string[];
  /** What the client's own codec wants to know again (ChatCodec.remember). */
  remembered?: JsonObject;
  /** Answers that were asked for, where they are more than one. */
  choices?: number;
  /** Vectors come as base64 of signed bytes, and are wanted as numbers. */
  signedBytes?: true;
  /** Stop sequences that the target was not told: the gateway ends the answer where one begins. Absent when there are none. */
  stops?: string[];
}

/** A body of the target's own dialect, fitted to what its model takes: what to edit, and what that lost or changed. */
export interface FittedBody {
  edits: Edit[];
  /** What of the request its answer must know; absent = nothing: it goes on as it comes. */
  tools?: ToolMemory;
  dropped: string[];
  adapted: string[];
}

/** A translated request body, ready to send. */
export interface EncodedRequest {
  body: string;
  /** Absent when every tool went out as it came, and nothing else is to be remembered. */
  tools?: ToolMemory;
  /** No body yet: these have to be fetched, and be told as `EncodeTarget.media`. */
  wanted?: WantedMedia[];
  /** JSON paths that were lost (header `x-headgate-dropped`) or changed (`x-headgate-adapted`). */
  dropped: string[];
  adapted: string[];
}
