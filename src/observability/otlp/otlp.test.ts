// What we write beside what OpenTelemetry's own packages write of the same, read with the same eyes.
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { describe, expect, it } from 'vitest';
import { metricsOf, spansOf } from '../../../tests/kit/otlp.ts';
import { DEFAULT_TELEMETRY } from '../../config/schema/defaults.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import type { TelemetryConfig } from '../../contracts/telemetry.ts';
import type { CallTrace } from '../../contracts/trace.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';
import { createMetricTotals } from '../metric-totals.ts';
import { createRecorder } from '../recorder.ts';
import { attempt, settledCall } from '../settled-call.fixture.ts';
import { NAME_TABLES } from '../traces/semantic-names.ts';
import { createSpanWriter } from '../traces/span-writer.ts';
import { resourceBytes, scopeBytes } from './common.ts';
import { exportRequest } from './export-request.ts';
import { writeMetric } from './metrics-writer.ts';

const config: TelemetryConfig = {
  ...DEFAULT_TELEMETRY,
  endpoint: 'http://127.0.0.1:4318',
  headers: {},
  resource: { 'deployment.environment.name': 'test' },
};
const trace: CallTrace = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentId: '00f067aa0ba902b7',
  state: 'vendor=1',
  sampled: true,
  told: true,
};
const EPOCH_MS = 1_790_000_000_000.25;

function written(changes: Partial<Call> = {}, names: keyof typeof NAME_TABLES = 'v1.41') {
  const writer = createSpanWriter(NAME_TABLES[names], () => EPOCH_MS);
  const call = settledCall(changes);
  Object.assign(call, { trace });
  const count = writer.write(call, trace);
  const body = exportRequest(resourceBytes(config, '1.2.3', 'one'), scopeBytes('1.2.3'), writer.take());
  const spans = spansOf(body);
  expect(spans).toHaveLength(count);
  return { body, spans };
}

