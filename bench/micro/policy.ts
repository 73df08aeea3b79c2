// What the gateway itself adds to a request: everything between the socket of the client and the socket of the provider
// (identify, plan, dispatch, lane, answer, settle, metrics), with both sockets replaced by objects.
// `node bench/micro/policy.ts [requests]`; add --cpu-prof to see where it goes.

import { inspectBody } from '../../src/body/inspect.ts';
import { Call } from '../../src/contracts/call.ts';
import type { ProviderConfig } from '../../src/contracts/provider-config.ts';
import { HeaderBag } from '../../src/contracts/headers.ts';
import type { Route } from '../../src/contracts/route.ts';
import type { HeaderList, Sink } from '../../src/contracts/sink.ts';
import type { Snapshot } from '../../src/contracts/snapshot.ts';
import type { Upstream } from '../../src/contracts/upstream.ts';
import { createLanes } from '../../src/lanes/lanes.ts';
import { createCallObserver } from '../../src/observability/call-observer.ts';
import { overheadMs, serverTiming } from '../../src/observability/overhead.ts';
import { createRecorder } from '../../src/observability/recorder.ts';
import { createClocks } from '../../src/pipeline/clocks.ts';
import { createDispatch } from '../../src/pipeline/dispatch/dispatch.ts';
import { compileFlows, type StageEntries } from '../../src/pipeline/flows.ts';
import { createIdentify } from '../../src/pipeline/identify.ts';
import { createPipeline } from '../../src/pipeline/pipeline.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { createRefuser } from '../../src/pipeline/refuse.ts';
import { createSettle } from '../../src/pipeline/settle.ts';
import { createCoalesce } from '../../src/pipeline/shared/coalesce.ts';
import { createIdempotency } from '../../src/pipeline/shared/idempotency.ts';
import { createUpstreamHeaders } from '../../src/pipeline/upstream-headers.ts';
import { authenticate } from '../../src/pipeline/who/authenticate.ts';
import { directoryOf } from '../../src/pipeline/who/directory.ts';
import { permit } from '../../src/pipeline/who/permit.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { operations } from '../../src/registry/operations.ts';
import { createModelTable } from '../../src/routing/model-table.ts';
import { createEventRoom } from '../../src/upstream/event-room.ts';
import { unlimited } from '../../tests/kit/fake-call.ts';
import { requestBody } from '../load/request-body.ts';

const requests = Number(process.argv[2] ?? 300_000);
const answer = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(330) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
  }),
);
const HEAD = { 'content-type': 'application/json', 'content-length': String(answer.length) };

/** Answers at once, after send() returned, as a socket would. */
const pending: (() => void)[] = [];
const upstream: Upstream = {
  send(_request, handler) {
    pending.push(() => {
      handler.onSent(true);
      handler.onHead(200, HEAD);
      handler.onData(answer);
      handler.onEnd();
    });
    return { pause() {}, resume() {}, abort() {} };
  },
  stats: () => ({ connected: 0, running: 0, pending: 0 }),
  close: () => Promise.resolve(),
};

class NullSink implements Sink {
  committed = false;
  closed = false;
  bytesOut = 0;
  ending = false;
  onDrain: (() => void) | null = null;
  onTaken: (() => void) | null = null;
  reply(_status: number, _headers: HeaderList, body: Buffer | string): void {
    this.committed = true;
    this.bytesOut += body.length;
  }
  start(): void {}
  chunk(): boolean {
    return true;
  }
  end(): void {}
  cut(): void {}
}

const provider: ProviderConfig = {
  name: 'local',
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'http://127.0.0.1:1/v1',
  kind: 'http',
  keys: [{ value: 'sk-bench', weight: 1, models: [], alias: 'k' }],
  models: ['*'],
  modelsDeclared: true,
  headers: {},
  lane: { concurrency: 256, queue: 768, queueTimeoutMs: 1000, onFull: 'shed' },
  timeouts: {
    connectMs: 5000,
    headersMs: 60_000,
    firstTokenMs: 60_000,
    betweenTokensMs: 60_000,
    totalMs: 60_000,
  },
  retries: { max: 2, backoffMs: 500, maxBackoffMs: 8000, maxAttempts: 5 },
  cooldown: { rateLimitMs: 30_000, overloadMs: 5_000, maxMs: 86_400_000 },
  breaker: { failures: 5, openMs: 1_000, maxOpenMs: 20_000, slowStartMs: 10_000 },
  quirks: { streamUsage: true, legacyMaxTokens: true },
};

