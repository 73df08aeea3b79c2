// The per-request object. Fixed shape, every field set at birth, and it only ever gains facts: a stage reads what
// earlier stages set and writes its own. One object feeds authentication, routing, dispatch, metrics and log.
import type { ClientCertificate } from './client-certificate.ts';
import type { BodyFacts } from './body.ts';
import type { BodySource } from './body-source.ts';
import type { CacheTicket } from './cache.ts';
import type { StopReason, Usage } from './chat.ts';
import type { CallGuard } from './call-guard.ts';
import type { DeltaFilter } from './delta-filter.ts';
import type { GatewayError } from './errors.ts';
import type { HeaderBag } from './headers.ts';
import type { LimitHold } from './limits.ts';
import type { Operation, OperationName } from './operation.ts';
import type { CacheOutcome, GuardrailOutcome } from './outcomes.ts';
import type { Plan } from './plan.ts';
import type { CallPlugins } from './plugin-port.ts';
import type { Principal } from './principal.ts';
import type { Quantities } from './quantities.ts';
import type { BuiltOn, KeptTurn } from './responses.ts';
import type { ModelRoute, Route, RouteParams } from './route.ts';
import type { Shared, Sharing } from './shared-answer.ts';
import type { Sink } from './sink.ts';
import type { Snapshot } from './snapshot.ts';
import type { CallTrace } from './trace.ts';

/** The other end of a request's connection. To be asked before the handler returns: an address costs something to read. */
export interface Peer {
  /** Of the socket, in text; '' = not known. */
  socketAddress(): string;
  /** As a proxy in front said it in its own protocol (PROXY v2); '' = none did. To be believed of trusted ones alone. */
  proxiedAddress(): string;
  /** Of TLS, signed by an authority of the listener; null or absent = none was shown. */
  certificate?(): ClientCertificate | null;
}

/** Request head, copied while uWS's `req` was alive. */
export interface RequestHead {
  readonly method: string;
  /** Raw path without query. */
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderBag;
  /** Absent where nobody knows it. */
  readonly peer?: Peer;
}

/** One upstream attempt, for the log and metrics. */
export interface AttemptRecord {
  provider: string;
  model: string;
  keyAlias: string;
  /** Of the key; absent or '' = it names none. */
  organization?: string;
  /** Upstream status; 0 = none came. */
  status: number;
  /** errorType of telemetry.md section 3; '' = success. */
  errorType: string;
  /** What the answer said it used; null = nothing was said. */
  usage: Usage | null;
  /** What it used beside tokens, as the answer said; null = nothing was said. */
  quantities: Quantities | null;
  /** Content events of a stream: about its output tokens where the upstream did not say. */
  contentEvents: number;
  /** What it cost, whole nanodollars (1e-9 USD); 0 = it used nothing, null = what it used has no price. */
  costNano: number | null;
  /** Where its price is from: `genai-prices 0.2.3`, `configuration`; '' = it has none. */
  priceVersion: string;
  /** The cost is of what was sent and said, since the answer did not tell what it used. */
  estimated: boolean;
  /** Of a whole answer, as it was charged; 0 = it was none. */
  answerBytes: number;
  /** ms since call start. */
  queuedAt: number;
  /** When it had its place in the lane; 0 = it never had. */
  slotAt: number;
  /** ms it waited for a connection to be opened, or for one to be free; 0 = one was there. */
  connectMs: number;
  sentAt: number;
  headAt: number;
  endAt: number;
}

/** `continue`: the next stage; `taken`: this stage answers, now or later; an error: the call is refused with it. */
export type StageResult = 'continue' | 'taken' | GatewayError;

/**
 * The one verb going down: a stage gets the call, adds facts to it and says how it goes on. A promise only where the work
 * really waits (a thread, a decompression): the common case stays synchronous.
 */
export type Stage = (call: Call) => StageResult | Promise<StageResult>;

/** Wraps the sink of a call, to see or change its answer's bytes: start, chunk, end, or reply. Asked once per call. */
export type SinkDecorator = (sink: Sink, call: Call) => Sink;

/** A filter of a call's answer. Asked once per answer that begins: another target's answer gets another. */
export type CreateDeltaFilter = (call: Call) => DeltaFilter;

/** What calls of one operation run through under one snapshot: only what is on. */
export interface Flow {
  /** In order. */
  readonly stages: readonly Stage[];
  /** The first is next to the client. Without any the exchange itself is the call's sink. */
  readonly sinks: readonly SinkDecorator[];
  /** The first is next to the upstream. With any the answer is decoded and encoded, whoever speaks. */
  readonly filters: readonly CreateDeltaFilter[];
  /** Of each operation under the same snapshot, for calls whose bodies tell what is asked; absent = there are no others. */
  readonly all?: Readonly<Partial<Record<OperationName, Flow>>>;
}

