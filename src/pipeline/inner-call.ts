// Calls that the gateway makes for a call of its client: an embedding to look an answer up by, a model that judges, an answer
// that is to be fresh again. Each is a call like any other, with the caller and the configuration of the one it is made for: it
// runs through the flow of its operation, meets limits and lanes, is settled, counted and charged on its own, and names its
// parent. Nobody keeps a client of models beside this.
import { Call, type Cancellable, type RequestHead } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { GatewayError } from '../contracts/errors.ts';
import { HeaderBag } from '../contracts/headers.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { CallObserver, Clock } from '../contracts/ports.ts';
import type { ModelRoute } from '../contracts/route.ts';
import type { HeaderList } from '../contracts/sink.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { behindTurns, type Deadline } from '../ipc/behind-reads.ts';
import { operations } from '../registry/operations.ts';
import { CollectingSink } from './answer/collecting-sink.ts';
import type { Flows } from './flows.ts';
import type { Refuser } from './refuse.ts';

/** What inner calls are called in metrics and logs, where others have their path. */
export const INNER_ROUTE = '_inner';
/** Likewise, of copies that nobody hears. */
export const SHADOW_ROUTE = '_shadow';

export interface InnerRequest {
  /** One whose body is read whole. */
  operation: OperationName;
  /** Dialect of `body` and of the answer. */
  dialect: DialectName;
  /** JSON, with its model: an alias or `provider/model`. The inner call owns the bytes, and frees them. */
  body: Buffer;
  /** The whole call may take so long. */
  timeoutMs: number;
  /** It goes on when its parent is over; absent = it ends with it. */
  outlives?: boolean;
}

export interface InnerAnswer {
  status: number;
  headers: HeaderList;
  /** JSON, or all events where the request asked for a stream. */
  body: Buffer;
  /** Settled: what it used and cost stands in it. */
  call: Call;
}

export interface InnerCall extends Cancellable {
  /** Rejects with the GatewayError that the call ended in. */
  readonly answer: Promise<InnerAnswer>;
}

/** One that nobody hears. */
export interface ShadowCall extends InnerCall {
  readonly call: Call;
}

export interface InnerCalls extends CallObserver {
  /**
   * Makes a call under `parent`'s caller and configuration. What the operator configured is asked whatever the caller's key may
   * use itself; the key's limits hold. Who waits for it adds that time to `parent.waitedMs`.
   */
  ask(parent: Call, request: InnerRequest): InnerCall;
  /** Makes `parent`'s own request once more, under the flow it had; it goes on when its parent is over. */
  repeat(parent: Call, timeoutMs: number): InnerCall;
  /**
   * Makes `parent`'s request of the model `to` beside it; it goes on when its parent is over. Nobody hears its answer, whose bytes are
   * not kept. It begins when what runs now is done.
   */
  shadow(parent: Call, to: string, timeoutMs: number): ShadowCall;
  /** Those that run. */
  readonly size: number;
  /** Ends all with `error`. @returns how many. */
  endAll(error: GatewayError): number;
  /** Ends those that nobody hears: nobody is to wait for them either. */
  endShadows(error: GatewayError): void;
  /** Resolves when none runs. */
  idle(): Promise<void>;
}

export interface InnerCallDeps {
  clock: Clock;
  /** What inner calls run through under a configuration. */
  flows(snapshot: Snapshot): Flows;
  /** Runs a call with its body. */
  run(call: Call): void;
  refuse: Refuser;
}

export function createInnerCalls(deps: InnerCallDeps): InnerCalls {
  return new Running(deps);
}

