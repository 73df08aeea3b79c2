// What a plugin is written against: `headgate/plugin` of the package. Versioned: what stands here under a version stays.
import type { JsonObject } from './json.ts';

/** Of this contract; a plugin says which it was written for. */
export const PLUGIN_API_VERSION = 1;

/** Hooks in the order in which a call meets them. */
export const PLUGIN_HOOKS = [
  'onRequest',
  'onRoute',
  'onUpstream',
  'onDelta',
  'onAnswer',
  'onSettle',
  'onError',
] as const;
export type PluginHook = (typeof PLUGIN_HOOKS)[number];

/** What is known of a call. Names that do not apply are ''. */
export interface CallInfo {
  readonly id: string;
  /** `chat`, `embeddings`, … */
  readonly operation: string;
  /** Of its route: `openai-chat`, `anthropic`, … */
  readonly dialect: string;
  /** As its client wrote it, or as a plugin changed it. */
  readonly model: string;
  readonly stream: boolean;
  /** Name of the key. */
  readonly key: string;
  readonly team: string;
  readonly organization: string;
  readonly user: string;
  readonly project: string;
  readonly customer: string;
  readonly tags: readonly string[];
  /** What plugins put there. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Refuses the call, in its client's dialect. */
export interface Refusal {
  /** 400 to 499, or 503; absent = 400. */
  status?: number;
  /** Shown to the client. */
  message: string;
}

/** An answer without a model: what one would have said, or a whole body in the client's dialect. Streamed where that was asked. */
export type OwnAnswer = { text: string } | { body: JsonObject };

export interface RequestEvent {
  readonly call: CallInfo;
  /** Those that the configuration names in `headers`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: it is no JSON, or is handed on while it comes. A copy: what counts is what is returned. */
  readonly body: JsonObject | null;
}

export interface RequestDecision {
  /** In place of the client's; members that are as they were keep their bytes. */
  body?: JsonObject;
  /** Another model of this gateway; what the caller may not use stays forbidden. */
  model?: string;
  /** Added to `call.metadata`. */
  metadata?: Record<string, string>;
  /** Added to the request to the provider; those that frame or authenticate it are passed over. */
  headers?: Record<string, string>;
  refuse?: Refusal;
  answer?: OwnAnswer;
}

export interface RouteEvent {
  readonly call: CallInfo;
  readonly targets: readonly { readonly provider: string; readonly model: string }[];
}

export interface RouteDecision {
  /** `provider/model` of the targets that may be asked, in order. Only those of the event can be named. */
  targets?: string[];
  refuse?: Refusal;
}

export interface UpstreamEvent {
  readonly call: CallInfo;
  readonly provider: string;
  readonly model: string;
  /** From 1. */
  readonly attempt: number;
  /** What is about to be sent, in the provider's dialect; null = no JSON. */
  readonly body: JsonObject | null;
}

export interface UpstreamDecision {
  body?: JsonObject;
  headers?: Record<string, string>;
  refuse?: Refusal;
}

/** Some more of one block of an answer, whole or streamed. */
export interface DeltaEvent {
  readonly call: CallInfo;
  readonly kind: 'text' | 'reasoning' | 'refusal' | 'arguments';
  /** Number of the block in the answer. */
  readonly block: number;
  /** Of several answers to one request. */
  readonly choice: number;
  /** Cut anywhere; '' with `last`. */
  readonly text: string;
  /** The block ends: what was held back is to be returned now. */
  readonly last: boolean;
}

/**
 * What goes on in the place of the text; undefined = the text itself. Of one that is asked over the network, `{ text }`, and
 * without it the text itself.
 */
export type DeltaDecision = string | undefined;

export interface AnswerEvent {
  readonly call: CallInfo;
  readonly status: number;
  /** It went to the client while it came: `body` is null, and nothing of it can be changed. */
  readonly streamed: boolean;
  readonly provider: string;
  readonly model: string;
  /** In the client's dialect; null = no JSON, or streamed. */
  readonly body: JsonObject | null;
}

export interface AnswerDecision {
  body?: JsonObject;
  refuse?: Refusal;
}

export interface SettleEvent {
  readonly call: CallInfo;
  readonly status: number;
  /** Code of the gateway, `GW_…`; '' = none. */
  readonly error: string;
  readonly provider: string;
  /** At the provider. */
  readonly model: string;
  /** Tokens; null = nothing was said. */
  readonly usage: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
    readonly reasoning: number;
  } | null;
  /** Null: what it used has no price. */
  readonly costUsd: number | null;
  readonly durationMs: number;
  /** Why the model stopped; '' = nobody said. */
  readonly stop: string;
}

export interface ErrorEvent {
  readonly call: CallInfo;
  /** `GW_…`. */
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

type Maybe<T> = T | undefined | Promise<T | undefined>;

/** Each is optional. What throws counts as a failure of the plugin, never as a refusal. */
export interface PluginHooks {
  /** Before the model is looked up. */
  onRequest?(event: RequestEvent): Maybe<RequestDecision>;
  /** Where the call may go is known. */
  onRoute?(event: RouteEvent): Maybe<RouteDecision>;
  /** Before each target that is asked. */
  onUpstream?(event: UpstreamEvent): Maybe<UpstreamDecision>;
  /** At once: no promise. In a thread, and over the network, pieces that came meanwhile are one event. */
  onDelta?(event: DeltaEvent): DeltaDecision;
  /** The answer is whole, or its stream has ended. */
  onAnswer?(event: AnswerEvent): Maybe<AnswerDecision>;
  /** The call is over; nobody waits. */
  onSettle?(event: SettleEvent): unknown;
  /** The call failed; nobody waits. */
  onError?(event: ErrorEvent): unknown;
  /** The plugin is let go of: another configuration came, or the worker ends. */
  close?(): void;
}

/** What a plugin gets from the gateway when it is made. */
export interface PluginHost {
  /** Its name in the configuration. */
  readonly name: string;
  log(message: string): void;
}

export interface Plugin {
  apiVersion: typeof PLUGIN_API_VERSION;
  /** @param options of its configuration. @throws to say that they cannot be used. */
  create(options: JsonObject, host: PluginHost): PluginHooks | Promise<PluginHooks>;
}

/** Gives types to a plugin that is its module's default export. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
