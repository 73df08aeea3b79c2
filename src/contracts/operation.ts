// What a route asks of a model, whatever its dialect spells it like. One frozen record each in src/operations/; stages
// read what a record says and never ask for its name.

/** Those that dialects have a codec for. */
export type CodedOperationName =
  | 'chat'
  | 'token-count'
  | 'embeddings'
  | 'rerank'
  | 'moderation'
  | 'completion'
  | 'fim'
  | 'image'
  | 'decision';

/** Those that go to a provider of the client's own dialect as they came: nothing but the model's name is read or changed. */
export type RawOperationName =
  | 'passthrough'
  | 'speech'
  | 'tokenize'
  | 'classify'
  | 'classification'
  | 'ocr'
  | 'transcription'
  | 'image-form'
  | 'file'
  | 'file-content'
  | 'stored-chat'
  | 'vector-store'
  | 'container'
  | 'upload'
  | 'fine-tuning'
  | 'eval'
  | 'skill'
  | 'voice'
  | 'model-object'
  | 'batch'
  | 'message-batch'
  | 'batch-results'
  | 'video'
  | 'video-form'
  | 'video-object'
  | 'video-content'
  | 'interaction'
  | 'interaction-object'
  | 'realtime'
  | 'realtime-secret'
  | 'realtime-call'
  | 'live-session'
  | 'provenance';

export type OperationName = CodedOperationName | RawOperationName;

/** How an operation without codecs is handled. */
export interface Raw {
  /** Every status is the client's answer: the provider's refusals go on as they are. */
  readonly verbatim: boolean;
  /** Which of the client's headers go on: all but those that are the connection's or a credential, or those of its dialect. */
  readonly headers: 'all' | 'dialect';
  /** What its answers hold are objects that belong to who made them. */
  readonly objects: boolean;
  /** Its answers, handed on as they come, name what was made: it belongs to who asked before the client hears of it. `location`: their head does. */
  readonly makes?: true | 'location';
}

/** Stages a flow may name; pipeline/flows.ts has one entry for each. */
export type StageName =
  | 'identify'
  | 'first-chat'
  | 'form'
  | 'own'
  | 'files'
  | 'provider'
  | 'session'
  | 'plugins'
  | 'plan'
  | 'permit'
  | 'plugin-route'
  | 'parts'
  | 'prompts'
  | 'idempotency'
  | 'coalesce'
  | 'recall'
  | 'compact'
  | 'guardrails'
  | 'lookup'
  | 'admit'
  | 'count'
  | 'background'
  | 'shadow'
  | 'dispatch'
  | 'tunnel';

/** What of a call is counted: limits and prices are stated in these. All but the first two are in `Quantities`. */
export type Meter = 'requests' | 'tokens' | 'images' | 'characters' | 'seconds' | 'searches' | 'pages';

/**
 * Who makes a call's facts. `json`: a body read whole, one object. `form`: a multipart body that is handed on while it comes, the model it names found in passing.
 * `stream`: a body that is handed on while it comes. `none`: there is no body. `socket`: messages, both ways.
 */
export type Intake = 'json' | 'form' | 'stream' | 'none' | 'socket';

/**
 * What comes back. `deltas`: an answer that may be streamed, event by event, and has a neutral form. `events`: likewise, only
 * ever passed on. `json`: a whole object. `bytes`: whatever it is, handed on while it comes. `socket`: messages, both ways.
 */
export type AnswerKind = 'deltas' | 'events' | 'json' | 'bytes' | 'socket';

export interface Operation {
  readonly name: OperationName;
  readonly intake: Intake;
  readonly answer: AnswerKind;
  /** The body is kept until the end: it may go to another key or target when the first fails. */
  readonly repeatable: boolean;
  /** What it asks for goes on at the provider, and is paid for, also when its answer is lost: nobody is asked again where it may have begun. */
  readonly begins?: true;
  /**
   * What the upstream refuses says something of its keys and models: they rest and cool down. An operation with limits of
   * its own at the provider says nothing of the others'.
   */
  readonly refusable: boolean;
  /** The gateway has an answer of its own, an estimate, where the target's vendor has none. */
  readonly estimated: boolean;
  /** Absent: dialects have a codec for it. */
  readonly raw?: Raw;
  /** What is said goes on, or goes past the gateway, without being read: where a guardrail must look at it, it is refused. */
  readonly unread?: true;
  /** What is asked in its place of a target that has no codec for it: its own codec speaks that one's neutral form. Null: nothing. */
  readonly standIn: 'chat' | null;
  /** A text between two others is asked for: at `fim` or `completion`, whichever a target has for that. */
  readonly fills?: true;
  /** The same for requests that say what is to come behind (`suffix`), which no chat knows. Absent: there is none. */
  readonly infill?: Operation;
  /** Plans of it are told by this from those of its likes; absent = by its name. */
  readonly plannedAs?: string;
  /** What stands in for it asks with a function: of models that take those elsewhere, there. */
  readonly standInByTool?: true;
  /** Models that are asked for it itself, where another stands in for all others; absent = all whose provider serves it. */
  readonly natives?: readonly string[];
  /** Who is asked when the client names no model, as its vendor has it. Absent = it must. */
  readonly defaultModel?: string;
  /**
   * Where a request says which model works for it, as an error would name it; '' = anywhere. One that names none there may be given any
   * model of its provider. Null: no model works for it.
   */
  readonly modelIn: string | null;
  readonly meters: readonly Meter[];
  /** A vendor bills it: it is charged, and budgets hold for it. Reading and deleting by such an operation is free all the same. */
  readonly billed: boolean;
  /** How long what is made is where its request does not say: budgets set aside the price of so many seconds. Absent: it has no length. */
  readonly usualSeconds?: number;
  /** It makes films, or looks at some: they are paid for by their length and size, and by the model that their answer names. */
  readonly films?: true;
  /** What it begins goes past the gateway, and nobody here counts it: where a budget holds, it is a call without a price. */
  readonly past?: true;
  /** What it asks for is done later, and charged when that is told or read (pipeline/batches): it costs nothing itself. */
  readonly chargedByResults?: true;
  /** Stages in order, behind authentication. One that the configuration switches off is left out when it is compiled. */
  readonly flow: readonly StageName[];
}
