import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { Call } from '../../contracts/call.ts';
import type { FallbackKind } from '../../contracts/alias-config.ts';
import type { DialectName } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { Rest } from '../../contracts/rests.ts';
import { createRests } from '../../lanes/rests.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

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
  const told: Rest[] = [];
  const cooled: [model: string, forMs: number][] = [];
  const rests = createRests({
    clock: clocks,
    tell: (rest) => told.push(rest),
    cooled: (_lane, model, forMs) => cooled.push([model, forMs]),
    passedBy() {},
    withheld() {},
    circuit() {},
  });
  const dispatch = quietDispatch(clocks, [{ settled: (call) => settled.push(call) }], {
    refusals: rests,
    serverTiming: () => 'gw;dur=0',
  });
  const run = (
    dialect: DialectName,
    body: object,
    providers: FakeProvider[],
    headers: Record<string, string> = {},
    operation: OperationName = 'chat',
    words: { kinds?: [FakeProvider, FallbackKind]; gate?: boolean } = {},
  ) => {
    const made = fakeCall(dialect, body, providers, headers, operation);
    const { kinds, gate } = words;
    made.call.plan = {
      ...made.call.plan!,
      ...(kinds && { kinds: new Map([[kinds[0].target, new Set([kinds[1]])]]) }),
      ...(gate !== undefined && { gate }),
    };
    void dispatch(made.call);
    return made;
  };
  const pass = async (ms: number) => {
    now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { run, settled, pass, told, cooled };
}

/** What is known of its model's context. */
function contextOf(provider: FakeProvider, contextTokens: number): void {
  const { encode } = provider.target;
  Object.assign(provider.target, {
    encode: { ...encode, capabilities: { ...encode.capabilities, contextTokens } },
  });
}

function fakeTime() {
  vi.useFakeTimers();
}