/** Works for a call. */
export interface Cancellable {
  /**
   * The call ends now, for `reason`: the client left, or the gateway shuts down. Whoever writes the answer ends it and
   * settles the call; who only prepares it just stops.
   */
  cancel(reason: GatewayError): void;
}

/** One for all: nobody adds to such a list. */
export const NONE: readonly string[] = [];

/** Models that somebody else's requests are for, as far as the gateway saw them. */
export interface NamedModels {
  /** Null: not all of them are known. */
  readonly models: readonly string[] | null;
  /** Those that some of them name, where others name none; null, or absent = that is not known. */
  readonly mentioned?: readonly string[] | null;
}

export class Call {
  readonly id: string;
  readonly head: RequestHead;
  /** Changes once at most: see `becomes`. */
  route: Route;
  /** What the route asks of a model; null = nothing. */
  operation: Operation | null;
  /** Of its operation under its snapshot; empty without one. */
  flow: Flow;
  /** What the path says beside the route. */
  readonly params: RouteParams;
  /** Changes once at most: see `goOn`. */
  sink: Sink;
  /** The configuration this call runs under, whatever is loaded meanwhile. */
  readonly snapshot: Snapshot;
  /** Monotonic ms at the first byte of the request. */
  readonly startedAt: number;
  /** Id of the call that the gateway makes this one for; null = it is a client's own. */
  parent: string | null = null;
  /** It is its parent's own request once more, for an answer that is fresh. */
  repeats = false;
  /** Model that is asked in place of the one its body or path names; null = that one. */
  instead: string | null = null;
  /** Provider named by the path prefix (`/openai/v1/...`), else null. */
  readonly prefix: string | null;
  /** Null = it is not recorded, and came without a trace. */
  readonly trace: CallTrace | null;
  /** Its request asks for `usage.cost`, or (false) wants none; null = it says nothing. */
  readonly usageCost: boolean | null;
  /** Nanodollars of its attempts so far, null where one has no price: set by who writes a stream whose usage tells them. */
  costSoFar: (() => number | null) | null = null;
  /** Who works for the call now: set by `begin`, and told when the call ends before its answer did. */
  work: Cancellable | null = null;

  // Every `...At` of the call is monotonic ms of the same clock as startedAt; 0 = not reached.

  // identify
  body: Buffer | null = null;
  /** Readers of the body, the call itself among them until it is settled: body/hold.ts. */
  bodyHolds = 1;
  /** In place of `body`: it is handed on while it comes. */
  upload: BodySource | null = null;
  facts: BodyFacts | null = null;
  bodyAt = 0;
  // authenticate
  principal: Principal | null = null;
  /** Who calls, as far as the head alone does not tell: a signed body, a token. Why it is refused, or null. Null = nothing is left to be proven. */
  prove: ((body: Buffer) => GatewayError | null | Promise<GatewayError | null>) | null = null;
  // permit
  /** The end user it is for; null = nobody says. */
  customer: string | null = null;
  // plugins
  /** Those that look at it; null = none does. */
  plugins: CallPlugins | null = null;
  // plan
  /** Provider that keeps the object the path names; null = it names none, or nobody knows. */
  keptAt: string | null = null;
  /** What the requests of a batch name, where that is looked for: in its body, in a file that is put up, or in one that was. Null: nowhere. */
  namedModels: NamedModels | null = null;
  /** Path and query at the provider, where the route says them; null = a codec does. */
  address: string | null = null;
  /** `address` is below the origin of the provider's base URL, not below the whole of it. */
  fromOrigin = false;
  /** It begins a batch by its provider's own path, which is charged when it is over: it costs nothing itself. */
  chargedLater = false;
  /** Public model name for labels: the alias or `provider/model` that was resolved; '' before. */
  model = '';
  plan: Plan | null = null;
  inspectedAt = 0;
  // recall
  /** What its request goes on from; null = nothing, or it is none to Responses. */
  builtOn: BuiltOn | null = null;
  /** What later turns may build on; null = nothing of this call is kept. */
  kept: KeptTurn | null = null;
  /** Others take its answer too; null = it is its client's alone. */
  sharing: Sharing | null = null;
  /** The answer is that of another call, which pays for it: how it came to it; '' = it is its own. */
  shared: Shared | '' = '';
  /** It goes on whether or not its client is there. */
  alone = false;
  // lookup
  /** What is to be kept of its answer; null = nothing. */
  caching: CacheTicket | null = null;
  // admit
  /** What it holds of its limits; null = nothing limits it. */
  limits: LimitHold | null = null;
  // dispatch
  attempts: AttemptRecord[] = [];
  provider = '';
  upstreamModel = '';
  translated = false;
  dropped: readonly string[] = NONE;
  adapted: readonly string[] = NONE;
  /** How a stream that broke off was told whole all the same: `prefill`, `restart`, `instruct`; '' = none did. */
  rescued = '';
  /** Sum of ms in which the gateway only waited: for upstream bytes, a lane slot, a back-off or the client's socket. */
  waitedMs = 0;
  firstByteAt = 0;
  lastByteAt = 0;
  chunks = 0;
  /** Content events from which on `more` is asked for the next ones; Infinity = nobody has to. */
  moreAt = Number.POSITIVE_INFINITY;
  /** Set by who sets `moreAt`. */
  more: (() => void) | null = null;
  /** Content events of the stream so far: about its output tokens where the upstream did not say. */
  contentEvents = 0;
  /** What the cache did; null = none is on for it. */
  cache: CacheOutcome | null = null;
  // guardrails
  /** What its answer has to go through; null = nothing. */
  guard: CallGuard | null = null;
  /** Of its flow, and those that a stage adds: the first is next to the upstream. */
  filters: readonly CreateDeltaFilter[];
  /** What guardrails did, in order; null = none looked at it. */
  guardrails: GuardrailOutcome[] | null = null;
  /** Why its client does not get what the model answered; null = it does. */
  unfit: GatewayError | null = null;
  // settle
  usage: Usage | null = null;
  /** Sum of what its attempts cost, whole nanodollars; null = one of them used what has no price, or nobody was asked. */
  costNano: number | null = null;
  quantities: Quantities | null = null;
  stop: StopReason | null = null;
  answerModel: string | null = null;
  error: GatewayError | null = null;
  status = 0;
  bytesIn = 0;
  bytesOut = 0;
  settledAt = 0;

