// What a worker counts and tells of itself: one recorder, and the meters that write into it.
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { MetricDelta } from '../contracts/ipc.ts';
import type { Call, SinkDecorator } from '../contracts/call.ts';
import type { LimitAuthority } from '../contracts/limits.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { createDescriptorGate, type DescriptorGate } from '../http/exchange/descriptor-gate.ts';
import type { HttpServer } from '../http/server.ts';
import { createAccessLog } from '../observability/access-log.ts';
import { createAuthorityMeter } from '../observability/authority-meter.ts';
import { createCallObserver } from '../observability/call-observer.ts';
import { createCircuitMeter } from '../observability/circuit-meter.ts';
import { createCoolDownMeter } from '../observability/cool-down-meter.ts';
import { createDescriptorCount, readDescriptorLimit } from '../observability/descriptors.ts';
import { createLaneMeter } from '../observability/lane-meter.ts';
import { createGenAiMeter } from '../observability/gen-ai/meter.ts';
import { LineGate } from '../observability/line-gate.ts';
import { createMeasuring, measuredCalls } from '../observability/measured.ts';
import { createProcessMeter } from '../observability/process-meter.ts';
import { createRecorder, type Recorder } from '../observability/recorder.ts';
import { createBodyLog } from '../observability/requests/body-log.ts';
import { createRequestLog } from '../observability/requests/request-log.ts';
import type { SpanContent } from '../observability/traces/content.ts';
import { createSpoolMeter } from '../observability/requests/spool-meter.ts';

export interface Metering {
  readonly recorder: Recorder;
  /** Lets connections in while there are descriptors for them. */
  readonly descriptors: DescriptorGate;
  readonly circuits: ReturnType<typeof createCircuitMeter>;
  readonly coolDowns: ReturnType<typeof createCoolDownMeter>;
  readonly authority: ReturnType<typeof createAuthorityMeter>;
  /** Hears of every settled call: metrics, access line, failures of our own. */
  readonly calls: CallObserver;
  /** Hears of them for the request log. */
  readonly requestLog: CallObserver;
  /** Stands around the answers of those whose bodies are kept. */
  readonly bodies: SinkDecorator;
  /** What was asked and said, where bodies are kept; asked of a settled call. */
  contentOf(call: Call): SpanContent | null;
  /** Reads the gauges and takes what was counted since the last time. */
  take(lanes: Snapshot['lanes'] | null, server: HttpServer): MetricDelta;
  stop(): void;
}

export function createMetering({
  clock,
  log,
  worker,
  droppedLogLines,
  requestSpool = () => null,
}: GatewayPorts): Metering {
  const recorder = createRecorder();
  const laneMeter = createLaneMeter(recorder);
  const count = createDescriptorCount();
  const limit = readDescriptorLimit();
  const descriptors = createDescriptorGate({ limit, count, log, now: clock.now });
  const processMeter = createProcessMeter({
    recorder,
    clock,
    worker,
    droppedLogLines,
    descriptors: {
      limit,
      count,
      held: () => descriptors.held,
      near: (open) =>
        log.warn(
          { open, limit, connections: descriptors.connections },
          'file descriptors are running short (raise the limit: docs/operations.md)',
        ),
    },
    connections: () => descriptors.connections,
  });
  const circuits = createCircuitMeter(recorder, new LineGate(log, clock));
  const coolDowns = createCoolDownMeter(recorder, new LineGate(log, clock));
  const authority = createAuthorityMeter(recorder, clock);
  // Access lines follow the configuration of the moment; off, the observer does not know of them.
  const accessLog = createAccessLog(log);
  const metrics = createCallObserver({ recorder, accessLog: null });
  const genAi = createGenAiMeter(recorder);
  const calls = measuredCalls(
    {
      settled(call) {
        metrics.settled(call);
        const { telemetry } = call.snapshot.config;
        if (telemetry !== undefined && telemetry.metrics.intervalMs > 0) genAi.settled(call);
        if (call.snapshot.config.log.access) accessLog.write(call);
        if (call.error?.code === 'GW_GATEWAY_INTERNAL') {
          log.error({ id: call.id, err: call.error.cause }, 'a request failed inside the gateway');
        }
      },
    },
    createMeasuring(() => log, clock.now),
  );
  const bodyLog = createBodyLog(requestSpool, clock.wall);
  const rows = createRequestLog(requestSpool);
  const requestLog = measuredCalls(
    {
      settled(call) {
        rows.settled(call);
        if (call.snapshot.config.log.bodies.length > 0) bodyLog.observer.settled(call);
      },
    },
    createMeasuring(() => log, clock.now),
  );
  const readSpool = createSpoolMeter(recorder);

  return {
    recorder,
    descriptors,
    circuits,
    coolDowns,
    authority,
    calls,
    requestLog,
    bodies: bodyLog.decorate,
    contentOf: bodyLog.contentOf,
    take(lanes, server) {
      processMeter.read();
      authority.read();
      readSpool(requestSpool());
      const streams = countStreams(server);
      for (const [name, lane] of lanes ?? []) {
        laneMeter.read(name, lane.stats());
        for (const [alias, up] of lane.keys.states()) laneMeter.keyUp(name, alias, up);
        coolDowns.read(name, lane.cooling());
        circuits.read(name, lane.circuits());
        laneMeter.streamsOpen(name, streams.get(name) ?? 0);
      }
      return recorder.takeDelta();
    },
    stop: () => processMeter.stop(),
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
export function withLimits(
  health: Record<string, unknown>,
  redis: LimitAuthority | null,
  fault: string | null,
): Record<string, unknown> {
  if (redis === null) return health;
  if (redis.healthy) return { ...health, limits: { redis: 'up' } };
  const status = health['status'] === 'ok' ? 'degraded' : health['status'];
  return { ...health, status, limits: { redis: 'down', ...(fault === null ? {} : { fault }) } };
}