const role = { id: 'a', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] };

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

  test.each([
    ['openai-chat', 'caller_invalid_request'],
    ['anthropic', 'provider_rejected'],
  ] as const)('a 400 to a request of %s is counted as %s: whose words were refused', (dialect, errorType) => {
    const { run } = setUp();
    const provider = fakeProvider('p', openai);
    const { sink, call } = run(dialect, { ...chat, max_tokens: 5 }, [provider]);
    provider.requests[0]!.json(400, { error: { message: 'no', type: 'invalid_request_error' } });
    expect(sink.status).toBe(400);
    expect(call.error?.errorType).toBe(errorType);
    expect(call.attempts[0]!.errorType).toBe(errorType);
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
    const body = '{"error": {"message":"bad value","type":"invalid_request_error","code":"invalid_value"} }';
    one.requests[0]!.json(400, body);
    expect(sink.status).toBe(400);
    expect(sink.body).toBe(body);
    expect(two.requests).toHaveLength(0);
  });

  test('of a prompt that is too long goes on to another model; the first refusal is told when all say so', () => {
    const { run } = setUp();
    const [one, two, three] = ['a', 'b', 'c'].map((name) => fakeProvider(name, openai));
    const long = (text: string) => ({ error: { message: text, code: 'context_length_exceeded' } });
    const served = run('openai-chat', chat, [one!, two!]);
    one!.requests[0]!.json(400, long('first'));
    expect(one!.requests).toHaveLength(1);
    two!.requests[0]!.json(200, answer);
    expect([served.sink.status, served.sink.headers['x-headgate-fallback']]).toEqual([200, '1']);
    const refused = run('openai-chat', chat, [one!, two!]);
    one!.requests[1]!.json(400, long('first'));
    two!.requests[1]!.json(400, long('second'));
    expect(refused.sink.status).toBe(400);
    expect(refused.sink.body).toContain('first');
    // Both known, and the second no larger: it would say the same.
    contextOf(one!, 8_000);
    contextOf(three!, 8_000);
    run('openai-chat', chat, [one!, three!]);
    one!.requests[2]!.json(400, long('first'));
    expect(three!.requests).toHaveLength(0);
  });

  test('for the content goes on only where the plan has a target for that', () => {
    const { run } = setUp();
    const [one, two] = ['a', 'b'].map((name) => fakeProvider(name, openai));
    const policy = { error: { message: 'not that', code: 'content_filter' } };
    const plain = run('openai-chat', chat, [one!, two!]);
    one!.requests[0]!.json(400, policy);
    expect([plain.sink.status, two!.requests.length]).toEqual([400, 0]);
    const allowed = run('openai-chat', chat, [one!, two!], {}, 'chat', { kinds: [two!, 'content_policy'] });
    one!.requests[1]!.json(400, policy);
    two!.requests[0]!.json(200, answer);
    expect(allowed.sink.status).toBe(200);
  });

  test('is followed by the targets that are for its kind alone', () => {
    const { run } = setUp();
    const none = { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } };
    const [one, two] = ['a', 'b'].map((name) => fakeProvider(name, openai, none));
    const only = { kinds: [two!, 'context_window'] as [FakeProvider, FallbackKind] };
    const failed = run('openai-chat', chat, [one!, two!], {}, 'chat', only);
    one!.requests[0]!.json(500, { error: { message: 'boom' } });
    expect([failed.sink.status, two!.requests.length]).toEqual([500, 0]);
    const long = run('openai-chat', chat, [one!, two!], {}, 'chat', only);
    one!.requests[1]!.json(400, { error: { message: 'x', code: 'context_length_exceeded' } });
    two!.requests[0]!.json(200, answer);
    expect(long.sink.status).toBe(200);
  });

  test('is not waited for where the target is known to lack what the request needs', () => {
    const { run } = setUp();
    const [one, two] = ['a', 'b'].map((name) => fakeProvider(name, openai));
    contextOf(one!, 10);
    const { sink } = run(
      'openai-chat',
      { ...chat, messages: [{ role: 'user', content: 'x '.repeat(200) }] },
      [one!, two!],
    );
    expect(one!.requests).toHaveLength(0);
    two!.requests[0]!.json(200, answer);
    expect(sink.headers['x-headgate-provider']).toBe('b');
    // The last one is asked all the same: it knows better.
    run('openai-chat', { ...chat, messages: [{ role: 'user', content: 'x '.repeat(200) }] }, [one!]);
    expect(one!.requests).toHaveLength(1);
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
    expect(JSON.parse(provider.requests[0]!.sent.toString()).stream_options).toEqual({
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
    const { sink, call } = run('openai-chat', streamed, [one]);
    one.requests[0]!.stream().send(delta('he'));
    one.requests[0]!.handler.onError(new GatewayError('GW_UPSTREAM_TRUNCATED'));
    expect(sink.body.match(/"error"/g)).toHaveLength(1);
    expect(sink.body).not.toContain('[DONE]');
    expect(sink.closed).toBe(true);
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

  test.each([
    [true, 429],
    [false, 200],
  ])('with one target and the gate %s has the status %i of an error before its content', (gate, status) => {
    const { run } = setUp();
    const one = fakeProvider('a', openai, {
      retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 1 },
    });
    const { sink } = run('openai-chat', streamed, [one], {}, 'chat', { gate });
    one.requests[0]!.stream().send(role, { error: { message: 'quota', code: 'insufficient_quota' } });
    expect(sink.status).toBe(status);
  });

  test('that fails before any content goes to the fallback', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai, {
      retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 },
    });
    const two = fakeProvider('b', openai);
    const { sink } = run('openai-chat', streamed, [one, two]);
    one.requests[0]!.stream().send(role, { error: { message: 'over quota', code: 'insufficient_quota' } });
    expect(sink.committed).toBe(false);
    two.requests[0]!.stream().send(role, delta('yes'), finish, '[DONE]').end();
    expect(sink.body).toContain('yes');
    expect(sink.body).not.toContain('quota');
    expect(sink.body.match(/"role"/g)).toHaveLength(1);
  });

  test('ends in an error at the first event that cannot be read, once content went out', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai);
    const { sink } = run('openai-chat', streamed, [one]);
    const upstream = one.requests[0]!.stream().send(delta('a'), '{"broken', delta('b'), finish, '[DONE]');
    expect(sink.body).not.toContain('broken');
    expect(sink.body).not.toContain('"b"');
    expect(sink.body.trimEnd().split('\n\n').at(-1)).toContain('"error"');
    expect(upstream.aborted).toBe(true);
  });

  test('goes elsewhere when an event before its content cannot be read', () => {
    const { run } = setUp();
    const [one, two] = ['a', 'b'].map((name) =>
      fakeProvider(name, openai, { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } }),
    );
    const { sink } = run('openai-chat', streamed, [one!, two!]);
    one!.requests[0]!.stream().send(role, '{"broken');
    two!.requests[0]!.stream().send(role, delta('yes'), finish, '[DONE]').end();
    expect(sink.body.match(/"role"/g)).toHaveLength(1);
    expect(sink.body).toContain('yes');
    expect(sink.body).not.toContain('error');
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
      (one: FakeProvider) => one.requests[0]!.handler.onSent(true),
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
    one.requests[0]!.handler.onSent(true);
    await pass(600);
    expect(sink.status).toBe(504);
    vi.useRealTimers();
  });
});

