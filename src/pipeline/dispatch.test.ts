import { describe, expect, test, vi } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider, unlimited } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect.ts';
import { GatewayError } from '../contracts/errors.ts';
import { dialectByName } from '../dialects/registry.ts';
import { createClocks } from './clocks.ts';
import { createDispatch } from './dispatch.ts';
import { createRefuser } from './refuse.ts';
import { createSettle } from './settle.ts';
import { createUpstreamHeaders } from './upstream-headers.ts';

const openai = dialectByName('openai-chat');
const anthropic = dialectByName('anthropic');
const chat = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const answer = {
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'm-2',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const delta = (content: string) => ({
  id: 'a',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { content } }],
});
const finish = {
  id: 'a',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
};

function setUp() {
  let now = 0;
  const settled: Call[] = [];
  const clocks = createClocks({ now: () => now, wall: () => now });
  const settle = createSettle(clocks, [{ settled: (call) => settled.push(call) }]);
  const refuse = createRefuser(dialectByName, settle, unlimited);
  const dispatch = createDispatch({
    clocks,
    headers: createUpstreamHeaders('test'),
    offload: null,
    dialect: dialectByName,
    refuse,
    settle,
    admission: unlimited,
    rested() {},
    random: () => 0,
    serverTiming: () => 'gw;dur=0',
    overheadMs: () => 0,
    malformed: () => {},
  });
  const run = (
    dialect: DialectName,
    body: object,
    providers: FakeProvider[],
    headers: Record<string, string> = {},
  ) => {
    const made = fakeCall(dialect, body, providers, headers);
    dispatch(made.call);
    return made;
  };
  const pass = async (ms: number) => {
    now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { run, settled, pass };
}

function fakeTime() {
  vi.useFakeTimers();
}

describe('a whole answer', () => {
  test('goes to the client as it came, and settles once', () => {
    const { run, settled } = setUp();
    const provider = fakeProvider('p', openai);
    const { sink, call } = run('openai-chat', chat, [provider]);
    const bytes = `${JSON.stringify(answer)}\n `;
    provider.requests[0]!.json(200, bytes, {
      'x-ratelimit-limit-requests': '5',
      'set-cookie': 'a=b',
      server: 'x',
    });
    expect(sink.body).toBe(bytes);
    expect(sink.headers).toMatchObject({ 'x-ratelimit-limit-requests': '5', 'x-headgate-provider': 'p' });
    expect(sink.headers).not.toHaveProperty('set-cookie');
    expect(sink.headers).not.toHaveProperty('server');
    expect(settled).toEqual([call]);
    expect(call.usage).toMatchObject({ input: 3, output: 1 });
    expect(provider.seats()).toBe(0);
  });

  test('that is broken JSON or an error behind a 200 is tried elsewhere', () => {
    const { run } = setUp();
    const [one, two, three] = ['a', 'b', 'c'].map((name) =>
      fakeProvider(name, openai, { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } }),
    );
    const { sink } = run('openai-chat', chat, [one!, two!, three!]);
    one!.requests[0]!.json(200, '{"choices":[');
    two!.requests[0]!.json(200, { error: { message: 'overloaded', type: 'server_error', code: 503 } });
    three!.requests[0]!.json(200, answer);
    expect(sink.status).toBe(200);
    expect(sink.headers).toMatchObject({
      'x-headgate-provider': 'c',
      'x-headgate-fallback': '1',
      'x-headgate-attempts': '3',
    });
  });
});

describe('an upstream that was asked to stream and answers whole', () => {
  test.each([
    ['openai-chat', 'data: [DONE]'],
    ['anthropic', 'event: message_stop'],
  ] as const)('is told to a client of %s as a stream', (dialect, end) => {
    const { run } = setUp();
    const provider = fakeProvider('p', openai);
    const { sink } = run(dialect, { ...chat, max_tokens: 5, stream: true }, [provider]);
    provider.requests[0]!.json(200, answer);
    expect(sink.headers['content-type']).toContain('text/event-stream');
    expect(sink.body).toContain('hello');
    expect(sink.body).toContain(end);
  });
});

