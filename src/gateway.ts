// The composition root: everything a worker's gateway is made of, put together once, on one screen.
import { randomBytes } from 'node:crypto';
import { decodeBody } from './body/decompress.ts';
import { inspectBody } from './body/inspect.ts';
import { normaliseBody } from './body/normalise.ts';
import { createCatalog } from './catalog/catalog.ts';
import type { Config } from './contracts/config.ts';
import type { DialectName } from './contracts/dialect.ts';
import { GatewayError } from './contracts/errors.ts';
import type { Gateway, GatewayPorts } from './contracts/gateway.ts';
import type { Shares } from './contracts/ipc.ts';
import type { LimitAuthority } from './contracts/limits.ts';
import type { Snapshot } from './contracts/snapshot.ts';
import { createDescriptorGate } from './http/descriptor-gate.ts';
import { loadUws } from './http/loader.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { createLanes } from './lanes/lanes.ts';
import { createRests } from './lanes/rests.ts';
import { createLimiter } from './limiter/limiter.ts';
import { createAccessLog } from './observability/access-log.ts';
import { createAuthorityMeter } from './observability/authority-meter.ts';
import { createCallObserver } from './observability/call-observer.ts';
import { createCoolDownMeter } from './observability/cool-down-meter.ts';
import { createDescriptorCount, readDescriptorLimit } from './observability/descriptors.ts';
import { createFragmentMask } from './observability/key-fragments.ts';
import { createLaneMeter } from './observability/lane-meter.ts';
import { createLimitMeter } from './observability/limit-meter.ts';
import { createMeasuring, measuredCalls } from './observability/measured.ts';
import { createModelListMeter } from './observability/model-list-meter.ts';
import { overheadMs, serverTiming } from './observability/overhead.ts';
import { createProcessMeter } from './observability/process-meter.ts';
import { createRecorder } from './observability/recorder.ts';
import { createSecretMask } from './observability/redact.ts';
import { createAdmit } from './pipeline/admit.ts';
import { authenticate } from './pipeline/authenticate.ts';
import { createClientKeys } from './pipeline/client-keys.ts';
import { createClocks } from './pipeline/clocks.ts';
import { createCount, createTokenCounter } from './pipeline/count.ts';
import { createDispatch } from './pipeline/dispatch/dispatch.ts';
import { compileFlows, type Flows, type StageEntries } from './pipeline/flows.ts';
import { createIdentify } from './pipeline/identify.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import { plan } from './pipeline/plan.ts';
import { createRefuser } from './pipeline/refuse.ts';
import { createSettle } from './pipeline/settle.ts';
import { createUpstreamHeaders } from './pipeline/upstream-headers.ts';
import { dialectByName } from './registry/dialects.ts';
import { operations } from './registry/operations.ts';
import { createModelTable } from './routing/model-table.ts';
import { LineGate } from './stores/line-gate.ts';
import { countBody } from './tokens/count-body.ts';
import { createEventRoom } from './upstream/event-room.ts';
import { VERSION } from './version.ts';

/** Unfinished stream events of one worker, in sum; a single one may be as large (`server.maxEventBytes`). */
const EVENT_ROOM_BYTES = 128 * 1024 * 1024;