describe('spans', () => {
  it('say how the request was to be answered, and whose conversation it is', () => {
    const asked = {
      ...{ temperature: 0.5, topP: 0.25, topK: 40, frequencyPenalty: -1, presencePenalty: 0, seed: 7 },
      ...{ choices: 2, stops: ['END'], json: true as const },
    };
    const headers = new HeaderBag();
    headers.add('x-headgate-session', 's-1');
    Object.assign(trace, { asked });
    try {
      const { attributes } = written({ head: { ...settledCall().head, headers } }).spans[1]!;
      expect(attributes).toMatchObject({
        'gen_ai.request.temperature': 0.5,
        'gen_ai.request.top_p': 0.25,
        'gen_ai.request.top_k': 40,
        'gen_ai.request.frequency_penalty': -1,
        'gen_ai.request.presence_penalty': 0,
        'gen_ai.request.choice.count': 2,
        'gen_ai.request.seed': 7,
        'gen_ai.request.stop_sequences': ['END'],
        'gen_ai.output.type': 'json',
        'gen_ai.conversation.id': 's-1',
      });
    } finally {
      delete trace.asked;
    }
  });

  it('are what OpenTelemetry itself writes of the same', () => {
    const { spans } = written();
    const theirs = spans.map((span) => ({
      name: span.name,
      kind: span.kind === 2 ? SpanKind.SERVER : SpanKind.CLIENT,
      spanContext: () => ({
        traceId: span.traceId,
        spanId: span.spanId,
        traceFlags: 1,
        traceState: { serialize: () => span.traceState },
      }),
      parentSpanContext: { traceId: span.traceId, spanId: span.parentSpanId, traceFlags: 1 },
      startTime: [Number(span.start / 1_000_000_000n), Number(span.start % 1_000_000_000n)],
      endTime: [Number(span.end / 1_000_000_000n), Number(span.end % 1_000_000_000n)],
      status: span.status ?? { code: SpanStatusCode.UNSET },
      attributes: span.attributes,
      links: [],
      events: [],
      resource: { attributes: span.resource },
      instrumentationScope: { name: 'headgate', version: '1.2.3' },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }));
    // Shape of their class, of which only this is read.
    const bytes = ProtobufTraceSerializer.serializeRequest(theirs as never);
    expect(spansOf(Buffer.from(bytes!))).toEqual(spans);
  });

  it('are one of the call and one below it for each attempt, with its times', () => {
    const { spans } = written();
    const [own, first] = spans;
    expect(own).toMatchObject({
      name: 'POST /v1/chat/completions',
      kind: 2,
      traceId: trace.traceId,
      spanId: trace.spanId,
      parentSpanId: trace.parentId,
      traceState: 'vendor=1',
      scope: 'headgate',
    });
    expect(own!.resource).toMatchObject({
      'service.name': 'headgate',
      'deployment.environment.name': 'test',
    });
    expect(own!.end - own!.start).toBe(1_000_000_000n);
    expect(own!.start).toBe(1_790_000_001_000_250_000n);
    expect(first).toMatchObject({ kind: 3, name: 'chat gpt-4o-mini-2024', parentSpanId: trace.spanId });
    expect(first!.spanId).toBe('b7ad6b7169203332');
    expect(first!.end - first!.start).toBe(998_000_000n);
  });

  it('say what was asked of whom, and what it used, by the names of the conventions', () => {
    const usage = {
      input: 100,
      cacheRead: 40,
      cacheWriteShort: 10,
      cacheWriteLong: null,
      output: 20,
      reasoning: 0,
    };
    const changes = { attempts: [attempt({ usage })], stop: 'max_tokens' as const, answerModel: 'gpt-x' };
    const { attributes } = written(changes).spans[1]!;
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini-2024',
      'gen_ai.request.stream': true,
      'gen_ai.response.model': 'gpt-x',
      'gen_ai.response.finish_reasons': ['length'],
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 40,
      'gen_ai.usage.cache_creation.input_tokens': 10,
      'gen_ai.usage.reasoning.output_tokens': 0,
      'http.response.status_code': 200,
      'headgate.key': 'openai-1',
    });
    expect(attributes).not.toHaveProperty(['gen_ai.conversation.id']);
    const latest = written(changes, 'latest').spans[1]!.attributes;
    expect(latest).toMatchObject({ 'gen_ai.usage.cache_write.input_tokens': 10 });
    expect(latest).not.toHaveProperty(['gen_ai.usage.cache_creation.input_tokens']);
  });

  it('tell a failed attempt from the call that went well all the same', () => {
    const { spans } = written({
      attempts: [attempt({ status: 503, errorType: 'provider_overloaded' }), attempt()],
    });
    expect(spans[0]!.status).toBeNull();
    expect(spans[1]).toMatchObject({
      status: { code: 2, message: 'provider_overloaded' },
      attributes: { 'error.type': 'provider_overloaded' },
    });
    expect(spans[2]!.status).toBeNull();
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
  });

  it('call what the caller did wrong no error of the server', () => {
    const refused = written({ status: 400, error: new GatewayError('GW_CLIENT_BAD_JSON'), attempts: [] });
    expect(refused.spans[0]!.status).toBeNull();
    expect(refused.spans[0]!.attributes).toMatchObject({ 'http.response.status_code': 400 });
    const broken = written({ status: 503, error: new GatewayError('GW_GATEWAY_DRAINING') });
    expect(broken.spans[0]!.status).toMatchObject({ code: 2, message: 'GW_GATEWAY_DRAINING' });
  });

  it('hold no key, no body and no query, and cut what a caller made long', () => {
    const { body, spans } = written({ model: `m${'x'.repeat(5_000)}` });
    expect(body.toString('latin1')).not.toMatch(/secret/);
    expect(String(spans[0]!.attributes['headgate.model'])).toHaveLength(256);
  });
});

describe('metrics', () => {
  it('are those of the page for Prometheus, with their buckets', () => {
    const totals = createMetricTotals();
    const recorder = createRecorder();
    recorder.counter('headgate_tokens_total', ['openai', 'fast', 'input']).add(12);
    const wait = recorder.histogram('headgate_queue_wait_seconds', ['openai']);
    wait.observe(0.002);
    wait.observe(70);
    totals.merge('1', recorder.takeDelta());
    totals.setGauge('headgate_workers', [], 2);
    const to = new ProtobufWriter(16);
    for (const reading of totals.read()) writeMetric(to, reading, 1n, 2n);
    const metrics = metricsOf(exportRequest(Buffer.alloc(0), scopeBytes('1'), to.take()));
    const named = new Map(metrics.map((metric) => [metric.name, metric]));
    expect(named.get('headgate_tokens_total')).toMatchObject({
      kind: 'sum',
      monotonic: true,
      temporality: 2,
      points: [{ value: 12, attributes: { provider: 'openai', model: 'fast', kind: 'input' } }],
    });
    expect(named.get('headgate_workers')).toMatchObject({ kind: 'gauge', points: [{ value: 2 }] });
    const waits = named.get('headgate_queue_wait_seconds')!;
    expect(waits).toMatchObject({ kind: 'histogram', unit: 's', temporality: 2 });
    const [point] = waits.points;
    expect(point).toMatchObject({ count: 2, sum: 70.002, attributes: { provider: 'openai' } });
    expect(point!.counts).toHaveLength(point!.bounds.length + 1);
    expect(point!.counts.at(-1)).toBe(1);
    expect(point!.counts[point!.bounds.indexOf(0.005)]).toBe(1);
  });
});