describe('a refusal', () => {
  test('of the request itself reaches the client byte for byte after one attempt', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai);
    const two = fakeProvider('b', openai);
    const { sink } = run('openai-chat', chat, [one, two]);
    const body =
      '{"error": {"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"} }';
    one.requests[0]!.json(400, body);
    expect(sink.status).toBe(400);
    expect(sink.body).toBe(body);
    expect(two.requests).toHaveLength(0);
  });

  test('that is a server fault is repeated on the same target after a back-off, then elsewhere', async () => {
    fakeTime();
    const { run, pass } = setUp();
    const one = fakeProvider('a', openai);
    const two = fakeProvider('b', openai);
    const { sink } = run('openai-chat', chat, [one, two]);
    one.requests[0]!.json(500, { error: { message: 'boom' } });
    expect(one.requests).toHaveLength(1);
    await pass(10);
    expect(one.requests).toHaveLength(2);
    one.requests[1]!.json(503, { error: { message: 'boom' } });
    two.requests[0]!.json(200, answer);
    expect(sink.status).toBe(200);
    vi.useRealTimers();
  });

  test('by every target shows the first failure and tells the SDK not to try again', () => {
    const { run } = setUp();
    const none = { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } };
    const one = fakeProvider('a', openai, none);
    const two = fakeProvider('b', openai, none);
    const { sink, call } = run('openai-chat', chat, [one, two]);
    one.requests[0]!.json(503, { error: { message: 'first' } });
    two.requests[0]!.json(500, { error: { message: 'second' } });
    expect(sink.status).toBe(503);
    expect(sink.body).toContain('first');
    expect(sink.headers['x-should-retry']).toBe('false');
    expect(call.attempts.map((attempt) => attempt.status)).toEqual([503, 500]);
  });

  test('that echoes our key is masked', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai, {
      retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 1 },
    });
    const { sink } = run('anthropic', { ...chat, max_tokens: 5 }, [one]);
    one.requests[0]!.json(401, {
      error: { message: 'Incorrect key sk-secret-a', type: 'invalid_request_error' },
    });
    expect(sink.status).toBe(401);
    expect(sink.body).not.toContain('sk-secret-a');
    expect(JSON.parse(sink.body)).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
  });

  test('by a rate limit moves to another key at once and rests the first', () => {
    const { run } = setUp();
    const keys = ['k1', 'k2'].map((alias) => ({ value: `sk-${alias}-value`, weight: 1, models: [], alias }));
    const one = fakeProvider('a', openai, { keys });
    const { sink } = run('openai-chat', chat, [one]);
    one.requests[0]!.json(429, { error: { message: 'slow down' } }, { 'retry-after': '7' });
    expect(one.rested).toEqual([['k1', 7000]]);
    expect(one.requests[1]!.request.headers['authorization']).toBe('Bearer sk-k2-value');
    one.requests[1]!.json(200, answer);
    expect(sink.status).toBe(200);
  });
});

