// Where a worker's traces go, as the configuration of the moment says.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Call } from '../contracts/call.ts';
import type { Config } from '../contracts/config.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { TelemetryConfig } from '../contracts/telemetry.ts';
import type { Tracing } from '../contracts/trace.ts';
import { LineGate } from '../observability/line-gate.ts';
import { createSender } from '../observability/otlp/sender.ts';
import type { Recorder } from '../observability/recorder.ts';
import type { SpanContent } from '../observability/traces/content.ts';
import { createTraceExporter, type TraceExporter } from '../observability/traces/trace-exporter.ts';
import { createTracing } from '../observability/traces/tracing.ts';
import { VERSION } from '../version.ts';

export interface Traces extends CallObserver {
  /** @returns what decides which calls are traced; null = none are. */
  configure(config: Config): Tracing | null;
  close(): Promise<void>;
}

/** Of a replaced exporter, and at the end of the process. */
const LAST_BATCH_MS = 2_000;

/** @param contentOf what was asked and said, of calls whose bodies are kept */
export function createTraces(
  { clock, log }: GatewayPorts,
  recorder: Recorder,
  contentOf: (call: Call) => SpanContent | null,
): Traces {
  const gate = new LineGate(log, clock);
  const dropped = recorder.counter('headgate_log_records_dropped_total', ['otlp_traces']);
  let exporter: TraceExporter | null = null;
  let settings: TelemetryConfig | null = null;
  let tracing: Tracing | null = null;

  function open(config: TelemetryConfig): TraceExporter {
    const sender = createSender({
      url: `${config.endpoint}/v1/traces`,
      headers: config.headers,
      timeoutMs: config.timeoutMs,
      dropped: (records) => dropped.add(records),
      failing: (reason) =>
        gate.say('warn', { reason }, 'traces cannot be sent to the OTLP receiver: tried again'),
    });
    return createTraceExporter(config, {
      clock,
      sender,
      version: VERSION,
      instance: randomUUID(),
      contentOf,
    });
  }

  return {
    configure({ telemetry }) {
      const wanted = telemetry?.traces.enabled === true ? telemetry : null;
      if (isDeepStrictEqual(wanted, settings)) return tracing;
      void exporter?.close(LAST_BATCH_MS);
      settings = wanted;
      exporter = wanted === null ? null : open(wanted);
      tracing = wanted === null ? null : createTracing(wanted.traces);
      return tracing;
    },
    settled(call) {
      if (call.trace !== null) exporter?.settled(call);
    },
    async close() {
      await exporter?.close(LAST_BATCH_MS);
    },
  };
}
