// From the section `telemetry`, and the variables that OpenTelemetry itself defines, to where traces and metrics go.
import type { Config } from '../contracts/config.ts';
import type { TelemetryConfig } from '../contracts/telemetry.ts';
import type { BuildContext } from './build-context.ts';
import { DEFAULT_TELEMETRY } from './schema/defaults.ts';
import type { Env } from './environment.ts';
import type { FileConfig } from './schema/schema.ts';

/** @returns nothing where no receiver is stated, or OpenTelemetry is switched off by its own variable. */
export function buildTelemetry(
  { telemetry = {} }: FileConfig,
  { env, note, secret }: Pick<BuildContext, 'env' | 'note' | 'secret'>,
): Pick<Config, 'telemetry'> {
  const stated = telemetry.endpoint ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (stated === undefined || stated === '' || isOn(env['OTEL_SDK_DISABLED'])) return {};
  if (!URL.canParse(stated)) {
    note('`OTEL_EXPORTER_OTLP_ENDPOINT` is no address: no traces and metrics are sent');
    return {};
  }
  if (telemetry.endpoint === undefined && new URL(stated).port === '4317')
    note(
      '`OTEL_EXPORTER_OTLP_ENDPOINT` names the port of OTLP over gRPC; Headgate sends OTLP over HTTP, mostly at port 4318',
    );
  const headers = telemetry.headers ?? pairsOf(env['OTEL_EXPORTER_OTLP_HEADERS']);
  for (const value of Object.values(headers)) secret(value);
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? Number.NaN);
  const latest = env['OTEL_SEMCONV_STABILITY_OPT_IN']?.includes('gen_ai_latest_experimental') === true;
  const built: TelemetryConfig = {
    endpoint: stated.replace(/\/+$/, ''),
    headers: lowerCased(headers),
    timeoutMs: telemetry.timeoutMs ?? DEFAULT_TELEMETRY.timeoutMs,
    serviceName: telemetry.serviceName ?? (env['OTEL_SERVICE_NAME'] || DEFAULT_TELEMETRY.serviceName),
    resource: telemetry.resource ?? pairsOf(env['OTEL_RESOURCE_ATTRIBUTES']),
    names: telemetry.names ?? (latest ? 'latest' : DEFAULT_TELEMETRY.names),
    traces: {
      ...DEFAULT_TELEMETRY.traces,
      ...(ratio >= 0 && ratio <= 1 ? { sampleRatio: ratio } : {}),
      ...telemetry.traces,
    },
    metrics: { ...DEFAULT_TELEMETRY.metrics, ...telemetry.metrics },
  };
  return { telemetry: built };
}

const isOn = (text: string | undefined): boolean => text?.toLowerCase() === 'true';

/** `key=value,key=value`, values percent-encoded (W3C Baggage); what is no pair is passed over. */
function pairsOf(text: Env[string]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const part of (text ?? '').split(',')) {
    const at = part.indexOf('=');
    const key = part.slice(0, at).trim();
    if (at < 1 || key === '__proto__') continue;
    pairs[decoded(key)] = decoded(part.slice(at + 1).trim());
  }
  return pairs;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