class Running implements InnerCalls {
  readonly #deps: InnerCallDeps;
  readonly #open = new Map<Call, Inner>();
  /** Those that end with their parent, by it. */
  readonly #under = new Map<Call, Set<Inner>>();
  #made = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(deps: InnerCallDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#open.size;
  }

  ask(parent: Call, { operation, dialect, body, timeoutMs, outlives = false }: InnerRequest): InnerCall {
    const { snapshot } = parent;
    const flow = this.#deps.flows(snapshot)[operation];
    const sink = new CollectingSink();
    const now = this.#deps.clock.now();
    const id = this.#idUnder(parent);
    const call = new Call(id, HEAD, routeOf(operation, dialect), {}, null, sink, snapshot, flow, now);
    return this.#run(call, parent, body, sink, timeoutMs, outlives);
  }

  repeat(parent: Call, timeoutMs: number): InnerCall {
    const { head, route, params, prefix, snapshot, flow } = parent;
    const sink = new CollectingSink();
    const now = this.#deps.clock.now();
    const call = new Call(this.#idUnder(parent), head, route, params, prefix, sink, snapshot, flow, now);
    call.repeats = true;
    // The parent's own is freed when it settles.
    return this.#run(call, parent, Buffer.from(parent.body!), sink, timeoutMs, true);
  }

  shadow(parent: Call, to: string, timeoutMs: number): ShadowCall {
    const { head, route, params, snapshot, operation } = parent;
    const flow = this.#deps.flows(snapshot)[operation!.name];
    const sink = new CollectingSink(false);
    const copied: RequestHead = { ...head, headers: ofCopy(head.headers) };
    const as: ModelRoute = { ...(route as ModelRoute), template: SHADOW_ROUTE };
    const now = this.#deps.clock.now();
    const call = new Call(this.#idUnder(parent), copied, as, params, null, sink, snapshot, flow, now);
    call.instead = to;
    const body = Buffer.from(parent.body!);
    return this.#run(call, parent, body, sink, timeoutMs, true, true);
  }

  #idUnder({ id }: Call): string {
    return `${id.slice(0, 110)}.${(++this.#made).toString(36)}`;
  }

  #run(
    call: Call,
    parent: Call,
    body: Buffer,
    sink: CollectingSink,
    timeoutMs: number,
    outlives: boolean,
    later = false,
  ): Inner {
    call.parent = parent.id;
    call.principal = parent.principal;
    call.customer = parent.customer;
    call.body = body;
    call.bodyAt = call.startedAt;
    const inner = new Inner(call, outlives ? null : parent, sink, this.#deps.refuse, timeoutMs);
    this.#open.set(call, inner);
    if (!outlives) {
      const siblings = this.#under.get(parent);
      if (siblings === undefined) this.#under.set(parent, new Set([inner]));
      else siblings.add(inner);
    }
    if (later)
      setImmediate(() => {
        if (!call.settled) this.#deps.run(call);
      });
    else this.#deps.run(call);
    return inner;
  }

  settled(call: Call): void {
    if (this.#open.size === 0) return;
    const inner = this.#open.get(call);
    if (inner !== undefined) this.#over(call, inner);
    const under = this.#under.get(call);
    if (under === undefined) return;
    this.#under.delete(call);
    for (const child of under) child.cancel(call.error ?? new GatewayError('GW_CLIENT_GONE'));
  }

  #over(call: Call, inner: Inner): void {
    this.#open.delete(call);
    if (inner.parent !== null) {
      const siblings = this.#under.get(inner.parent);
      if (siblings?.delete(inner) === true && siblings.size === 0) this.#under.delete(inner.parent);
    }
    inner.settled();
    if (this.#open.size > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  endShadows(error: GatewayError): void {
    for (const [call, inner] of [...this.#open])
      if (call.route.template === SHADOW_ROUTE) inner.cancel(error);
  }

  endAll(error: GatewayError): number {
    const open = [...this.#open.values()];
    for (const inner of open) inner.cancel(error);
    return open.length;
  }

  idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }
}

class Inner implements ShadowCall {
  readonly parent: Call | null;
  readonly call: Call;
  readonly answer: Promise<InnerAnswer>;
  readonly #call: Call;
  readonly #sink: CollectingSink;
  readonly #refuse: Refuser;
  readonly #timer: Deadline;
  #done!: { resolve(answer: InnerAnswer): void; reject(error: GatewayError): void };

  constructor(call: Call, parent: Call | null, sink: CollectingSink, refuse: Refuser, timeoutMs: number) {
    this.#call = call;
    this.call = call;
    this.parent = parent;
    this.#sink = sink;
    this.#refuse = refuse;
    this.answer = new Promise((resolve, reject) => (this.#done = { resolve, reject }));
    // Who gave up waiting need not hear of it.
    this.answer.catch(() => undefined);
    this.#timer = behindTurns(timeoutMs, () => this.cancel(new GatewayError('GW_UPSTREAM_TIMEOUT_TOTAL')));
    this.#timer.unref();
  }

  cancel(reason: GatewayError): void {
    const call = this.#call;
    if (call.settled) return;
    call.work?.cancel(reason);
    // Nobody worked for it: it waited for its turn in a stage.
    this.#refuse(call, reason);
  }

  settled(): void {
    this.#timer.clear();
    const { error } = this.#call;
    const { status, headers, body } = this.#sink;
    if (error === null) this.#done.resolve({ status, headers, body, call: this.#call });
    else this.#done.reject(error);
  }
}

/** The body is decoded by now, and what was asked of the gateway was asked for the call itself. */
function ofCopy(headers: HeaderBag): HeaderBag {
  const copied = new HeaderBag();
  for (let at = 0; at < headers.count; at++) {
    const name = headers.nameAt(at);
    const own = name.startsWith('x-headgate-') && name !== 'x-headgate-session';
    if (!own && name !== 'content-encoding' && name !== 'idempotency-key')
      copied.add(name, headers.valueAt(at));
  }
  return copied;
}

const HEAD: RequestHead = { method: 'POST', path: INNER_ROUTE, query: '', headers: new HeaderBag() };

function routeOf(operation: OperationName, dialect: DialectName): ModelRoute {
  return {
    kind: 'model',
    operation: operations[operation],
    dialect,
    template: INNER_ROUTE,
    methods: ['POST'],
    open: false,
    stream: null,
  };
}