const clock = { now: () => performance.now(), wall: () => Date.now() };
const clocks = createClocks(clock);
const recorder = createRecorder();
const settle = createSettle(clock, [createCallObserver({ recorder, accessLog: null })]);
const refuse = createRefuser(dialectByName, settle, unlimited);
const stages: StageEntries = {
  identify: {
    stage: createIdentify({
      clock,
      offload: null,
      inspect: inspectBody,
      normalise: (body) => body,
      decode: (body) => Promise.resolve(body),
    }),
  },
  'first-chat': { stage: () => 'continue' },
  prompts: { stage: () => 'continue' },
  form: { stage: () => 'continue' },
  own: { stage: () => 'continue' },
  provider: { stage: () => 'continue' },
  session: { stage: () => 'continue' },
  plan: { stage: plan },
  files: { stage: () => 'continue' },
  permit: { stage: permit },
  plugins: { stage: () => 'continue' },
  'plugin-route': { stage: () => 'continue' },
  parts: { stage: () => 'continue' },
  idempotency: { stage: createIdempotency({ share: () => 'continue' }) },
  coalesce: {
    stage: createCoalesce({ answers: { share: () => 'continue' }, key: () => '', others: () => false }),
  },
  recall: { stage: () => 'continue', needed: () => false },
  compact: { stage: () => 'continue', needed: () => false },
  guardrails: { stage: () => 'continue', needed: () => false },
  lookup: { stage: () => 'continue', needed: () => false },
  background: { stage: () => 'continue', needed: () => false },
  shadow: { stage: () => 'continue', needed: () => false },
  admit: { stage: () => 'continue', needed: () => false },
  count: { stage: () => 'continue' },
  tunnel: { stage: () => 'continue' },
  dispatch: {
    stage: createDispatch({
      clocks,
      headers: createUpstreamHeaders('bench'),
      offload: null,
      media: null,
      dialect: dialectByName,
      refuse,
      settle,
      admission: unlimited,
      eventRoom: createEventRoom(1 << 24),
      counter: { asks: () => true, lacking() {}, estimate: () => Promise.resolve() },
      refusals: { failed() {}, givenUp() {}, passedBy() {}, withheld() {} },
      random: Math.random,
      serverTiming,
      overheadMs,
      ownObjects: (_call, _provider, delivered) => delivered,
      malformed() {},
      rescued() {},
      hedged() {},
      eased: () => false,
    }),
  },
};
const pipeline = createPipeline(authenticate, refuse);
const lanes = createLanes({
  clock,
  broker: { gone: false, want() {} },
  createUpstream: () => upstream,
}).apply([provider], {
  local: { run: 256, wait: 768 },
});
const directory = directoryOf([{ name: 'bench', value: 'gate-key-123456' }]);
const snapshot = {
  version: 1,
  config: {
    server: { offloadBytes: 65_536, normaliseText: false, maxBodyBytes: 1e9 },
    timeouts: { routes: {} },
    providers: [provider],
    models: {},
    idempotency: { ttlMs: 86_400_000, maxAnswerBytes: 1_048_576, maxBytes: 1 },
    coalesce: { routes: [], maxAnswerBytes: 1_048_576 },
    auth: { anonymous: false },
  },
  lanes,
  limits: null,
  models: createModelTable({
    providers: [provider],
    aliases: {},
    lane: () => lanes.get('local')!,
    dialect: dialectByName,
  }),
  identify: (credential: string) => directory.find(credential),
  mask: (bytes: Buffer) => bytes,
} as unknown as Snapshot;
const flow = compileFlows(
  operations,
  stages,
  { sinks: [], filters: [] },
  { config: snapshot.config, limits: null },
).chat;
const route: Route = {
  kind: 'model',
  operation: operations.chat,
  dialect: 'openai-chat',
  template: '/v1/chat/completions',
  methods: ['POST'],
  open: false,
  stream: null,
};
const body = Buffer.from(
  requestBody({ dialect: 'openai', model: 'mock/bench-model', bytes: 1024, streamed: false }),
);

function one(index: number): void {
  const headers = new HeaderBag();
  headers.add('host', '127.0.0.1:8080');
  headers.add('content-type', 'application/json');
  headers.add('authorization', 'Bearer gate-key-123456');
  headers.add('content-length', String(body.length));
  const sink = new NullSink();
  const call = new Call(
    `req_${index}`,
    { method: 'POST', path: route.template, query: '', headers },
    route,
    {},
    null,
    sink,
    snapshot,
    flow,
    clock.now(),
  );
  const refusal = pipeline.head(call);
  if (refusal !== null) throw refusal;
  call.body = Buffer.from(body);
  pipeline.body(call);
  // 64 in flight, as under load: objects live long enough to be copied by the collector.
  if (pending.length >= 64) for (const go of pending.splice(0)) go();
  if (index % 64 === 0 && call.error !== null) throw call.error;
}

for (let round = 0; round < 4; round++) {
  const before = process.cpuUsage();
  for (let i = 0; i < requests / 4; i++) one(i);
  const { user, system } = process.cpuUsage(before);
  console.log(`round ${round}: ${((user + system) / (requests / 4)).toFixed(2)} us of CPU a request`);
}
clocks.close();
process.exit(0);
