// Test doubles of what the dispatcher works with: a sink that records, an upstream driven by the test, a lane that
// gives a slot at once. Only imported by tests.

import { inspectBody } from '../../src/body/inspect.ts';
import { DEFAULT_RESCUE } from '../../src/config/schema/defaults.ts';
import type { Admission } from '../../src/contracts/admission.ts';
import { isSource } from '../../src/contracts/body-source.ts';
import { Call, type Flow, type RequestHead } from '../../src/contracts/call.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import type { ProviderConfig } from '../../src/contracts/provider-config.ts';
import type { Dialect, DialectName } from '../../src/contracts/dialect.ts';
import { EMPTY_FLOW } from '../../src/contracts/empty-flow.ts';
import { HeaderBag } from '../../src/contracts/headers.ts';
import type { Lane, LaneWaiter, RingKey } from '../../src/contracts/lane.ts';
import type { OperationName } from '../../src/contracts/operation.ts';
import type { Target } from '../../src/contracts/plan.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Route } from '../../src/contracts/route.ts';
import type { HeaderList, Sink } from '../../src/contracts/sink.ts';
import type { Snapshot } from '../../src/contracts/snapshot.ts';
import type { UpstreamCall, UpstreamHandler, UpstreamRequest } from '../../src/contracts/upstream.ts';
import { ModelCell } from '../../src/lanes/cell.ts';
import { CellBook } from '../../src/lanes/cell-book.ts';
import { operations } from '../../src/registry/operations.ts';
import { planOf, tiersInOrder } from '../../src/routing/plan-tiers.ts';
import { makeProvider } from './provider-config.ts';

/** Records what a client would see. */
export class FakeSink implements Sink {
  status = 0;
  headers: Record<string, string> = {};
  body = '';
  committed = false;
  closed = false;
  replies = 0;
  bytesOut = 0;
  /** What chunk() answers. */
  flowing = true;
  ending = false;
  onDrain: (() => void) | null = null;
  onTaken: (() => void) | null = null;

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    this.start(status, headers);
    this.body = body.toString();
    this.end();
  }

  start(status: number, headers: HeaderList): void {
    this.committed = true;
    this.status = status;
    this.headers = Object.fromEntries(headers);
    this.replies++;
  }

  chunk(bytes: Buffer | string): boolean {
    this.body += bytes.toString();
    this.bytesOut += bytes.length;
    return this.flowing;
  }

  /** The connection was ended without another word. */
  broken = false;

  end(): void {
    this.closed = true;
  }

  cut(): void {
    this.broken = true;
    this.closed = true;
  }
}

/** One request an upstream got, to be answered by the test. */
export class FakeRequest implements UpstreamCall {
  readonly request: UpstreamRequest;
  readonly handler: UpstreamHandler;
  aborted = false;
  paused = false;

  constructor(request: UpstreamRequest, handler: UpstreamHandler) {
    this.request = request;
    this.handler = handler;
  }

