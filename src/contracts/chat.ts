// The neutral form between dialects: what any chat request, answer or stream means, without any vendor's spelling.
// Dialects decode into it and encode out of it (dialects/*). It is only built on the translated path.

import type { Citation } from './citation.ts';
import type { Json, JsonObject, RawNumber } from './json.ts';
import type { PriceTier } from './price.ts';
import type { Quantities } from './quantities.ts';

/** A number as the client wrote it. */
export type Num = number | RawNumber;

/** Cache mark set by the client behind a part; `ttl` as the client wrote it, null = the vendor's default. */
export interface CacheMark {
  ttl: string | null;
}

/** How likely a token was, as the vendor tells it. */
export interface TokenChance {
  token: string;
  logprob: number;
  /** Its UTF-8 bytes, where they are told. */
  bytes: number[] | null;
}

/** A token that was said, with the likeliest others in its place. */
export interface TokenLogprob extends TokenChance {
  top: TokenChance[];
}

export interface TextPart {
  kind: 'text';
  text: string;
  cache: CacheMark | null;
  /** Of an answer that was asked for them. */
  logprobs?: TokenLogprob[];
  /** Where what an answer says comes from. */
  citations?: Citation[];
}

/** An image: bytes as base64, or an address the provider fetches. */
export interface ImagePart {
  kind: 'image';
  source: { kind: 'base64'; mediaType: string; data: string } | { kind: 'url'; url: string };
  /** OpenAI `detail`; null elsewhere. */
  detail: string | null;
  cache: CacheMark | null;
}

/** A document such as a PDF, or plain text when `mediaType` is text/plain and `source.kind` is text. */
export interface DocumentPart {
  kind: 'document';
  source:
    | { kind: 'base64'; mediaType: string; data: string }
    | { kind: 'url'; url: string }
    | { kind: 'text'; text: string };
  name: string | null;
  cache: CacheMark | null;
  /** The answer shall say which passages of it come from here. */
  citations?: boolean;
}

export interface AudioPart {
  kind: 'audio';
  format: string;
  data: string;
}

export interface VideoPart {
  kind: 'video';
  source:
    | { kind: 'base64'; mediaType: string; data: string }
    | { kind: 'url'; url: string; mediaType: string | null };
}

export interface RefusalPart {
  kind: 'refusal';
  text: string;
}

/**
 * The model's reasoning. `redacted` holds opaque data with no text. Must return unchanged and in order. A proof that stands
 * on another part (Gemini's, on a call or a text) is a reasoning part directly before it, without text of its own.
 */
export interface ReasoningPart {
  kind: 'reasoning';
  text: string;
  signature: string | null;
  redacted: string | null;
  /** Whose proof the signature or the data is, where the wire says so; absent = its dialect's own maker (dialects/proofs.ts). */
  maker?: string;
}

/** A call of a tool by the model. */
export interface ToolCallPart {
  kind: 'tool_call';
  id: string;
  name: string;
  /** JSON text as the model wrote it, possibly invalid. Object dialects parse it without rounding numbers. */
  arguments: string;
  /** In an answer: a call of a custom tool, whose `arguments` is plain text. */
  custom?: boolean;
  cache: CacheMark | null;
}

/** The result of a call, told by the client. */
export interface ToolResultPart {
  kind: 'tool_result';
  callId: string;
  content: Part[];
  isError: boolean;
  cache: CacheMark | null;
}

export type Part =
  | TextPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | VideoPart
  | RefusalPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart;

/**
 * One turn. A decoder merges nothing: OpenAI `tool` messages become one user turn each holding one tool_result;
 * encoders of dialects that need alternation merge neighbours. Role `system` here is a system or developer message
 * AFTER the first user or assistant turn; leading ones go to ChatRequest.system.
 */
export interface Turn {
  role: 'user' | 'assistant' | 'system';
  parts: Part[];
  /** OpenAI message `name`. */
  name: string | null;
}

export interface ToolDef {
  name: string;
  description: string | null;
  /** JSON Schema of the arguments; null = none given. */
  schema: JsonObject | null;
  strict: boolean | null;
  cache: CacheMark | null;
  /** The format of the text that a custom tool of OpenAI's takes, as Responses has it; the rest says the same as a function. */
  custom?: JsonObject;
}

export type ToolChoice =
  | { kind: 'auto' }
  | { kind: 'none' }
  | { kind: 'required' }
  | { kind: 'tool'; name: string }
  | { kind: 'allowed'; mode: 'auto' | 'required'; names: string[] };

export type ResponseFormat =
  | { kind: 'json_object' }
  | { kind: 'json_schema'; name: string; schema: JsonObject; strict: boolean | null };

export interface ReasoningSettings {
  /** `none|minimal|low|medium|high|xhigh|max`, or null when only a budget was given. */
  effort: string | null;
  /** Budget in tokens; null when only an effort was given. */
  budgetTokens: number | null;
  /** Anthropic `adaptive` thinking. */
  adaptive: boolean;
}

/** How many answers are wanted, and what the client calls that. */
export interface WantedChoices {
  count: Num;
  field: string;
}

