// Traces and metrics on their way to a receiver, through real processes.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, chatBody, chatPath, open } from '../kit/client.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { type OtlpReceiver, type OtlpSpan, startOtlpReceiver } from '../kit/otlp.ts';
import { testConfig } from '../kit/test-config.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

let mock: MockUpstream;
let receiver: OtlpReceiver;
let gateway: GatewayProcess;

beforeAll(async () => {
  mock = await startMock();
  receiver = await startOtlpReceiver();
  const config = {
    ...testConfig(mock),
    log: { bodies: [{ routes: ['/v1/chat/*'] }] },
    guardrails: [{ name: 'pii', when: { models: ['oa/echo'] }, action: 'redact', checks: [{ type: 'pii' }] }],
    telemetry: {
      endpoint: receiver.url,
      headers: { 'x-tenant': 'team-a' },
      // Of the calls that bring no trace of their own none is recorded.
      traces: { sampleRatio: 0, content: true },
      metrics: { intervalMs: 100 },
    },
  };
  gateway = await startGateway({ config });
});
afterAll(async () => {
  await gateway?.stop(3_000);
  await mock?.close();
  await receiver?.close();
});

const spansOfTrace = (): OtlpSpan[] => receiver.spans.filter(({ traceId }) => traceId === TRACE);

it('a call that comes with a trace is part of it, and so is what its provider gets', async () => {
  const stream = await open(gateway, chatPath, {
    body: chatBody('oa/text:3', { stream: true, temperature: 0.5 }),
    headers: { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'vendor=1', 'x-headgate-session': 's-1' },
  }).whole();
  expect(stream.events.at(-1)?.data).toBe('[DONE]');
  await expect.poll(() => spansOfTrace().length).toBe(2);
  const [own, attempt] = spansOfTrace();
  expect(own).toMatchObject({ parentSpanId: SPAN, kind: 2, attributes: { 'http.route': chatPath } });
  expect(attempt).toMatchObject({ parentSpanId: own!.spanId, kind: 3 });
  expect(attempt!.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.temperature': 0.5,
    'gen_ai.conversation.id': 's-1',
    'server.address': '127.0.0.1',
    'server.port': mock.port,
  });
  // By opt-in, and only where bodies are kept.
  expect(JSON.parse(String(attempt!.attributes['gen_ai.input.messages']))).toMatchObject([
    { role: 'user', parts: [{ type: 'text' }] },
  ]);
  const [answer] = JSON.parse(String(attempt!.attributes['gen_ai.output.messages']));
  const told = stream.events.slice(0, -1).map(({ data }) => JSON.parse(data).choices[0]?.delta.content ?? '');
  expect(answer).toEqual({ role: 'assistant', parts: [{ type: 'text', content: told.join('') }] });
  const { headers } = mock.lastRequest();
  expect(headers['traceparent']).toBe(`00-${TRACE}-${attempt!.spanId}-01`);
  expect(headers['tracestate']).toBe('vendor=1');
  expect(receiver.headers[0]).toMatchObject({ 'x-tenant': 'team-a' });
});

it('a call without one is recorded by the ratio alone, and nothing is said to its provider', async () => {
  const before = receiver.spans.length;
  expect((await call(gateway, chatPath, { body: chatBody('oa/text:2') })).status).toBe(200);
  expect(mock.lastRequest().headers['traceparent']).toBeUndefined();
  expect(receiver.spans.length).toBe(before);
});

it('metrics come as they are on the page for Prometheus', async () => {
  await expect
    .poll(() => receiver.metrics.filter(({ name }) => name === 'headgate_requests_total').at(-1)?.points)
    .toMatchObject([
      { value: 1, attributes: { provider: 'oa', model: 'oa/text:3', outcome: 'ok' } },
      { value: 1, attributes: { provider: 'oa', model: 'oa/text:2', outcome: 'ok' } },
    ]);
});

it('metrics come by the names of the GenAI conventions, too', async () => {
  const latest = (name: string) => receiver.metrics.filter((metric) => metric.name === name).at(-1);
  await expect
    .poll(() =>
      latest('gen_ai.client.token.usage')?.points.map(({ attributes }) => attributes['gen_ai.token.type']),
    )
    .toEqual(expect.arrayContaining(['input', 'output']));
  expect(latest('gen_ai.client.token.usage')).toMatchObject({ kind: 'histogram', unit: '{token}' });
  const durations = latest('gen_ai.client.operation.duration')!;
  expect(durations).toMatchObject({ kind: 'histogram', unit: 's' });
  expect(durations.points[0]).toMatchObject({
    count: 1,
    bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'text:3' },
  });
  expect(durations.points[0]!.attributes).not.toHaveProperty('error.type');
  expect(latest('gen_ai.client.operation.time_to_first_chunk')?.points[0]?.count).toBe(1);
  expect(receiver.metrics.some(({ name }) => name.startsWith('headgate_gen_ai'))).toBe(false);
});

it('tells of what a guardrail took out of a request by its placeholder alone, in the answer that gave it back, too', async () => {
  const trace = '1'.repeat(32);
  const answered = await call(gateway, chatPath, {
    body: {
      model: 'oa/echo',
      messages: [{ role: 'user', content: 'To ada@example.com with sk-test-0123456789' }],
    },
    headers: { traceparent: `00-${trace}-${SPAN}-01` },
  });
  expect(answered.text).toContain('To ada@example.com');
  const spans = (): OtlpSpan[] => receiver.spans.filter(({ traceId }) => traceId === trace);
  await expect.poll(() => spans().length).toBe(2);
  const told = JSON.stringify(
    spans().map(({ attributes }) => attributes),
    (_name, value) => (typeof value === 'bigint' ? String(value) : value),
  );
  expect(told.match(/To \[EMAIL_[0-9a-f]{8}\] with \*\*\*/g)).toHaveLength(2);
  expect(told).not.toContain('ada@');
});

it('a receiver that is gone harms no call and is said in the log', async () => {
  receiver.answer(503);
  const answered = await call(gateway, chatPath, {
    body: chatBody('oa/text:2'),
    headers: { traceparent: `00-${TRACE}-${SPAN}-01` },
  });
  expect(answered.status).toBe(200);
  await expect
    .poll(() => gateway.logs().filter(({ msg }) => String(msg).includes('OTLP receiver')).length)
    .toBeGreaterThan(0);
  receiver.answer(200);
  // It comes when the receiver is back.
  await expect.poll(() => spansOfTrace().length).toBe(4);
});
