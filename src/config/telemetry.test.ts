import { describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';

const load = (env: Record<string, string>) => loadConfig({ env, cwd: '/nonexistent', cores: 1 });

describe('telemetry', () => {
  it('goes nowhere unless somewhere is stated', () => {
    expect(load({}).config.telemetry).toBeUndefined();
    expect(load({ HEADGATE_TRACE_RATIO: '0.5' }).config.telemetry).toBeUndefined();
  });

  it('follows the variables that OpenTelemetry defines where nothing else is said', () => {
    const { config } = load({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20abc, x-tenant=a',
      OTEL_SERVICE_NAME: 'gate',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,nonsense,__proto__=x',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      OTEL_SEMCONV_STABILITY_OPT_IN: 'gen_ai_latest_experimental',
    });
    expect(config.telemetry).toEqual({
      endpoint: 'http://collector:4318',
      headers: { authorization: 'Bearer abc', 'x-tenant': 'a' },
      timeoutMs: 10_000,
      serviceName: 'gate',
      resource: { 'deployment.environment.name': 'prod' },
      names: 'latest',
      traces: { enabled: true, sampleRatio: 0.1, parent: 'follow', propagate: true, content: false },
      metrics: { intervalMs: 60_000 },
    });
  });

  it('is said by our own variables before them', () => {
    const { config } = load({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_SERVICE_NAME: 'theirs',
      HEADGATE_OTLP_ENDPOINT: 'http://other:4318',
      HEADGATE_SERVICE_NAME: 'ours',
      HEADGATE_OTLP_METRICS_INTERVAL_MS: '0',
    });
    expect(config.telemetry).toMatchObject({
      endpoint: 'http://other:4318',
      serviceName: 'ours',
      metrics: { intervalMs: 0 },
    });
  });

  it('is off with OpenTelemetry’s own switch', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' };
    expect(load(env).config.telemetry).toBeUndefined();
  });

  it('says what it cannot use, and where gRPC is meant', () => {
    expect(load({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }).notes.join()).toContain('is no address');
    expect(load({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }).notes.join()).toContain('gRPC');
    expect(() => load({ HEADGATE_OTLP_ENDPOINT: 'collector:4318' })).toThrow('OTLP');
  });
});
