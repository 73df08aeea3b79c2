import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect.ts';
import { GatewayError, StandingError, type UpstreamFault } from '../contracts/errors.ts';
import type { HeaderList } from '../contracts/sink.ts';
import { faultError } from '../dialects/fault-error.ts';
import { dialectByName, dialects } from '../registry/dialects.ts';
import { createRefuser, renderError } from './refuse.ts';
import { createSettle } from './settle.ts';

const SECRET = 'sk-secret-p';

function setUp(client: DialectName = 'openai-chat', limits: HeaderList = []) {
  const provider = fakeProvider('p', dialectByName('openai-chat'));
  const { call, sink } = fakeCall(client, { model: 'm' }, [provider]);
  const settled: Call[] = [];
  const settle = createSettle({ now: () => 5, wall: () => 0 }, [{ settled: (one) => settled.push(one) }]);
  const refuse = createRefuser(dialectByName, settle, { headers: () => limits });
  return { call, sink, settled, refuse, target: provider.target };
}

function fault(change: Partial<UpstreamFault> = {}): GatewayError {
  const body = JSON.stringify({ error: { message: 'too fast', type: 'requests', code: 'rate' } });
  return faultError({
    dialect: 'openai-chat',
    status: 429,
    body: Buffer.from(body),
    type: 'requests',
    code: 'rate',
    param: null,
    message: 'too fast',
    headers: {},
    ...change,
  });
}

describe('a refusal of our own', () => {
  test.each(['openai-chat', 'anthropic'] as const)(
    'speaks as a %s client reads, with its id, and settles once',
    (client) => {
      const { call, sink, settled, refuse } = setUp(client);
      const error = new GatewayError('GW_CLIENT_BAD_REQUEST', { message: 'no such field' });
      refuse(call, error);
      const { status, headers, body } = dialectByName(client).errors.encode(error, 'req_test');
      expect([sink.status, sink.body]).toEqual([status, body]);
      expect(sink.headers).toMatchObject({ 'content-type': 'application/json', ...headers });
      // Nobody was asked.
      expect(sink.headers).not.toHaveProperty('x-headgate-provider');
      expect(settled).toEqual([call]);
      expect(call).toMatchObject({ status, error: { code: 'GW_CLIENT_BAD_REQUEST' } });
    },
  );

  test.each(Object.keys(dialects) as DialectName[])(
    'that many are given says to each %s client what one of its own would, with the id of each',
    (client) => {
      const standing = new StandingError('GW_GATEWAY_BUSY', { retryAfterMs: 2_000 });
      const { refuse, call, sink } = setUp(client);
      // The text is made with the first.
      refuse(setUp(client).call, standing);
      const first = fakeCall(client, { model: 'm' }, []);
      refuse(first.call, standing);
      refuse(Object.assign(call, { id: 'req_other' }), standing);
      for (const [seen, id] of [
        [first.sink, 'req_test'],
        [sink, 'req_other'],
      ] as const) {
        const { status, headers, body } = dialectByName(client).errors.encode(standing, id);
        expect([seen.status, seen.body]).toEqual([status, body]);
        expect(seen.headers).toMatchObject({ 'content-type': 'application/json', ...headers });
      }
      expect(sink.headers['retry-after']).toBe('2');
    },
  );

  test('of a call that is over says nothing', () => {
    const { call, sink, settled, refuse } = setUp();
    refuse(call, new GatewayError('GW_CLIENT_AUTH'));
    refuse(call, new GatewayError('GW_GATEWAY_INTERNAL'));
    expect([sink.replies, sink.status, settled.length]).toEqual([1, 401, 1]);
  });
});

describe('a refusal of the upstream', () => {
  test('goes to a client of its dialect in its own bytes, with whom it came from', () => {
    const { call, sink, refuse, target } = setUp();
    const body = Buffer.from('{"error": {"message":"too fast"} }');
    refuse(call, fault({ body, headers: { 'x-ratelimit-limit-requests': '5', 'set-cookie': 'a' } }), target);
    expect([sink.status, sink.body]).toEqual([429, body.toString()]);
    expect(sink.headers).toMatchObject({ 'x-ratelimit-limit-requests': '5', 'x-headgate-provider': 'p' });
    expect(sink.headers).not.toHaveProperty('set-cookie');
  });

  test('says a header once, as the dialect has it', () => {
    const { call, refuse, target } = setUp();
    const names: string[] = [];
    call.sink.reply = (_status, headers) => void names.push(...headers.map(([name]) => name));
    refuse(call, fault({ headers: { 'retry-after': '3', 'x-ratelimit-limit-requests': '5' } }), target);
    expect(names).toContain('x-ratelimit-limit-requests');
    expect(new Set(names).size).toBe(names.length);
  });

  test('goes to a client of another dialect in that dialect, without headers it does not read', () => {
    const { call, sink, refuse, target } = setUp('anthropic');
    refuse(call, fault({ headers: { 'x-ratelimit-limit-requests': '5' } }), target);
    expect(JSON.parse(sink.body)).toMatchObject({ type: 'error', error: { message: 'too fast' } });
    expect(sink.headers).not.toHaveProperty('x-ratelimit-limit-requests');
    expect(sink.headers).toMatchObject({ 'x-headgate-provider': 'p' });
  });

  test('says the limits of the client’s own key in place of those of ours', () => {
    const { call, sink, refuse, target } = setUp('openai-chat', [['x-ratelimit-limit-requests', '7']]);
    refuse(call, fault({ headers: { 'x-ratelimit-limit-requests': '5', 'x-ratelimit-x': '1' } }), target);
    expect(sink.headers).toMatchObject({ 'x-ratelimit-limit-requests': '7' });
    expect(sink.headers).not.toHaveProperty('x-ratelimit-x');
  });
});

describe('our key in an upstream’s words', () => {
  test.each(['openai-chat', 'anthropic'] as const)('reaches no %s client, and no log', (client) => {
    const { call, sink, refuse, target } = setUp(client);
    const message = `Incorrect API key provided: ${SECRET}`;
    refuse(
      call,
      fault({
        message,
        body: Buffer.from(JSON.stringify({ error: { message } })),
        headers: { 'openai-organization': SECRET, 'openai-version': '1' },
      }),
      target,
    );
    expect(sink.body).toContain('Incorrect API key provided: ***');
    expect(JSON.stringify(sink.headers)).not.toContain(SECRET);
    expect(call.error?.message).toBe('Incorrect API key provided: ***');
    expect(JSON.stringify(call.error?.fault?.headers)).not.toContain(SECRET);
    if (client === 'openai-chat') expect(sink.headers).toHaveProperty('openai-version');
  });

  test('is masked in an error that stays the same otherwise', () => {
    const { call, refuse, target } = setUp();
    const error = fault({ message: `no: ${SECRET}`, param: 'model', headers: { 'retry-after': '3' } });
    refuse(call, error, target);
    const { code, param, retry, retryAfterMs, errorType, status } = error;
    expect(call.error).toMatchObject({ code, param, retry, retryAfterMs, errorType, status });
  });
});

test('an error without a call is a whole answer too', () => {
  const rendered = renderError(dialectByName('anthropic'), new GatewayError('GW_CLIENT_BAD_HEADER'), 'req_1');
  expect(rendered.status).toBe(400);
  expect(rendered.headers.filter(([name]) => name === 'content-type')).toHaveLength(1);
  expect(JSON.parse(rendered.body)).toMatchObject({ type: 'error' });
});
