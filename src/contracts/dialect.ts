// A dialect: one wire format, read and written. All of it is pure: bytes or JSON in, neutral form out, and back.

import type { AnswerContext, StreamMarks } from './answer-context.ts';
import type {
  BodyFacts,
  Edit,
  EncodedRequest,
  EncodeTarget,
  FittedBody,
  Mended,
  ToolMemory,
} from './body.ts';
import type { AnswerFacts, ChatAnswer, ChatRequest, Delta } from './chat.ts';
import type { DialectName } from './dialect-name.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from './embedding.ts';
import type { GatewayError, UpstreamFault } from './errors.ts';
import type { EventOut, Frames, Framing } from './framing.ts';
import type { Hosted } from './hosted.ts';
import type { JsonObject } from './json.ts';
import type { Manner } from './manner.ts';
import type { ModelListCodec } from './model-list.ts';
import type { OperationName } from './operation.ts';
import type { RerankAnswer, RerankRequest } from './rerank.ts';
import type { BuiltOn } from './responses.ts';

export type { AnswerContext, DialectName };

/** What one event of a same-dialect stream is, told without building anything. */
export interface EventVerdict {
  /**
   * `pass` (forward bytes), `hide` (drop: the usage chunk a client did not ask for, a ping), `end` (transport end such as
   * [DONE] or message_stop: forward; the stream is complete). A [DONE] before every finish_reason is `hide` with `ended`
   * set and `complete` false: the stream was cut.
   */
  verdict: 'pass' | 'hide' | 'end';
  /** The event carries content (text, reasoning, a tool call): commits the answer and stops the first-token clock. */
  content: boolean;
  /** Goes out in place of the event's own bytes, which lack something that clients need; null = those bytes. */
  instead: Buffer | string | null;
}

/** What watchers and decoders of a stream have in common: how far it has come. One per stream. */
export interface StreamReader {
  /** Every terminal marker was seen (wire.md: finish_reason on every choice; stop_reason and all blocks closed). */
  readonly complete: boolean;
  /** As complete, and so that no content is to be expected: silence or a reset now is as good as an end. */
  readonly settled: boolean;
  /** Its client lacks nothing but the usage, whatever the upstream still says and however it ends. Absent = nobody ended it early. */
  readonly whole?: boolean;
  /** `[DONE]` or message_stop itself was seen: nothing may follow. */
  readonly ended: boolean;
  readonly facts: AnswerFacts;
  /** Number the next event would have, in a dialect that numbers them. */
  readonly sequence?: number;
}

/** Watches a same-dialect stream. Verdict objects may be reused between calls. */
export interface StreamWatcher extends StreamReader {
  /**
   * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: not this dialect, or the order of events shows that some are missing;
   *   or one with `fault`: the upstream reports it.
   */
  watch(event: string, data: string): EventVerdict;
  /**
   * Bytes that make a complete stream well-ended when the upstream left its sentinel out (`data: [DONE]`), or ''.
   * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: what it held is not whole.
   */
  closing(): Buffer | string;
}

/** Upstream events of this dialect into neutral deltas. After it threw it must not be used again. */
export interface StreamDecoder extends StreamReader {
  /** @throws GatewayError as a watcher. */
  decode(event: string, data: string): Delta[];
  /**
   * Called when the upstream closed: last deltas (stop, usage, end) if the stream was complete, else [].
   * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: what it held is not whole.
   */
  finish(): Delta[];
  /**
   * The text, not empty, of an event that differs from the last one decoded in nothing else, and goes on with the block `repeats`: it
   * counts as decoded then. Null = it is none, or nobody can tell without decoding it. Absent = this dialect's never are.
   */
  repeated?(event: string, data: string): string | null;
  readonly repeats?: number;
  /** Content that came behind the end that its client has, and is charged for all the same. Absent = there is none. */
  readonly unsaid?: number;
}

/** Neutral deltas into this dialect's events. */
export interface StreamEncoder {
  /** Says in `out` what the delta is here: no event, one or several. @throws GatewayError when it cannot be said. */
  encode(delta: Delta, out: EventOut): void;
  /**
   * Whether an event of the same dialect with more of a block's text may stand between those that are said here: it has their names and
   * numbers. Absent = none may.
   */
  fits?(index: number, data: string): boolean;
  /** An event with more of a block's text went out as it came. */
  passed?(index: number, text: string): void;
  /** Number the next event has, in a dialect that numbers them: set by who goes on with a stream. */
  sequence?: number;
}

