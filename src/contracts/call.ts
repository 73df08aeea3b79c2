// The per-request object. Fixed shape, every field set at birth, and it only ever gains facts: a stage reads what
// earlier stages set and writes its own. One object feeds authentication, routing, dispatch, metrics and log.
import type { BodyFacts } from './body.ts';
import type { StopReason, Usage } from './chat.ts';
import type { DialectName } from './dialect.ts';
import type { GatewayError } from './errors.ts';
import type { Sink } from './sink.ts';

/** What a route is for. */
export type RouteKind =
  | 'chat'
  | 'count_tokens'
  | 'models'
  | 'model'
  | 'health'
  | 'ready'
  | 'live'
  | 'metrics'
  | 'root'
  | 'unknown';

export interface Route {
  kind: RouteKind;
  /** Dialect errors and answers are written in. */
  dialect: DialectName;
  /** Template for metrics and logs, e.g. `/v1/chat/completions`. */
  template: string;
  methods: readonly string[];
  /** No API key needed (health, preflight). */
  open: boolean;
}

/** Request head, copied while uWS's `req` was alive. */
export interface RequestHead {
  readonly method: string;
  /** Raw path without query. */
  readonly path: string;
  readonly query: string;
  /** Lower-case names; a repeated header is joined by `, `. Null prototype. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who calls. */
export interface ClientIdentity {
  /** Name of the key in the configuration, `anonymous` when none is needed. */
  name: string;
}

/** One upstream attempt, for the log and metrics. */
export interface AttemptRecord {
  provider: string;
  model: string;
  keyAlias: string;
  /** Upstream status; 0 = none came. */
  status: number;
  /** errorType of telemetry.md section 3; '' = success. */
  errorType: string;
  /** ms since call start. */
  queuedAt: number;
  sentAt: number;
  headAt: number;
  endAt: number;
}

export class Call {
  readonly id: string;
  readonly head: RequestHead;
  readonly route: Route;
  readonly sink: Sink;
  /** Monotonic ms at the first byte of the request. */
  readonly startedAt: number;
  /** Provider named by the path prefix (`/openai/v1/...`), else null. */
  readonly prefix: string | null;
  /** Aborts when the client leaves or the call ends in any other way before its answer. */
  readonly gone: AbortController;

  // identify
  body: Buffer | null = null;
  facts: BodyFacts | null = null;
  bodyAt = 0;
  // authenticate
  identity: ClientIdentity | null = null;
  // plan
  /** Public model name for labels: the alias or `provider/model` that was resolved; '' before. */
  model = '';
  inspectedAt = 0;
  // dispatch
  attempts: AttemptRecord[] = [];
  provider = '';
  upstreamModel = '';
  translated = false;
  dropped: string[] = [];
  adapted: string[] = [];
  /** Sum of ms in which the gateway only waited: for upstream bytes, a lane slot, a back-off or the client's socket. */
  waitedMs = 0;
  firstByteAt = 0;
  lastByteAt = 0;
  chunks = 0;
  // settle
  usage: Usage | null = null;
  stop: StopReason | null = null;
  answerModel: string | null = null;
  error: GatewayError | null = null;
  status = 0;
  bytesOut = 0;
  settledAt = 0;

  constructor(
    id: string,
    head: RequestHead,
    route: Route,
    prefix: string | null,
    sink: Sink,
    startedAt: number,
  ) {
    this.id = id;
    this.head = head;
    this.route = route;
    this.prefix = prefix;
    this.sink = sink;
    this.startedAt = startedAt;
    this.gone = new AbortController();
  }

  get stream(): boolean {
    return this.facts?.stream === true;
  }

  get settled(): boolean {
    return this.settledAt !== 0;
  }
}