  constructor(
    id: string,
    head: RequestHead,
    route: Route,
    params: RouteParams,
    prefix: string | null,
    sink: Sink,
    snapshot: Snapshot,
    flow: Flow,
    startedAt: number,
  ) {
    this.id = id;
    this.head = head;
    this.route = route;
    this.operation = route.kind === 'model' ? route.operation : null;
    this.params = params;
    this.prefix = prefix;
    this.snapshot = snapshot;
    this.flow = flow;
    this.filters = flow.filters;
    this.startedAt = startedAt;
    this.usageCost = head.headers.hasOwn ? costAsked(head.headers.get(USAGE_COST_HEADER)) : null;
    this.trace = snapshot.tracing?.begin(head.headers) ?? null;
    this.sink = decorated(sink, this);
  }

  /** Its body asks for another operation of its path's. The sink stays: what stands around answers is the same for both. */
  becomes(route: ModelRoute): void {
    this.route = route;
    this.operation = route.operation;
    this.flow = this.flow.all?.[route.operation.name] ?? this.flow;
    this.filters = this.flow.filters;
  }

  /** Its client has an answer, and the call goes on without it: what comes goes to `sink`. */
  goOn(sink: Sink): void {
    this.alone = true;
    const outer = decorated(sink, this);
    this.sink = this.guard === null ? outer : this.guard.around(outer);
  }

  /** Hands the call to `work`. Whoever had it must have finished, or its work would go on unheard. */
  begin(work: Cancellable): void {
    if (this.work !== null) throw new Error('two work for one call');
    this.work = work;
  }

  /** An attempt begins. A list of one is made whole: one that begins empty makes room for seventeen. */
  attempted(record: AttemptRecord): void {
    if (this.attempts.length === 0) this.attempts = [record];
    else this.attempts.push(record);
  }

  finish(work: Cancellable): void {
    if (this.work === work) this.work = null;
  }

  get stream(): boolean {
    return this.facts?.stream === true;
  }

  /** Its client sees the chunk that tells the usage, where a dialect has one of its own. */
  get showsUsage(): boolean {
    return this.usageCost === true || this.facts?.includeUsage === true;
  }

  get settled(): boolean {
    return this.settledAt !== 0;
  }
}

/** `1` or `true`: the usage of the answer tells what it cost. */
const USAGE_COST_HEADER = 'x-headgate-usage-cost';

function costAsked(value: string | undefined): boolean | null {
  if (value === '1' || value === 'true') return true;
  return value === '0' || value === 'false' ? false : null;
}

function decorated(sink: Sink, call: Call): Sink {
  let outer = sink;
  for (const decorate of call.flow.sinks) outer = decorate(outer, call);
  return outer;
}