test('a client that leaves has its upstream call aborted and its slot freed', () => {
  const { run, settled } = setUp();
  const one = fakeProvider('a', openai);
  const { call } = run('openai-chat', chat, [one]);
  call.work?.cancel(new GatewayError('GW_CLIENT_GONE'));
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

describe('a target that cools down', () => {
  const once = { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } };
  const limited = { error: { message: 'slow down' } };

  test('is passed by while another can answer, which then counts as the fallback', () => {
    const { run, told } = setUp();
    const one = fakeProvider('a', openai, once);
    const two = fakeProvider('b', openai, once);
    const first = run('openai-chat', chat, [one, two]);
    one.requests[0]!.json(429, limited, { 'retry-after': '60' });
    two.requests[0]!.json(200, answer);
    const second = run('openai-chat', chat, [one, two]);
    two.requests[1]!.json(200, answer);
    expect([first.sink.status, second.sink.status]).toEqual([200, 200]);
    expect(one.requests).toHaveLength(1);
    expect(second.sink.headers).toMatchObject({ 'x-headgate-provider': 'b', 'x-headgate-fallback': '1' });
    expect(second.sink.headers).not.toHaveProperty('x-headgate-attempts');
    expect(told).toMatchObject([{ kind: 'target', lane: 'a', model: 'm', forMs: 60_000 }]);
  });

  test('is asked again when its time is over', async () => {
    fakeTime();
    let now = 0;
    const clock = { now: () => now, wall: () => now };
    const { run, pass } = setUp();
    const one = fakeProvider('a', openai, once, clock);
    const two = fakeProvider('b', openai, once, clock);
    run('openai-chat', chat, [one, two]);
    one.requests[0]!.json(429, limited, { 'retry-after': '60' });
    two.requests[0]!.json(200, answer);
    await pass((now = 60_000));
    run('openai-chat', chat, [one, two]);
    expect(one.requests).toHaveLength(2);
    vi.useRealTimers();
  });

  test('is tried all the same when it is the only one, and its own refusal is the answer', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai, once);
    for (let calls = 1; calls <= 2; calls++) {
      const { sink } = run('openai-chat', chat, [one]);
      one.requests.at(-1)!.json(429, limited, { 'retry-after': '60' });
      expect(one.requests).toHaveLength(calls);
      expect(sink.status).toBe(429);
      expect(sink.headers['retry-after']).toBe('60');
      expect(sink.body).toContain('slow down');
    }
  });

  test('is tried last when what stood in for it fails', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai, once);
    const two = fakeProvider('b', openai, once);
    one.target.cell.cool(60_000, true);
    const served = run('openai-chat', chat, [one, two]);
    two.requests[0]!.json(500, { error: { message: 'second broke' } });
    one.requests[0]!.json(200, answer);
    expect(served.sink.status).toBe(200);
    const failed = run('openai-chat', chat, [one, two]);
    two.requests[1]!.json(500, { error: { message: 'second broke' } });
    one.requests[1]!.json(429, limited, { 'retry-after': '60' });
    expect(failed.sink.body).toContain('second broke');
  });

  test('together with all others is asked once: the one that is due first', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai, once);
    const two = fakeProvider('b', openai, once);
    one.target.cell.cool(60_000, true);
    two.target.cell.cool(30_000, true);
    const { sink, call } = run('openai-chat', chat, [one, two]);
    two.requests[0]!.json(429, limited, { 'retry-after': '30' });
    expect(sink.status).toBe(429);
    expect(sink.headers['retry-after']).toBe('30');
    expect(call.attempts).toHaveLength(1);
    expect(one.requests).toHaveLength(0);
  });

  test('gives the reason when its stand-in cannot take the request', () => {
    const { run } = setUp();
    const one = fakeProvider('a', openai, once);
    const two = fakeProvider('b', anthropic, once);
    one.target.cell.cool(60_000, true);
    const { sink } = run('openai-chat', { ...chat, n: 2 }, [one, two]);
    expect(two.requests).toHaveLength(0);
    one.requests[0]!.json(429, limited, { 'retry-after': '60' });
    expect(sink.status).toBe(429);
    expect(sink.body).toContain('slow down');
  });

  test('of a guess is warm again as soon as it serves a call', () => {
    const { run, cooled } = setUp();
    const one = fakeProvider('a', openai, once);
    run('openai-chat', chat, [one]);
    one.requests[0]!.json(429, limited);
    expect(cooled).toEqual([['m', 30_000]]);
    run('openai-chat', chat, [one]);
    one.requests[1]!.json(200, answer);
    expect(one.target.cell.leftMs()).toBe(0);
  });

  test('begins with an overload only when the repeats here are spent', async () => {
    fakeTime();
    const { run, pass, cooled } = setUp();
    const one = fakeProvider('a', openai);
    const two = fakeProvider('b', openai);
    run('openai-chat', chat, [one, two]);
    one.requests[0]!.json(503, { error: { message: 'busy' } });
    expect(cooled).toEqual([]);
    await pass(20);
    one.requests[1]!.json(503, { error: { message: 'busy' } });
    expect(cooled).toEqual([['m', 5_000]]);
    two.requests[0]!.json(200, answer);
    vi.useRealTimers();
  });
});