/** A request in neutral form. `null` always means "the client did not say". */
export interface ChatRequest {
  model: string;
  system: TextPart[];
  turns: Turn[];
  tools: ToolDef[];
  toolChoice: ToolChoice | null;
  parallelToolCalls: boolean | null;
  maxTokens: Num | null;
  temperature: Num | null;
  topP: Num | null;
  topK: Num | null;
  stop: string[];
  seed: Num | null;
  frequencyPenalty: Num | null;
  presencePenalty: Num | null;
  responseFormat: ResponseFormat | null;
  /** More than one answer, told apart by number (OpenAI `n`, Gemini `candidateCount`); absent = one. */
  choices?: WantedChoices;
  /** What is to come behind the answer. A target that cannot be told finds it in `mustNotDrop`; absent = nothing is. */
  suffix?: string;
  /** Log probabilities of each token with so many alternatives; 0 = of the token that was said alone; absent = none asked for. */
  logprobs?: Num | null;
  /** Members that OpenAI's own two dialects share and no other has, as written: carried between them, dropped elsewhere. */
  openai?: JsonObject;
  reasoning: ReasoningSettings | null;
  /** End user's id: OpenAI `user` / `safety_identifier`, Anthropic `metadata.user_id`. */
  user: string | null;
  stream: boolean;
  /** The client asked for usage in the stream (OpenAI); dialects that always send it set true. */
  includeUsage: boolean;
  /**
   * Fields the decoder knows but has no neutral form for, by JSON path in the client's body: the encoder's target
   * cannot have them. Graded D or E by wire.md 7.1 (E are thrown by the decoder's caller, see `mustNotDrop`).
   */
  dropped: string[];
  /** Paths of fields whose loss changes what is asked (wire.md 7.1 grade E): a 400 for every other dialect. */
  mustNotDrop: string[];
  /** Paths the decoder itself had to change (grade A), e.g. a custom tool made a function; encoders add them to theirs. */
  adapted?: string[];
  /** Paths at which documents are asked to be cited. */
  citations?: string[];
  /** Names of the tools in `tools` that were custom tools (ToolMemory.custom). */
  customTools?: string[];
}

/** Token usage; null = the upstream did not say. Cache and reasoning counts are parts of input and output (7.9). */
export interface Usage {
  input: number | null;
  cacheRead: number | null;
  cacheWriteShort: number | null;
  cacheWriteLong: number | null;
  output: number | null;
  reasoning: number | null;
  /** Parts of input and output that were sound, where it is told. */
  audioInput?: number | null;
  audioOutput?: number | null;
  /** Likewise, pictures: tokens of theirs have prices of their own. */
  imageInput?: number;
  imageOutput?: number;
  /** Likewise, frames of films in the prompt. */
  videoInput?: number;
  /** Searches of the web that the provider made for the answer, where it is told; of which size, where that has a price of its own. */
  webSearches?: number;
  searchSize?: string;
  /** How it was served, where that is not the standard way and the answer says so: it is priced by it. */
  tier?: PriceTier;
  /** Of so many calls together; absent = of one. */
  requests?: number;
  /** What multiplies its price, by the names of the price's factors: a region of inference, a speed. */
  factors?: readonly string[];
}

/**
 * Why the model stopped (wire.md 7.8). `unknown:<as written>` carries a value we do not know.
 */
export type StopReason =
  | 'end'
  | 'stop_sequence'
  | 'max_tokens'
  | 'context_full'
  | 'tool_use'
  | 'refusal'
  | 'content_filter'
  | 'pause'
  | `unknown:${string}`;

/** One of several answers to the same request. */
export interface Choice {
  parts: Part[];
  stop: StopReason | null;
}

/** A whole answer. */
export interface ChatAnswer {
  id: string;
  model: string;
  /** Seconds since 1970 when the upstream says, else null. */
  created: number | null;
  parts: Part[];
  stop: StopReason | null;
  stopSequence: string | null;
  usage: Usage | null;
  /** Behind the first answer, which is `parts` and `stop`: all others, where several were asked for. */
  others?: Choice[];
}

/**
 * One step of a streamed answer. A decoder emits them in order:
 * start, then blocks (open, delta*, close; never nested, `index` rising from 0), then stop and/or usage, then end.
 * OpenAI sources have no block boundaries: the decoder makes them up (7.11). OpenAI parallel tool calls may
 * interleave: their blocks may then be open together; every delta names its `index`. Blocks of several answers are
 * numbered in one row, and say at their opening whose they are: `choice`, absent = 0.
 */
export type Delta =
  | { kind: 'start'; id: string; model: string; created: number | null; usage: Usage | null }
  | { kind: 'open'; index: number; block: 'text' | 'reasoning' | 'refusal'; choice?: number }
  | {
      kind: 'open';
      index: number;
      block: 'tool_call';
      id: string;
      name: string;
      custom?: boolean;
      choice?: number;
    }
  | { kind: 'open'; index: number; block: 'redacted'; data: string; choice?: number }
  | { kind: 'text'; index: number; text: string; logprobs?: TokenLogprob[] }
  /** Of a block of text. */
  | { kind: 'citation'; index: number; citation: Citation }
  | { kind: 'signature'; index: number; signature: string }
  | { kind: 'arguments'; index: number; text: string }
  | { kind: 'close'; index: number }
  | { kind: 'stop'; reason: StopReason; stopSequence: string | null; choice?: number }
  | { kind: 'usage'; usage: Usage }
  | { kind: 'ping' }
  | { kind: 'end' };

/** What settle, logs and metrics want to know of an answer, however it was delivered. */
export interface AnswerFacts {
  usage: Usage | null;
  /** What it used beside tokens; absent = nothing was said. */
  quantities?: Quantities;
  stop: StopReason | null;
  /** The upstream's name of the model that answered. */
  model: string | null;
  /** The upstream's id of the answer. */
  id: string | null;
}

export type { Json, JsonObject };
