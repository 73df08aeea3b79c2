import { expect, test } from 'vitest';
import { DEFAULT_HEARTBEAT } from '../config/schema/defaults.ts';
import type { Call } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect.ts';
import type { HeartbeatConfig } from '../contracts/heartbeat-config.ts';
import type { HeaderList } from '../contracts/sink.ts';
import { dialectByName } from '../registry/dialects.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { AsEnd, Exchange } from './exchange/exchange.ts';
import { keepAlive } from './heartbeat.ts';
import { createRouteTable } from './routes/route-table.ts';
import type { Silence } from './exchange/silence.ts';

/** As much of an exchange as is looked at. */
class FakeExchange {
  committed = false;
  bytesOut = 0;
  silence: Silence | null = null;
  said = '';
  opened: HeaderList | null = null;
  asEnd: AsEnd | null = null;

  openEarly(headers: HeaderList, asEnd: AsEnd): void {
    this.opened = headers;
    this.asEnd = asEnd;
  }

  sign(text: string): void {
    if (this.opened === null && !this.committed) return;
    this.said += text;
    this.bytesOut += text.length;
  }
}

function silent(
  dialect: DialectName,
  change: { heartbeat?: Partial<HeartbeatConfig>; body?: object; asked?: boolean; gate?: boolean } = {},
) {
  const provider = fakeProvider('p', dialectByName('openai-chat'));
  const body = change.body ?? { model: 'm', stream: true, messages: [] };
  const { call } = fakeCall(dialect, body, [provider]);
  Object.assign(call.snapshot.config.server, {
    heartbeat: { ...DEFAULT_HEARTBEAT, beforeAnswer: true, ...change.heartbeat },
  });
  Object.assign(call.head, { query: 'alt=sse' });
  if (change.asked !== false) call.attempts.push({} as Call['attempts'][number]);
  if (change.gate === true) call.plan = { ...call.plan!, gate: true };
  const exchange = new FakeExchange();
  const look = (now: number): void => keepAlive(exchange as unknown as Exchange, call, dialectByName, now);
  return { call, exchange, look };
}

test.each([
  ['anthropic', 'event: ping\ndata: {"type": "ping"}\n\n'],
  ['openai-responses', ': keep-alive\n\n'],
  ['cohere', ': keep-alive\n\n'],
  ['gemini', '\n'],
] as const)('a client of %s hears after each interval of silence', (dialect, sign) => {
  const { exchange, look } = silent(dialect);
  for (let now = 1_000; now < 46_000; now += 250) look(now);
  expect(exchange.said).toBe(sign.repeat(2));
  look(46_000);
  expect(exchange.said).toBe(sign.repeat(3));
});

test('a stream that speaks hears nothing, and is silent from its last word on', () => {
  const { exchange, look } = silent('anthropic');
  exchange.committed = true;
  for (let now = 0; now < 60_000; now += 250) {
    exchange.bytesOut += 10;
    look(now);
  }
  expect(exchange.said).toBe('');
  for (let now = 60_000; now < 74_750; now += 250) look(now);
  expect(exchange.said).toBe('');
  look(74_750);
  expect(exchange.said).toContain('ping');
  expect(exchange.opened).toBeNull();
});

test.each([
  ['of Chat, where nobody asked for it', silent('openai-chat')],
  ['of Converse', silent('bedrock', { heartbeat: { dialects: ['bedrock' as never] } })],
  ['that wants no stream', silent('anthropic', { body: { model: 'm', messages: [] } })],
  ['where it is off', silent('anthropic', { heartbeat: { intervalMs: 0 } })],
  ['whose answer has to begin first', silent('anthropic', { heartbeat: { beforeAnswer: false } })],
  ['for whom nobody was asked yet', silent('anthropic', { asked: false })],
  ['whose model says `gate: true`', silent('anthropic', { gate: true })],
])('nothing is said to a client %s', (_, { exchange, look }) => {
  for (let now = 0; now < 60_000; now += 250) look(now);
  expect([exchange.said, exchange.opened]).toEqual(['', null]);
});

test.each(['/v1/chat', '/v1/generate'])(
  'nothing is said to a client of Cohere’s %s, who reads lines',
  (path) => {
    const { call, exchange, look } = silent('cohere');
    Object.assign(call, { route: createRouteTable(new Map()).match(path).route });
    exchange.committed = true;
    for (let now = 0; now < 60_000; now += 250) look(now);
    expect(exchange.said).toBe('');
  },
);

test('an exchange without signs is left alone', () => {
  const { call } = silent('anthropic');
  const exchange = { committed: true, bytesOut: 0 } as unknown as Exchange;
  for (let now = 0; now < 60_000; now += 250) keepAlive(exchange, call, dialectByName, now);
  expect(exchange.silence).toBeUndefined();
});

test.each([
  ['openai-chat', /^data: \{"error":\{"message":"no such luck"/],
  [
    'openai-responses',
    /^event: error\ndata: \{"type":"error","sequence_number":0,"code":"x","message":"no such luck"/,
  ],
  ['anthropic', /^event: error\ndata: \{"type":"error","error":\{.*"message":"no such luck"/],
  ['gemini', /^data: \{"error":\{.*"message":"no such luck"/],
] as const)('a refusal to a client of %s becomes the last event of its stream', (dialect, expected) => {
  const { call, exchange, look } = silent(dialect, { heartbeat: { dialects: [dialect] } });
  look(0);
  look(15_000);
  const { errors } = dialectByName(dialect);
  const fault = errors.decode(
    429,
    {},
    Buffer.from(
      dialect === 'gemini'
        ? '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"no such luck"}}'
        : dialect === 'anthropic'
          ? '{"type":"error","error":{"type":"rate_limit_error","message":"no such luck"}}'
          : '{"error":{"message":"no such luck","type":"rate_limit_error","code":"x"}}',
    ),
  );
  expect(exchange.asEnd!(429, [], fault.body!)).toMatch(expected);
  expect(call.settled).toBe(false);
});

test('a stream that was held back as a whole is told as it is, any other whole answer is none', () => {
  const { exchange, look } = silent('anthropic');
  look(0);
  look(15_000);
  const head: HeaderList = [['content-type', 'text/event-stream; charset=utf-8']];
  expect(exchange.asEnd!(200, head, 'event: x\n\n')).toBe('event: x\n\n');
  expect(exchange.asEnd!(200, [['content-type', 'application/json']], '{}')).toMatch(/^event: error/);
});