test('a refusal to count tokens neither cools the model nor does its cooling matter', () => {
  const { run, cooled } = setUp();
  const once = { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } };
  const one = fakeProvider('a', anthropic, once);
  const two = fakeProvider('b', anthropic, once);
  one.target.cell.cool(60_000, true);
  run('anthropic', { ...chat, max_tokens: 5 }, [one, two], {}, 'token-count');
  expect(one.requests).toHaveLength(1);
  one.requests[0]!.json(429, { type: 'error', error: { type: 'rate_limit_error', message: 'no' } });
  expect(cooled).toEqual([]);
});

describe('counting tokens', () => {
  const prompt = { ...chat, max_tokens: 5 };
  const refusal = (type: string, message: string) => ({ type: 'error', error: { type, message } });
  /** As the plan of a count has it. */
  const asCounter = (provider: FakeProvider): FakeProvider => ({
    ...provider,
    target: { ...provider.target, operation: 'token-count' },
  });
  const counted = async (sink: { status: number }) =>
    vi.waitFor(() => expect(sink.status).not.toBe(0), { interval: 1 });

  test.each<[string, number, unknown]>([
    ["Anthropic's refusal", 404, refusal('not_found_error', 'Not found')],
    ["another server's", 404, { detail: 'Not Found' }],
    ['a page', 404, '<html>404</html>'],
    ['a wrong method', 405, { detail: 'Method Not Allowed' }],
    ['not implemented', 501, {}],
    ['a 200 that is no count', 200, { error: 'Unexpected endpoint or method.' }],
  ])(
    'at an upstream without a counter (%s) is estimated, and it is not asked again for a while',
    async (_, status, said) => {
      const { run, settled, pass } = setUp();
      fakeTime();
      const provider = fakeProvider('p', anthropic, undefined, undefined);
      const count = () => run('anthropic', prompt, [provider], {}, 'token-count').sink;
      const first = count();
      provider.requests[0]!.json(status, said as object);
      await pass(0);
      expect([first.status, first.body]).toEqual([200, '{"input_tokens":7}']);
      expect(first.headers).toMatchObject({ 'x-headgate-estimated': '1', 'x-headgate-provider': 'p' });
      expect(settled).toHaveLength(1);
      const second = count();
      await pass(0);
      expect(second.body).toBe('{"input_tokens":7}');
      expect(provider.requests).toHaveLength(1);
      await pass(600_000);
      count();
      expect(provider.requests).toHaveLength(2);
      expect(provider.seats()).toBe(1);
      vi.useRealTimers();
    },
  );

  test.each<[number, string, string]>([
    [404, 'not_found_error', 'model: m'],
    [404, 'not_found_error', 'The model does not exist'],
    [400, 'invalid_request_error', 'messages: at least one is required'],
    [401, 'authentication_error', 'invalid x-api-key'],
  ])('keeps a true refusal: %i %s %s', async (status, type, message) => {
    const { run } = setUp();
    const provider = fakeProvider('p', anthropic, {
      retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 1 },
    });
    const { sink } = run('anthropic', prompt, [provider], {}, 'token-count');
    provider.requests[0]!.json(status, refusal(type, message));
    await counted(sink);
    expect(sink.status).toBe(status);
    expect(sink.body).toContain(message);
  });

  test('is estimated for a fallback of another dialect, which has no counter to ask', async () => {
    const { run } = setUp();
    const once = { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } };
    const one = fakeProvider('a', anthropic, once);
    const two = fakeProvider('b', openai, once);
    const { sink } = run('anthropic', prompt, [one, two], {}, 'token-count');
    one.requests[0]!.json(500, refusal('api_error', 'down'));
    await counted(sink);
    expect(sink.body).toBe('{"input_tokens":7}');
    expect(sink.headers['x-headgate-provider']).toBe('b');
    expect(two.requests).toHaveLength(0);
  });

  test('is asked of a vendor of another dialect in its words, and told in the client’s', () => {
    const { run } = setUp();
    const provider = fakeProvider('p', dialectByName('gemini'));
    const { sink } = run('anthropic', chat, [asCounter(provider)], {}, 'token-count');
    expect(provider.requests[0]!.request.path).toBe('/models/m:countTokens');
    provider.requests[0]!.json(200, { totalTokens: 11 });
    expect([sink.status, sink.body]).toEqual([200, '{"input_tokens":11}']);
    expect(sink.headers).not.toHaveProperty('x-headgate-estimated');
  });

  test.each([
    ['that does not take it', chat, 1],
    [
      'whose dialect cannot say it',
      { ...chat, messages: [{ role: 'user', content: [{ type: 'mystery' }] }] },
      0,
    ],
  ])('is estimated for such a vendor %s', async (_what, body, requests) => {
    const { run } = setUp();
    const provider = fakeProvider('p', dialectByName('gemini'));
    const { sink } = run('anthropic', body, [asCounter(provider)], {}, 'token-count');
    expect(provider.requests).toHaveLength(requests);
    provider.requests[0]?.json(400, {
      error: { code: 400, message: 'Unknown name', status: 'INVALID_ARGUMENT' },
    });
    await vi.waitFor(() => expect(sink.body).toBe('{"input_tokens":7}'));
    expect(sink.headers['x-headgate-estimated']).toBe('1');
  });

  test('a count of the vendor goes to the client as it came', () => {
    const { run } = setUp();
    const provider = fakeProvider('p', anthropic);
    const { sink } = run('anthropic', prompt, [provider], {}, 'token-count');
    provider.requests[0]!.json(200, '{"input_tokens": 42, "x":1.0}');
    expect(sink.body).toBe('{"input_tokens": 42, "x":1.0}');
    expect(sink.headers).not.toHaveProperty('x-headgate-estimated');
  });
});

