// Spans of settled calls, gathered and sent. The one observer of a worker that knows of traces.
import type { Call } from '../../contracts/call.ts';
import type { CallObserver, Clock } from '../../contracts/ports.ts';
import type { TelemetryConfig } from '../../contracts/telemetry.ts';
import { resourceBytes, scopeBytes } from '../otlp/common.ts';
import { exportRequest } from '../otlp/export-request.ts';
import type { OtlpSender } from '../otlp/sender.ts';
import type { SpanContent } from './content.ts';
import { NAME_TABLES } from './semantic-names.ts';
import { createSpanWriter } from './span-writer.ts';

export interface TraceExporter extends CallObserver {
  /** Sends what is left; resolves at the latest after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

export interface TraceExporterDeps {
  readonly clock: Clock;
  readonly sender: OtlpSender;
  readonly version: string;
  /** Tells this process apart. */
  readonly instance: string;
  /** What was asked and said; null = not told, or not of this call. */
  contentOf?(call: Call): SpanContent | null;
}

const FLUSH_MS = 1_000;
/** A batch is sent at once when it has so many bytes: receivers take 4 MiB and more. */
const FULL_BYTES = 512 * 1024;

export function createTraceExporter(
  config: TelemetryConfig,
  { clock, sender, version, instance, contentOf }: TraceExporterDeps,
): TraceExporter {
  const spans = createSpanWriter(
    NAME_TABLES[config.names],
    () => clock.wall() - clock.now(),
    config.traces.content ? contentOf : undefined,
  );
  const resource = resourceBytes(config, version, instance);
  const scope = scopeBytes(version);
  let records = 0;
  const timer = setInterval(flush, FLUSH_MS);
  timer.unref();

  function flush(): void {
    if (records === 0) return;
    sender.offer({ body: exportRequest(resource, scope, spans.take()), records });
    records = 0;
  }

  return {
    settled(call: Call) {
      const { trace } = call;
      if (trace === null || !trace.sampled) return;
      records += spans.write(call, trace);
      if (spans.length > FULL_BYTES) flush();
    },
    async close(timeoutMs) {
      clearInterval(timer);
      flush();
      await sender.close(timeoutMs);
    },
  };
}
