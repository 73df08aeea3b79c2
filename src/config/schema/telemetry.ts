// The schema of `telemetry`: traces and metrics for a receiver that speaks OTLP.
import { DEFAULT_TELEMETRY } from './defaults.ts';
import { duration, flag, secret, strict } from './parts.ts';
import Type from './type.ts';

const { traces, metrics } = DEFAULT_TELEMETRY;

export const telemetry = Type.Optional(
  Type.Object(
    {
      endpoint: Type.Optional(
        Type.String({
          pattern: '^https?://[^\\s/?#]+(/[^\\s?#]*)?$',
          'x-expected': 'the address of an OTLP receiver, `http://host:4318`',
          description:
            'Receiver of OTLP over HTTP with protocol buffers (a collector’s port 4318); `/v1/traces` and `/v1/metrics` are put behind it. `OTEL_EXPORTER_OTLP_ENDPOINT` counts where nothing else says it.',
          'x-default': 'none: nothing is sent',
          'x-env': 'HEADGATE_OTLP_ENDPOINT',
        }),
      ),
      headers: Type.Optional(
        Type.Record(Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$" }), secret('Its value.'), {
          ...strict,
          'x-expected': 'the name of a header',
          description:
            'Sent with each request to the receiver. `OTEL_EXPORTER_OTLP_HEADERS` counts where nothing else says it.',
          'x-default': 'none',
        }),
      ),
      timeoutMs: duration(
        { description: 'Longest wait for the receiver, a request.', default: DEFAULT_TELEMETRY.timeoutMs },
        1,
      ),
      serviceName: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 255,
          description:
            '`service.name` of the resource. `OTEL_SERVICE_NAME` counts where nothing else says it.',
          default: DEFAULT_TELEMETRY.serviceName,
          'x-env': 'HEADGATE_SERVICE_NAME',
        }),
      ),
      resource: Type.Optional(
        Type.Record(
          Type.String({ pattern: '^(?!__proto__$)[^\\s=,]{1,255}$' }),
          Type.String({ maxLength: 255 }),
          {
            ...strict,
            'x-expected': 'the name of an attribute',
            description:
              'Further attributes of the resource (`deployment.environment.name`, …). `OTEL_RESOURCE_ATTRIBUTES` counts where nothing else says it.',
            'x-default': 'none',
          },
        ),
      ),
      names: Type.Optional(
        Type.Enum(['v1.41', 'latest'], {
          description:
            'Names of the GenAI conventions: those of v1.41, which backends read, or those of today’s repository (`OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`).',
          default: DEFAULT_TELEMETRY.names,
        }),
      ),
      traces: Type.Optional(
        Type.Object(
          {
            enabled: flag({
              description: 'Send traces.',
              default: traces.enabled,
              'x-env': 'HEADGATE_TRACES',
            }),
            sampleRatio: Type.Optional(
              Type.Number({
                minimum: 0,
                maximum: 1,
                description: 'Part of the calls that is recorded, of those that come without a trace.',
                default: traces.sampleRatio,
                'x-env': 'HEADGATE_TRACE_RATIO',
              }),
            ),
            parent: Type.Optional(
              Type.Enum(['follow', 'ignore'], {
                description:
                  '`follow`: a caller’s `traceparent` decides whether its call is recorded, and the call is part of that trace. `ignore`: each call begins its own; for callers that are not trusted with it.',
                default: traces.parent,
              }),
            ),
            propagate: flag({
              description: 'Providers get `traceparent`, with the span of the attempt.',
              default: traces.propagate,
            }),
            content: flag({
              description:
                'What was asked and said stands in spans (`gen_ai.input.messages`, `gen_ai.output.messages`), of calls that `log.bodies` names: cut and redacted as there.',
              default: traces.content,
              'x-env': 'HEADGATE_TRACE_CONTENT',
            }),
          },
          { ...strict, description: 'One span a call, and one for each attempt at a provider.' },
        ),
      ),
      metrics: Type.Optional(
        Type.Object(
          {
            intervalMs: duration({
              description: 'Time between two exports of all metrics; 0 = none are sent.',
              default: metrics.intervalMs,
              'x-env': 'HEADGATE_OTLP_METRICS_INTERVAL_MS',
            }),
          },
          { ...strict, description: 'The metrics of `/metrics`, sent.' },
        ),
      ),
    },
    { ...strict, description: 'Traces and metrics for a receiver of OpenTelemetry.' },
  ),
);