describe('the memory of a large body', () => {
  beforeEach(fakeTime);
  afterEach(() => {
    vi.useRealTimers();
  });
  const large = { ...chat, messages: [{ role: 'user', content: 'x'.repeat(100_000) }] };
  const sizeSent = ({ requests }: FakeProvider): number => requests.at(-1)!.sent.length;

  test('is given back with the answer, not before a retry and a fallback have read it', async () => {
    const { run, pass } = setUp();
    const [one, two] = ['a', 'b'].map((name) => fakeProvider(name, openai));
    const { call } = run('openai-chat', large, [one!, two!]);
    const body = call.body!;
    one!.requests[0]!.json(500, {});
    await pass(20);
    one!.requests[1]!.json(500, {});
    expect(sizeSent(one!)).toBeGreaterThan(100_000);
    expect(sizeSent(two!)).toBeGreaterThan(100_000);
    two!.requests[0]!.json(200, answer);
    expect(call.settled).toBe(true);
    expect(body.length).toBe(0);
  });

  test('is kept while an upstream that has answered may still be sent it', async () => {
    const { run, pass } = setUp();
    await pass(1);
    const provider = fakeProvider('p', openai);
    const { call } = run('openai-chat', { ...large, stream: true }, [provider]);
    const body = call.body!;
    const upstream = provider.requests[0]!.stream().send(delta('a'), finish, '[DONE]');
    expect(call.settled).toBe(true);
    expect(body.length).toBeGreaterThan(100_000);
    upstream.end();
    expect(body.length).toBe(0);
  });

  test.each(['a refusal', 'a client that left', 'a cut stream'])('is given back after %s', async (end) => {
    const { run, pass } = setUp();
    await pass(1);
    const provider = fakeProvider('p', openai, {
      retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 1 },
    });
    const { call } = run('openai-chat', { ...large, stream: true }, [provider]);
    const body = call.body!;
    if (end === 'a refusal') provider.requests[0]!.json(400, {});
    else if (end === 'a client that left') call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    else provider.requests[0]!.stream().send(delta('a')).end();
    expect(call.settled).toBe(true);
    expect(body.length).toBe(0);
  });

  test('of a small body is left to its pool', async () => {
    const { run, pass } = setUp();
    await pass(1);
    const provider = fakeProvider('p', openai);
    const { call } = run('openai-chat', chat, [provider]);
    const body = call.body!;
    provider.requests[0]!.json(200, answer);
    expect(body.length).toBeGreaterThan(0);
  });
});

test('a drain keeps what a cut stream had used', () => {
  const { run } = setUp();
  const provider = fakeProvider('p', anthropic);
  const { call, sink } = run('anthropic', { ...chat, max_tokens: 5, stream: true }, [provider]);
  const start = {
    type: 'message_start',
    message: {
      id: 'msg',
      type: 'message',
      role: 'assistant',
      content: [],
      model: 'm',
      usage: { input_tokens: 42, output_tokens: 1 },
    },
  };
  const open = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  const text = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hel' } };
  const { handler } = provider.requests[0]!.stream();
  for (const event of [start, open, text])
    handler.onData(Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`));
  call.work!.cancel(new GatewayError('GW_GATEWAY_DRAINING'));
  expect(sink.body).toContain('event: error');
  expect(sink.body).not.toContain('message_stop');
  expect(call.error?.code).toBe('GW_GATEWAY_DRAINING');
  expect(call.usage?.input).toBe(42);
  expect(call.attempts[0]!.usage?.input).toBe(42);
  expect(provider.seats()).toBe(0);
});
