// Sends the metrics of the whole process group to an OTLP receiver, as the configuration of the moment says. The primary has
// the totals, so it sends them; workers send their own traces.
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../src/contracts/ports.ts';
import type { TelemetryConfig } from '../../src/contracts/telemetry.ts';
import { LineGate } from '../../src/observability/line-gate.ts';
import type { Log } from '../../src/observability/log.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';
import { resourceBytes, scopeBytes } from '../../src/observability/otlp/common.ts';
import { exportRequest } from '../../src/observability/otlp/export-request.ts';
import { genAiReadings } from '../../src/observability/otlp/gen-ai-metrics.ts';
import { writeMetric } from '../../src/observability/otlp/metrics-writer.ts';
import { createSender, type OtlpSender } from '../../src/observability/otlp/sender.ts';
import { VERSION } from '../../src/version.ts';
import { ProtobufWriter } from '../../src/wire/protobuf.ts';

export interface Telemetry {
  configure(config: TelemetryConfig | undefined): void;
  /** Sends everything once more; resolves when it went out or was given up. */
  close(): Promise<void>;
}

/** Receivers take 4 MiB and more. */
const FULL_BYTES = 1024 * 1024;
const LAST_BATCH_MS = 2_000;

export function createTelemetry(totals: MetricTotals, clock: Clock, log: Log): Telemetry {
  const gate = new LineGate(log, clock);
  const instance = randomUUID();
  const start = nanos(clock.wall());
  let settings: TelemetryConfig | null = null;
  let sender: OtlpSender | null = null;
  let timer: NodeJS.Timeout | null = null;

  async function send(config: TelemetryConfig, to: OtlpSender): Promise<void> {
    const resource = resourceBytes(config, VERSION, instance);
    const scope = scopeBytes(VERSION);
    const writer = new ProtobufWriter(65_536);
    const now = nanos(clock.wall());
    let records = 0;
    for (const reading of totals.read()) {
      // Under the conventions' names instead of ours, where they have any.
      for (const named of genAiReadings(reading, config.names) ?? [reading])
        records += writeMetric(writer, named, start, now);
      if (writer.length < FULL_BYTES) continue;
      to.offer({ body: exportRequest(resource, scope, writer.take()), records });
      records = 0;
      // Workers' messages are not kept waiting for all of it.
      await setImmediate();
    }
    if (records > 0) to.offer({ body: exportRequest(resource, scope, writer.take()), records });
  }

  function stop(): OtlpSender | null {
    if (timer !== null) clearInterval(timer);
    timer = null;
    const old = sender;
    sender = null;
    return old;
  }

  return {
    configure(telemetry) {
      const wanted = telemetry !== undefined && telemetry.metrics.intervalMs > 0 ? telemetry : null;
      if (isDeepStrictEqual(wanted, settings)) return;
      void stop()?.close(LAST_BATCH_MS);
      settings = wanted;
      if (wanted === null) return;
      const opened = createSender({
        url: `${wanted.endpoint}/v1/metrics`,
        headers: wanted.headers,
        timeoutMs: wanted.timeoutMs,
        // The next export has the same counters, and newer.
        patienceMs: wanted.metrics.intervalMs,
        dropped: (records) => totals.inc('headgate_log_records_dropped_total', ['otlp_metrics'], records),
        failing: (reason) =>
          gate.say('warn', { reason }, 'metrics cannot be sent to the OTLP receiver: tried again'),
      });
      sender = opened;
      timer = setInterval(() => void send(wanted, opened), wanted.metrics.intervalMs);
      timer.unref();
    },
    async close() {
      const config = settings;
      const last = stop();
      if (last === null || config === null) return;
      await send(config, last);
      await last.close(LAST_BATCH_MS);
    },
  };
}

const nanos = (ms: number): bigint => BigInt(Math.floor(ms)) * 1_000_000n;