export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** How a dialect says that something went wrong. */
export interface ErrorCodec {
  /** Reads an upstream's refusal. `body` may be anything (HTML, nothing). Never throws. */
  decode(status: number, headers: Record<string, string>, body: Buffer): UpstreamFault;
  /** Renders an error as a whole answer. Foreign faults are translated: vendor's status, nearest type, same message. */
  encode(error: GatewayError, requestId: string): ErrorAnswer;
  /** The same as the last event(s) of a stream. Never `[DONE]`. @param sequence number of the event, where they have one. */
  encodeStream(error: GatewayError, requestId: string, out: EventOut, sequence?: number): void;
}

/** One dialect's side of one operation. */
export interface Codec {
  /**
   * A body that clients send to this dialect's route in another shape, as this dialect has it; null when it is its own.
   * Absent: nobody does.
   *
   * @param hosted whose shape of it the route takes; undefined = its own. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field.
   */
  reshape?(body: Buffer, facts: BodyFacts, hosted?: Hosted): Buffer | null;
  /**
   * Whether a body that is sent to another operation's path asks for this one, where its dialect has one path for both. Absent: it
   * has none.
   */
  asks?(body: Buffer, facts: BodyFacts): boolean;
  /**
   * Path (and query) below the provider's base URL.
   *
   * @param template of the client's route, for a dialect with several paths for one operation; another dialect's says nothing.
   */
  address(target: EncodeTarget, stream: boolean, template: string): string;
  /** As `address`, where that lies with the body that was made of another dialect's. Absent: it never does. */
  addressOf?(target: EncodeTarget, body: Buffer): string;
  /** Asked there in another shape than this body's: it is translated though it is of the same dialect. Absent: nowhere. */
  rewrites?(target: EncodeTarget, body: Buffer, facts: BodyFacts): boolean;
  /** Edits that turn the client's bytes into the upstream's: model name, the gateway's own fields removed. In rising order. */
  splice(facts: BodyFacts, target: EncodeTarget): Edit[];
  /**
   * As `splice`, and what the model is known to refuse of its own dialect is taken out or said its way. Asked for instead
   * where the target is `particular`. Absent where nothing of a request is refused.
   *
   * @throws GatewayError GW_CLIENT_UNSUPPORTED for any loss when `target.strict`.
   */
  fit?(body: Buffer, facts: BodyFacts, target: EncodeTarget): FittedBody;
  /** What else has to change in the client's bytes, as this target refuses it; null = nothing. Absent: never anything. */
  mend?(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null;
}

/** An operation with one request and one whole answer, which is only ever passed on. */
export interface WholeCodec extends Codec {
  /** Reads what an answer used. @throws GatewayError when the 200 holds an error or is not an answer. */
  readAnswer(body: JsonObject): AnswerFacts;
}

/**
 * An operation with one request and one whole answer, which has a neutral form of its own. Dialects that have it are
 * translated into each other through that form.
 */
export interface PairCodec<Q, A> extends WholeCodec {
  /** What a bare list is that some servers answer: this member of the object that it should be. Absent: no answer. */
  readonly bareList?: string;
  /** How many inputs one request may have for a model, as its vendor has it; null = nobody says. Absent: likewise. */
  mostInputs?(model: string, hosted?: EncodeTarget['hosted']): number | null;
  /** Members that hold a request's inputs, as a list: one of them has any. Absent: it is not taken apart. */
  readonly inputLists?: readonly string[];
  /** What an answer in this dialect needs to know of its request. Never throws. Absent: nothing. */
  remember?(body: JsonObject): JsonObject;
  /** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
  decodeRequest(body: JsonObject): Q;
  /** @throws GatewayError GW_CLIENT_UNSUPPORTED for what would change the meaning, or for any loss when `target.strict`. */
  encodeRequest(request: Q, target: EncodeTarget): EncodedRequest;
  /** @param tools what the encoder of its request noted; null = nothing. Absent: likewise. */
  decodeAnswer(body: JsonObject, tools?: ToolMemory | null): A;
  encodeAnswer(answer: A, context: AnswerContext): string;
  /**
   * The answer to a request of this dialect has not the form which that asks for: some servers know one form alone. It is written
   * anew. Never throws. Absent: there is one form.
   */
  misshapen?(asked: Buffer, answer: Buffer): boolean;
}

/** How many tokens a prompt has. */
export interface CountCodec extends Codec {
  /** What an answer says; null = it is something else. */
  readAnswer(body: JsonObject): number | null;
  /** An answer of our own, as JSON text. */
  encodeAnswer(tokens: number): string;
  /** The request whose tokens a client asks for, as one of a chat. Absent: it looks like one. @throws GatewayError when there is none in it. */
  chatIn?(body: JsonObject): JsonObject;
  /** What its counter is asked for a chat of another dialect's. Absent: only its own clients ask it. */
  asksFor?(chat: JsonObject, target: EncodeTarget): JsonObject;
}

/** An operation whose answer is whole or comes as events, on the byte path. */
export interface EventCodec extends Codec {
  /** How its streams are cut: as all of its dialect. */
  readonly framing: Framing;
  /** How a client that asks by `query` gets them. Absent: as `framing`. Then its watchers replace nothing and add nothing. */
  framingFor?(query: string): Frames;