describe('a stream', () => {
  const streamed = { ...chat, stream: true };

  test('passes its bytes on, hides the usage nobody asked for, and settles with it', () => {
    const { run, settled } = setUp();
    const provider = fakeProvider('p', openai);
    const { sink, call } = run('openai-chat', streamed, [provider]);
    expect(JSON.parse(provider.requests[0]!.request.body!.toString()).stream_options).toEqual({
      include_usage: true,
    });
    const upstream = provider.requests[0]!.stream();
    upstream
      .send(delta('he'), delta('llo'), finish, { id: 'a', choices: [], usage: answer.usage }, '[DONE]')
      .end();
    expect(sink.body).not.toContain('usage');
    expect(sink.body.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(call.usage).toMatchObject({ input: 3, output: 1 });
    expect(settled).toEqual([call]);
    expect(provider.seats()).toBe(0);
  });

  test('that is cut after a token ends in one error event and no [DONE]', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai);
    const two = fakeProvider('b', openai);
    const { sink, call } = run('openai-chat', streamed, [one, two]);
    one.requests[0]!.stream().send(delta('he'));
    one.requests[0]!.handler.onError(new GatewayError('GW_UPSTREAM_TRUNCATED'));
    expect(sink.body.match(/"error"/g)).toHaveLength(1);
    expect(sink.body).not.toContain('[DONE]');
    expect(sink.closed).toBe(true);
    expect(two.requests).toHaveLength(0);
    expect(call.error?.code).toBe('GW_UPSTREAM_TRUNCATED');
  });

  test('that closes cleanly before its end is cut all the same', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai);
    const { sink } = run('openai-chat', streamed, [one]);
    one.requests[0]!.stream().send(delta('he')).end();
    expect(sink.body).toContain('"error"');
    expect(sink.body).not.toContain('[DONE]');
  });

  test('whose upstream forgot [DONE] gets one', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai);
    const { sink } = run('openai-chat', streamed, [one]);
    one.requests[0]!.stream().send(delta('he'), finish).end();
    expect(sink.body.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('that fails before any content goes to the fallback', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai, {
      retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 },
    });
    const two = fakeProvider('b', openai);
    const { sink } = run('openai-chat', streamed, [one, two]);
    const role = { id: 'a', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] };
    one.requests[0]!.stream().send(role, { error: { message: 'over quota', code: 'insufficient_quota' } });
    expect(sink.committed).toBe(false);
    two.requests[0]!.stream().send(role, delta('yes'), finish, '[DONE]').end();
    expect(sink.body).toContain('yes');
    expect(sink.body).not.toContain('quota');
    expect(sink.body.match(/"role"/g)).toHaveLength(1);
  });

  test('leaves broken events out, and ends in an error when they do not stop', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai);
    const { sink } = run('openai-chat', streamed, [one]);
    const upstream = one.requests[0]!.stream().send(delta('a'), '{"broken', delta('b'));
    expect(sink.body).not.toContain('broken');
    expect(sink.body).toContain('"b"');
    upstream.send('x', 'x', 'x', 'x');
    expect(sink.body).toContain('"error"');
    expect(upstream.aborted).toBe(true);
  });

  test('pauses its upstream when the client is slow, and goes on with it', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai);
    const { sink } = run('openai-chat', streamed, [one]);
    sink.flowing = false;
    const upstream = one.requests[0]!.stream().send(delta('a'));
    expect(upstream.paused).toBe(true);
    sink.onDrain?.();
    expect(upstream.paused).toBe(false);
  });

  test('between dialects arrives in the dialect of the client', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai);
    const { sink, call } = run('anthropic', { ...streamed, max_tokens: 10 }, [one]);
    one.requests[0]!.stream()
      .send(delta('hi'), finish, { id: 'a', choices: [], usage: answer.usage }, '[DONE]')
      .end();
    expect(sink.body).toContain('event: message_start');
    expect(sink.body).toContain('"text":"hi"');
    expect(sink.body.trimEnd().endsWith('{"type":"message_stop"}')).toBe(true);
    expect(call.usage).toMatchObject({ input: 3, output: 1 });
  });

  test('error event of the other dialect is translated', () => {
    const { run } = setUp();
    const one = fakeProvider('a', anthropic);
    const { sink } = run('openai-chat', streamed, [one]);
    const upstream = one.requests[0]!.stream();
    const say = (type: string, data: object) =>
      upstream.handler.onData(Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`));
    say('message_start', {
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'x',
        content: [],
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    });
    say('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    say('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'half' } });
    say('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
    expect(sink.body).toContain('half');
    expect(sink.body).toContain('"message":"Overloaded"');
    expect(sink.body).not.toContain('[DONE]');
    expect(sink.closed).toBe(true);
  });
});

describe('a deadline', () => {
  test.each([
    ['connect', 1000, 'GW_UPSTREAM_TIMEOUT_CONNECT', (_: FakeProvider) => {}],
    [
      'response head',
      2000,
      'GW_UPSTREAM_TIMEOUT_HEADERS',
      (one: FakeProvider) => one.requests[0]!.handler.onSent(),
    ],
  ])(
    'for the %s passes: a fallback is asked, the silent target never again',
    async (_name, ms, code, act) => {
      fakeTime();
      const { run, pass } = setUp();
      const one = fakeProvider('a', openai);
      const two = fakeProvider('b', openai);
      const { call, sink } = run('openai-chat', chat, [one, two]);
      act(one);
      await pass(ms - 100);
      expect(two.requests).toHaveLength(0);
      await pass(200);
      expect(one.requests[0]!.aborted).toBe(true);
      expect(one.requests).toHaveLength(1);
      two.requests[0]!.json(200, answer);
      expect(sink.status).toBe(200);
      expect(call.attempts[0]!.errorType).toBe(
        new GatewayError(code as 'GW_UPSTREAM_TIMEOUT_HEADERS').errorType,
      );
      vi.useRealTimers();
    },
  );

  test('between tokens ends the stream with an error event; while the client is slow it does not run', async () => {
    fakeTime();
    const { run, pass } = setUp();
    const one = fakeProvider('a', openai);
    const { sink, call } = run('openai-chat', { ...chat, stream: true }, [one]);
    sink.flowing = false;
    one.requests[0]!.stream().send(delta('a'));
    await pass(5000);
    expect(call.settled).toBe(false);
    sink.flowing = true;
    sink.onDrain?.();
    await pass(1100);
    expect(call.error?.code).toBe('GW_UPSTREAM_TIMEOUT_IDLE');
    expect(sink.body).toContain('"error"');
    vi.useRealTimers();
  });

  test('a request may set its own clocks by header', async () => {
    fakeTime();
    const { run, pass } = setUp();
    const one = fakeProvider('a', openai);
    const { sink } = run('openai-chat', chat, [one], { 'x-headgate-timeout-ms': '500' });
    one.requests[0]!.handler.onSent();
    await pass(600);
    expect(sink.status).toBe(504);
    vi.useRealTimers();
  });
});

test('a client that leaves has its upstream call aborted and its slot freed', () => {
  const { run, settled } = setUp();
  const one = fakeProvider('a', openai);
  const { call } = run('openai-chat', chat, [one]);
  call.onGone?.();
  expect(one.requests[0]!.aborted).toBe(true);
  expect(one.seats()).toBe(0);
  expect(settled).toEqual([call]);
  expect(call.status).toBe(499);
});

test('client headers go on only where they belong to the vendor of the same dialect', () => {
  const { run } = setUp();
  const same = fakeProvider('a', anthropic);
  const other = fakeProvider('b', openai);
  const headers = {
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'x-1,y-2',
    authorization: 'Bearer client',
    cookie: 'a=b',
    'x-forwarded-for': '1.2.3.4',
  };
  run('anthropic', { ...chat, max_tokens: 1 }, [same], headers);
  run('anthropic', { ...chat, max_tokens: 1 }, [other], headers);
  const sent = same.requests[0]!.request.headers;
  expect(sent).toMatchObject({
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'x-1,y-2',
    authorization: 'Bearer sk-secret-a',
  });
  expect(sent).not.toHaveProperty('cookie');
  expect(sent).not.toHaveProperty('x-forwarded-for');
  expect(other.requests[0]!.request.headers).not.toHaveProperty('anthropic-beta');
});
