// A path of the gateway and what stands behind it: an operation of a model, an answer from memory, or nothing.
import type { DialectName } from './dialect-name.ts';
import type { Hosted } from './hosted.ts';
import type { Operation } from './operation.ts';

interface RouteHead {
  /** Dialect its errors and answers are written in. */
  readonly dialect: DialectName;
  /** Template for metrics and logs, e.g. `/v1/chat/completions`. */
  readonly template: string;
  readonly methods: readonly string[];
  /** No API key needed (health, preflight). */
  readonly open: boolean;
  /** What stands at the same path for other methods than its own. */
  readonly otherwise?: ModelRoute;
}

/** Goes through the flow of its operation. Never open. */
export interface ModelRoute extends RouteHead {
  readonly kind: 'model';
  readonly operation: Operation;
  /** Whether the answer is streamed, where the path says it; null = the body does. With `params.model` the body names no model either. */
  readonly stream: boolean | null;
  /** Its bodies are its dialect's as this host has it: they name no model where the path does. Absent = the dialect's own. */
  readonly hosted?: Hosted;
  /** Path at the provider, `{name}` standing for parameters; absent = the codec's, or in a parameter. */
  readonly forward?: string;
  /** Name of the operator's own route (`operations`); absent = it is none. */
  readonly job?: string;
  /** Clients of its streams read each line, also one that is only a sign of life. */
  readonly readsAll?: true;
  /** The same path for what else may be asked there, as its body tells (`Codec.asks`): the flow of each begins as its own. Absent: nothing. */
  readonly likes?: readonly ModelRoute[];
  /** It is opened as a WebSocket, and not served otherwise. */
  readonly socket?: true;
  /** What a body that is JSON goes through instead, where its vendor takes both. */
  readonly asJson?: ModelRoute;
  /** Likewise a body that is a form. */
  readonly asForm?: ModelRoute;
}

export type LocalAnswerName =
  | 'root'
  | 'live'
  | 'ready'
  | 'health'
  | 'metrics'
  | 'model-list'
  | 'model-card'
  | 'inference-profiles'
  | 'inference-profile'
  | 'response'
  | 'response-cancel'
  | 'response-items'
  | 'conversations'
  | 'conversation'
  | 'conversation-items'
  | 'conversation-item'
  | 'socket-ticket'
  /** The gatehouse answers. */
  | 'admin';

/** Answered by the worker that was asked, from what it knows. */
export interface LocalRoute extends RouteHead {
  readonly kind: 'local';
  readonly answer: LocalAnswerName;
  /** A request's body is read before it is answered; absent = there is none. */
  readonly takesBody?: boolean;
}

export interface UnknownRoute extends RouteHead {
  readonly kind: 'unknown';
}

export type Route = ModelRoute | LocalRoute | UnknownRoute;

/** What stood in the place of a template's `{name}`, decoded. */
export type RouteParams = Readonly<Record<string, string>>;