  /** @param context what a stream that lacks its beginning is given; `includeUsage`: the usage chunk is not hidden. */
  createWatcher(context: Omit<AnswerContext, 'now'>): StreamWatcher;
  /** Reads usage and the rest out of a whole answer. @throws GatewayError when the 200 holds an error or is not an answer. */
  readAnswer(body: JsonObject): AnswerFacts;
}

/** A turn of a conversation. */
export interface ChatCodec extends EventCodec {
  /**
   * A whole answer with what it goes on from, which its maker was not told; null = it says so, or goes on from nothing. Absent: no
   * answer ever says.
   */
  builtOn?(answer: Buffer, what: BuiltOn): string | null;

  // -- translated path
  /**
   * What an answer in this dialect needs to know of its request beside its meaning. Never throws. Absent: nothing.
   *
   * @param again it was written in this dialect before: what is to stand in its texts does so.
   */
  remember?(body: JsonObject, again?: boolean): JsonObject;
  /** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
  decodeRequest(body: JsonObject): ChatRequest;
  /** @throws GatewayError GW_CLIENT_UNSUPPORTED for grade E losses, or for any loss when `target.strict`. */
  encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest;
  decodeAnswer(body: JsonObject): ChatAnswer;
  encodeAnswer(answer: ChatAnswer, context: AnswerContext): string;
  /** @param choices answers that were asked for; absent = one. More of them are an error. */
  createDecoder(choices?: number): StreamDecoder;
  createEncoder(context: AnswerContext): StreamEncoder;

  // -- an answer that broke off
  /**
   * Edits that put behind the conversation what the model had said and, unless null, what the user says to it; null = this
   * body has no place for them. Absent: nobody goes on.
   */
  carryOn?(body: Buffer, facts: BodyFacts, said: string, instruction: string | null): Edit[] | null;
  /** Names of the events that each open one place of an answer; none where places are told in any event. */
  readonly openings?: readonly string[];
  /** Notes what an event tells that deltas do not. Absent: no event tells more. */
  mark?(event: string, data: string, marks: StreamMarks): void;
}

/** A codec for each operation the dialect has, under the operation's name; null where its vendor has none. */
export interface Codecs {
  readonly chat: ChatCodec;
  /** A vendor without one: the gateway counts by itself. */
  readonly 'token-count': CountCodec | null;
  // What most vendors do not have is left out where it is not.
  readonly embeddings?: PairCodec<EmbeddingRequest, EmbeddingAnswer>;
  readonly rerank?: PairCodec<RerankRequest, RerankAnswer>;
  readonly moderation?: WholeCodec;
  readonly completion?: ChatCodec;
  readonly fim?: ChatCodec;
  readonly image?: EventCodec;
  readonly decision?: PairCodec<ChatRequest, ChatAnswer>;
}

/** A dialect is a manner, an error codec and a codec per operation it has. All pure: it never sees a socket, a key or a clock. */
export interface Dialect extends Codecs {
  readonly name: DialectName;
  readonly manner: Manner;
  readonly errors: ErrorCodec;
  /** Null: its vendor lists models nowhere near. */
  readonly modelList: ModelListCodec | null;
}

/** Null: the dialect's vendor has no such operation, or it is a raw one. */
export function codecOf(dialect: Dialect, operation: OperationName): Codec | null {
  // Named, nearly all calls find theirs without a look-up by name: whoever compiles routes asks here for every operation.
  if (operation === 'chat') return dialect.chat;
  const codecs: Readonly<Partial<Record<OperationName, Codec | null>>> = dialect;
  return codecs[operation] ?? null;
}