  /** The body as it would go out, at the time of the call. */
  get sent(): Buffer {
    const { body } = this.request;
    if (body === null || isSource(body)) return Buffer.alloc(0);
    return Buffer.isBuffer(body) ? body : Buffer.concat(body.pieces());
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  abort(): void {
    this.aborted = true;
  }

  json(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.handler.onSent(true);
    this.handler.onHead(status, { 'content-type': 'application/json', ...headers });
    this.handler.onData(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
    this.handler.onEnd();
  }

  stream(): this {
    this.handler.onSent(true);
    this.handler.onHead(200, { 'content-type': 'text/event-stream' });
    return this;
  }

  send(...events: (object | string)[]): this {
    for (const event of events) {
      const data = typeof event === 'string' ? event : JSON.stringify(event);
      this.handler.onData(Buffer.from(`data: ${data}\n\n`));
    }
    return this;
  }

  end(): void {
    this.handler.onEnd();
  }
}

export interface FakeProvider {
  target: Target;
  requests: FakeRequest[];
  /** Slots taken and not given back. */
  seats(): number;
  /** Keys put to rest: alias and ms. */
  rested: [string, number][];
}

/** A provider whose lane has room and whose answers come from the test. */
export function fakeProvider(
  name: string,
  dialect: Dialect,
  change: Partial<ProviderConfig> = {},
  clock: Clock = { now: () => 0, wall: () => 0 },
): FakeProvider {
  const requests: FakeRequest[] = [];
  const rested: [string, number][] = [];
  let seats = 0;
  const provider = makeProvider(name, {
    speaks: [{ dialect: dialect.name, path: '', auth: { kind: 'bearer' } }],
    ...change,
  });
  const ring: RingKey[] = provider.keys.map((config) => ({ config }));
  const cells = new CellBook(clock, provider.breaker, { random: () => 0.5, changed() {} });
  const lane: Lane = {
    provider,
    keys: {
      pick: (_model, tried) => ring.find((key) => !tried.includes(key)) ?? ring[0] ?? null,
      hasOther: (_model, tried) => ring.some((key) => !tried.includes(key)),
      rest: (key, _model, forMs) => {
        if (ring.length === 1) return false;
        rested.push([key.config.alias, forMs]);
        return true;
      },
      nextUsableInMs: (_model, except) => (except === undefined || ring.length > 1 ? 0 : null),
      failed: () => 0,
      served() {},
      states: () => [],
    },
    upstream: {
      send(request, handler) {
        const made = new FakeRequest(request, handler);
        requests.push(made);
        return made;
      },
      stats: () => ({ connected: 0, running: 0, pending: 0 }),
      close: () => Promise.resolve(),
    },
    enter(waiter: LaneWaiter, now = 0) {
      seats++;
      let left = false;
      waiter.onSlot(now);
      return {
        leave() {
          if (!left) seats--;
          left = true;
        },
      };
    },
    stats: () => ({ inFlight: seats, queued: 0, shed: 0, runShare: 1, waitShare: 1, limit: null }),
    cell: (model) => new ModelCell(model, cells),
    cooling: () => cells.count(),
    unrest: (model) => cells.unrest(model),
    circuits: () => cells.circuits(name),
    configure() {},
    close: () => Promise.resolve(),
  };
  const target: Target = {
    lane,
    cell: lane.cell('m'),
    provider,
    dialect,
    spoken: provider.speaks[0]!,
    below: provider.speaks[0]!.path,
    model: 'm',
    label: `${name}/m`,
    weight: 1,
    load: null,
    encode: {
      model: 'm',
      provider: name,
      capabilities: UNKNOWN_CAPABILITIES[dialect.name],
      streamUsage: true,
      defaultMaxTokens: 4096,
      legacyMaxTokens: false,
      strict: false,
    },
    operation: 'chat',
    price: null,
    particular: false,
    otherwise: null,
    retries: provider.retries,
    timeouts: provider.timeouts,
  };
  return { target, requests, rested, seats: () => seats };
}

/** A call that was identified and planned, as dispatch gets it. */
export function fakeCall(
  dialect: DialectName,
  body: object,
  providers: readonly FakeProvider[],
  headers: Record<string, string> = {},
  operation: OperationName = 'chat',
  flow: Flow = EMPTY_FLOW,
  startedAt = 0,
): { call: Call; sink: FakeSink } {
  const sink = new FakeSink();
  const bag = new HeaderBag();
  for (const [name, value] of Object.entries(headers)) bag.add(name, value);
  const head: RequestHead = { method: 'POST', path: '/v1/x', query: '', headers: bag };
  const route: Route = {
    kind: 'model',
    operation: operations[operation],
    dialect,
    template: '/v1/x',
    methods: ['POST'],
    open: false,
    stream: null,
  };
  const secrets = providers.flatMap(({ target }) => target.provider.keys.map((key) => key.value));
  const snapshot = {
    version: 1,
    limits: null,
    config: {
      server: { offloadBytes: 1e9, maxEventBytes: 1 << 20, maxBodyBytes: 1 << 25 },
      timeouts: { routes: {} },
      rescue: { ...DEFAULT_RESCUE },
      auth: { anonymous: true },
    },
    identify: () => null,
    mask: (bytes: Buffer) => {
      const text = secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), bytes.toString());
      return text === bytes.toString() ? bytes : Buffer.from(text);
    },
  } as unknown as Snapshot;
  const call = new Call('req_test', head, route, {}, null, sink, snapshot, flow, startedAt);
  call.body = Buffer.from(JSON.stringify(body));
  call.facts = inspectBody(call.body);
  const asked = ({ target }: FakeProvider): Target =>
    operation === 'chat' ? target : { ...target, operation };
  call.plan = planOf('m', tiersInOrder(providers.map(asked)));
  call.model = 'm';
  return { call, sink };
}

/** An admission that limits nothing. */
export const unlimited: Admission = {
  admit: () => null,
  admitTarget: () => null,
  leaveTarget() {},
  settled() {},
  headers: () => [],
};