export function createGateway(ports: GatewayPorts): Gateway {
  const { clock, offload } = ports;
  const clocks = createClocks(clock);
  const recorder = createRecorder();
  const laneMeter = createLaneMeter(recorder);
  const openDescriptors = createDescriptorCount();
  const descriptorLimit = readDescriptorLimit();
  const descriptors = createDescriptorGate({
    limit: descriptorLimit,
    count: openDescriptors,
    log: ports.log,
    now: clock.now,
  });
  const processMeter = createProcessMeter({
    recorder,
    clock,
    worker: ports.worker,
    droppedLogLines: ports.droppedLogLines,
    descriptors: {
      limit: descriptorLimit,
      count: openDescriptors,
      held: () => descriptors.held,
      near: (open) =>
        ports.log.warn(
          { open, limit: descriptorLimit, connections: descriptors.connections },
          'file descriptors are running short (raise the limit: docs/operations.md)',
        ),
    },
    connections: () => descriptors.connections,
  });
  const dialect = (name: DialectName) => dialectByName(name);
  const lanes = createLanes({ clock, broker: ports.shares, names: ports.names, log: ports.log });
  const coolDownMeter = createCoolDownMeter(recorder, new LineGate(ports.log, clock));
  const rests = createRests({
    clock,
    tell: ports.rested,
    cooled: (lane, model, forMs, reason) => coolDownMeter.began(lane.provider.name, model, forMs, reason),
    passedBy: coolDownMeter.passedBy,
  });
  const limiter = createLimiter({
    clock,
    meter: createLimitMeter(recorder),
    // Unlike any other, also of the worker that had this place before.
    origin: `${ports.worker}.${randomBytes(6).toString('base64url')}`,
  });
  const authorityMeter = createAuthorityMeter(recorder, clock);
  let authority: LimitAuthority | null = null;
  let current: { snapshot: Snapshot; flows: Flows } | null = null;

  // Access lines follow the configuration of the moment; off, the observer does not know of them.
  const accessLog = createAccessLog(ports.log);
  const metrics = createCallObserver({ recorder, accessLog: null });
  const measured = measuredCalls(
    {
      settled(call) {
        metrics.settled(call);
        if (call.snapshot.config.log.access) accessLog.write(call);
        if (call.error?.code === 'GW_GATEWAY_INTERNAL') {
          ports.log.error({ id: call.id, err: call.error.cause }, 'a request failed inside the gateway');
        }
      },
    },
    createMeasuring(() => ports.log, clock.now),
  );
  const settle = createSettle(clock, [limiter, measured]);
  const refuse = createRefuser(dialect, settle, limiter);
  const counter = createTokenCounter({
    count: (...input) =>
      offload === null ? countBody(input[0], input[1], input[2]) : offload.countTokens(...input),
    settle,
    admission: limiter,
    now: () => clock.now(),
  });
  const headers = createUpstreamHeaders(VERSION);
  const catalog = createCatalog({
    clock,
    random: Math.random,
    dialect,
    headers: headers.own,
    asked: createModelListMeter(recorder, ports.log).asked,
  });
  const stages: StageEntries = {
    identify: {
      stage: createIdentify({
        clock,
        offload,
        inspect: inspectBody,
        normalise: normaliseBody,
        decode: decodeBody,
      }),
    },
    plan: { stage: plan },
    admit: { stage: createAdmit(limiter), needed: ({ limits }) => limits !== null },
    count: { stage: createCount(counter) },
    dispatch: {
      stage: createDispatch({
        clocks,
        headers,
        offload,
        dialect,
        refuse,
        settle,
        admission: limiter,
        counter,
        random: Math.random,
        serverTiming,
        overheadMs,
        refusals: rests,
        eventRoom: createEventRoom(EVENT_ROOM_BYTES),
        malformed: (target) =>
          recorder.counter('headgate_malformed_chunks_total', [target.provider.name]).add(1),
      }),
    },
  };
  const server = createHttpServer({
    uws: loadUws(),
    clock,
    descriptors,
    dialect,
    current: () => current!,
    pipeline: createPipeline(authenticate, refuse),
    settle,
    refuse,
    scrape: ports.scrape,
    models: catalog,
    health: () =>
      withLimits(
        ports.health(),
        current?.snapshot.config.redis === null ? null : authority,
        authorityMeter.fault,
      ),
    version: VERSION,
  });

  return {
    apply(config: Config, version: number, shares: Shares) {
      // What could fail comes before the lanes change: a config is taken whole or not at all.
      const keys = config.providers.flatMap((provider) => provider.keys.map((key) => key.value));
      const whole = createSecretMask(keys).maskBuffer;
      const parts = createFragmentMask(keys);
      const mask = (bytes: Buffer): Buffer => parts(whole(bytes));
      const identify = createClientKeys(config.auth.keys);
      const { metricsKey } = config.server;
      const identifyScraper =
        metricsKey === undefined ? null : createClientKeys([{ name: 'metrics', value: metricsKey }]);
      ports.names.configure(config.dns);
      const limits = limiter.compile(
        config.limits,
        config.providers.map(({ name }) => name),
        (authority = ports.limitAuthority(config, authorityMeter)),
        {
          holders: config.server.workers,
          strict: config.redis?.mode === 'strict',
          failOpen: config.redis?.onFailure === 'open',
          ietf: config.server.ietfRateLimit,
          version,
        },
      );
      const set = lanes.apply(config.providers, shares);
      const models = createModelTable({
        providers: config.providers,
        aliases: config.models,
        capabilities: config.capabilities,
        lane: (name) => set.get(name)!,
        dialect,
      });
      const flows = compileFlows(operations, stages, { sinks: [], filters: [] }, { config, limits });
      current = {
        snapshot: { version, config, lanes: set, models, limits, identify, identifyScraper, mask },
        flows,
      };
    },
    listen() {
      const { host, port } = current!.snapshot.config.server;
      return server.listen(host, port);
    },
    beginDrain: () => server.beginDrain(),
    stopListening: () => server.stopListening(),
    async drain(timeoutMs) {
      const timer = new Promise<'late'>((resolve) => setTimeout(resolve, timeoutMs, 'late').unref());
      if ((await Promise.race([server.idle(), timer])) !== 'late') return 0;
      return server.endAll(new GatewayError('GW_GATEWAY_DRAINING'));
    },
    shareHolder: (lane) => lanes.holder(lane),
    learnRest(rest) {
      const lane = current?.snapshot.lanes.get(rest.lane);
      if (lane !== undefined) rests.learn(lane, rest);
    },
    takeMetrics() {
      processMeter.read();
      authorityMeter.read();
      const streams = countStreams(server);
      for (const [name, lane] of current?.snapshot.lanes ?? []) {
        laneMeter.read(name, lane.stats());
        for (const [alias, up] of lane.keys.states()) laneMeter.keyUp(name, alias, up);
        coolDownMeter.read(name, lane.coolDowns.count());
        laneMeter.streamsOpen(name, streams.get(name) ?? 0);
      }
      return recorder.takeDelta();
    },
    openCalls: () => server.open,
    async close() {
      processMeter.stop();
      limiter.close();
      clocks.close();
      server.close();
      await Promise.all([lanes.close(), offload?.close()]);
    },
  };
}

/** Streamed answers being written, by provider. Counted when somebody looks, so that no call pays for it. */
function countStreams(server: HttpServer): Map<string, number> {
  const counts = new Map<string, number>();
  server.forEachCall(({ stream, firstByteAt, settled, provider }) => {
    if (stream && firstByteAt > 0 && !settled) counts.set(provider, (counts.get(provider) ?? 0) + 1);
  });
  return counts;
}

/** A Redis that cannot be asked makes the gateway degraded, not unready: its limits are decided by policy. */
function withLimits(
  health: Record<string, unknown>,
  redis: LimitAuthority | null,
  fault: string | null,
): Record<string, unknown> {
  if (redis === null) return health;
  if (redis.healthy) return { ...health, limits: { redis: 'up' } };
  const status = health['status'] === 'ok' ? 'degraded' : health['status'];
  return { ...health, status, limits: { redis: 'down', ...(fault === null ? {} : { fault }) } };
}
