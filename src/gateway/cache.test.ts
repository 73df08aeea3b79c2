import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeProvider, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { ExactCachePolicy } from '../contracts/cache.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { principalOf } from '../governance/principal.ts';
import { dialectByName } from '../registry/dialects.ts';
import { answer, body, cacheFixture, chunk, events } from './cache.fixture.ts';

const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":"gate"}' } };
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];

let provider: FakeProvider;

beforeEach(() => {
  provider = fakeProvider('p', dialectByName('openai-chat'), {
    retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 },
  });
});

const withPolicy = (policy: Partial<ExactCachePolicy> = {}) => cacheFixture(provider, policy);

describe('an answer that is kept', () => {
  it('is given again byte for byte, costs nothing, and says what it is', () => {
    const { ask, time } = withPolicy();
    const first = ask(body);
    time.now += 700;
    provider.requests[0]!.json(200, answer());
    expect(first.sink.headers['x-headgate-cache']).toBe('miss; type=exact');
    expect(first.call.cache).toMatchObject({ result: 'miss', madeMs: null });
    time.wall += 12_500;
    const { sink, call: second } = ask({ messages: body.messages, model: 'm', user: 'somebody' });
    expect(sink.body).toBe(first.sink.body);
    expect(sink.headers['x-headgate-cache']).toMatch(/^hit; type=exact; age=12; id=[\w-]{43}$/);
    expect(sink.headers['x-headgate-cost-usd']).toBe('0');
    expect(sink.headers).toMatchObject({ 'x-headgate-provider': 'p', 'x-headgate-model': 'm' });
    expect(second).toMatchObject({
      status: 200,
      provider: 'p',
      attempts: [],
      stop: 'end',
      answerModel: 'm-1',
    });
    expect(second.usage).toMatchObject({ input: 0, output: 0 });
    expect(second.cache).toMatchObject({ result: 'hit', type: 'exact', madeMs: 700 });
    expect(provider.requests).toHaveLength(1);
  });

  it('serves a stream though it came whole, tool calls too', () => {
    const { ask } = withPolicy();
    ask({ ...body, tools });
    provider.requests[0]!.json(
      200,
      answer('tool_calls', { role: 'assistant', content: null, tool_calls: [call] }),
    );
    const { sink } = ask({ ...body, tools, stream: true, stream_options: { include_usage: true } });
    expect(sink.headers['content-type']).toMatch('text/event-stream');
    expect(sink.headers['x-headgate-cache']).toMatch(/^hit/);
    const told = events(sink.body);
    expect(JSON.stringify(told)).toContain('"name":"look"');
    expect(told.some(({ choices }) => choices[0]?.finish_reason === 'tool_calls')).toBe(true);
    expect(told.at(-1)!.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2 });
    expect(sink.body.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(sink.closed).toBe(true);
  });

  it('serves a whole answer though it was streamed, with the usage its first client did not ask for', () => {
    const { ask } = withPolicy();
    const first = ask({ ...body, stream: true });
    const usage = { ...chunk({}), choices: [], usage: answer().usage };
    provider.requests[0]!.stream()
      .send(
        chunk({ role: 'assistant', content: 'A ' }),
        chunk({ content: 'gate.' }),
        chunk({}, 'stop'),
        usage,
        '[DONE]',
      )
      .end();
    const whole = ask(body).sink;
    expect(JSON.parse(whole.body)).toMatchObject({
      choices: [{ message: { content: 'A gate.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    });
    const again = ask({ ...body, stream: true }).sink;
    expect(again.body).toBe(first.sink.body);
    const asked = ask({ ...body, stream: true, stream_options: { include_usage: true } }).sink;
    expect(events(asked.body).at(-1)!.usage).toMatchObject({ prompt_tokens: 3 });
    expect(provider.requests).toHaveLength(1);
  });

  it('is another one below the name of a vendor whose clients find the usage elsewhere', () => {
    const { ask } = withPolicy();
    const below = (prefix: string) => (made: Call) => {
      Object.assign(made, { prefix });
      Object.assign(made.snapshot.config, { providers: [] });
    };
    const streamed = { ...body, stream: true };
    const plain = ask(streamed);
    const groq = ask(streamed, { change: below('groq') });
    const usage = { ...chunk({}), choices: [], usage: answer().usage };
    for (const request of provider.requests)
      request
        .stream()
        .send(chunk({ content: 'A gate.' }), chunk({}, 'stop'), usage, '[DONE]')
        .end();
    expect(provider.requests).toHaveLength(2);
    expect(events(groq.sink.body).at(-1)).toMatchObject({ x_groq: { usage: answer().usage } });
    expect(ask(streamed, { change: below('groq') }).sink.body).toBe(groq.sink.body);
    expect(ask(streamed).sink.body).toBe(plain.sink.body);
    // One without such ways shares with all.
    expect(ask(streamed, { change: below('openai') }).sink.body).toBe(plain.sink.body);
    // As a stream it is told in the same way though it came whole.
    ask({ ...body, user: 'u', n: 1, top_p: 0.5 }, { change: below('groq') });
    provider.requests[2]!.json(200, answer());
    const told = ask({ ...body, user: 'u', n: 1, top_p: 0.5, stream: true }, { change: below('groq') }).sink;
    expect(events(told.body).at(-1)).toMatchObject({ x_groq: { usage: { prompt_tokens: 3 } } });
    expect(provider.requests).toHaveLength(3);
  });

  it('tells the usage where each client of such a vendor looks for it, though one asked for a chunk of its own', () => {
    const { ask } = withPolicy();
    const below = (usageCost: boolean) => (made: Call) => {
      Object.assign(made, { prefix: 'groq', usageCost });
      Object.assign(made.snapshot.config, { providers: [] });
    };
    const streamed = { ...body, stream: true };
    const apart = ask(
      { ...streamed, stream_options: { include_usage: true } },
      { change: below(false) },
    ).sink;
    const usage = { ...chunk({}), choices: [], usage: answer().usage };
    provider.requests[0]!.stream()
      .send(chunk({ content: 'A gate.' }), chunk({}, 'stop'), usage, '[DONE]')
      .end();
    expect(events(apart.body).at(-1)).toMatchObject({ choices: [], usage: answer().usage });
    // What it costs is told with the usage, wherever that is.
    for (const usageCost of [false, true]) {
      const { sink } = ask(streamed, { change: below(usageCost) });
      expect(events(sink.body).at(-1)).toMatchObject({
        choices: [{ finish_reason: 'stop' }],
        x_groq: { usage: { prompt_tokens: 3 } },
      });
    }
    expect(provider.requests).toHaveLength(1);
  });

  it('is kept of other operations too', () => {
    const { ask } = withPolicy();
    const vectors = { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [1] }], model: 'm' };
    ask({ model: 'm', input: 'a' }, { operation: 'embeddings' });
    provider.requests[0]!.json(200, vectors);
    const { sink } = ask({ input: 'a', model: 'm' }, { operation: 'embeddings' });
    expect(JSON.parse(sink.body)).toEqual(vectors);
    expect(provider.requests).toHaveLength(1);
  });

  it('is given again for its time, and longer or shorter where the request says so', () => {
    const { ask, time } = withPolicy({ ttlMs: 10_000 });
    ask(body);
    provider.requests[0]!.json(200, answer());
    time.wall += 9_999;
    expect(ask(body).sink.body).not.toBe('');
    time.wall += 1;
    expect(ask(body, { headers: { 'x-headgate-cache-ttl': '90' } }).sink.body).toBe('');
    provider.requests[1]!.json(200, answer());
    time.wall += 89_000;
    expect(ask(body).sink.headers['x-headgate-cache']).toMatch(/^hit; type=exact; age=89/);
  });

  it('that is over is given once more while a fresh one is fetched', async () => {
    const { ask, time, settled, inner } = withPolicy({ ttlMs: 10_000, staleMs: 60_000 });
    ask(body);
    provider.requests[0]!.json(200, answer());
    time.wall += 10_000;
    const { sink, call: parent } = ask(body);
    expect(sink.headers['x-headgate-cache']).toMatch(/^stale; type=exact; age=10/);
    expect(JSON.parse(sink.body)).toEqual(answer());
    ask(body);
    expect(provider.requests).toHaveLength(2); // one is enough
    provider.requests[1]!.json(200, answer('stop', { role: 'assistant', content: 'Fresh.' }));
    await inner.idle();
    expect(settled.at(-1)).toMatchObject({ parent: parent.id, repeats: true });
    const fresh = ask(body).sink;
    expect(fresh.headers['x-headgate-cache']).toMatch(/^hit; type=exact; age=0/);
    expect(fresh.body).toContain('Fresh.');
  });
});

describe('A07: what is never kept', () => {
  it.each([
    ['an error', (p: FakeProvider) => p.requests[0]!.json(400, { error: { message: 'no', type: 'x' } })],
    ['an answer that its limit cut off', (p: FakeProvider) => p.requests[0]!.json(200, answer('length'))],
    ['one that a filter refused', (p: FakeProvider) => p.requests[0]!.json(200, answer('content_filter'))],
  ])('%s', (_name, reply) => {
    const { ask } = withPolicy();
    ask(body);
    reply(provider);
    ask(body);
    expect(provider.requests).toHaveLength(2);
  });

  it('a stream that broke off', () => {
    const { ask } = withPolicy();
    ask({ ...body, stream: true });
    provider.requests[0]!.stream()
      .send(chunk({ role: 'assistant', content: 'A ' }))
      .end();
    ask({ ...body, stream: true });
    expect(provider.requests).toHaveLength(2);
  });

  it('a stream whose client left', () => {
    const { ask } = withPolicy();
    const { call: left } = ask({ ...body, stream: true });
    provider.requests[0]!.stream().send(chunk({ role: 'assistant', content: 'A ' }));
    left.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    ask({ ...body, stream: true });
    expect(provider.requests).toHaveLength(2);
  });

  it('an answer larger than an entry may be', () => {
    const { ask } = withPolicy({ maxEntryBytes: 1024 });
    ask(body);
    provider.requests[0]!.json(200, answer('stop', { role: 'assistant', content: 'x'.repeat(2000) }));
    expect(ask(body).sink.body).toBe('');
    expect(provider.requests).toHaveLength(2);
  });

  it('what a temperature or several answers make another each time, unless the model says so', () => {
    const plain = withPolicy();
    for (const more of [{ temperature: 0.7 }, { n: 2 }]) {
      plain.ask({ ...body, ...more });
      provider.requests.at(-1)!.json(200, answer());
      const { sink } = plain.ask({ ...body, ...more });
      expect(sink.body).toBe('');
      provider.requests.at(-1)!.json(200, answer());
      expect(sink.headers['x-headgate-cache']).toBe('bypass; type=exact');
    }
    plain.ask({ ...body, temperature: 0 });
    provider.requests.at(-1)!.json(200, answer());
    expect(plain.ask({ ...body, temperature: 0 }).sink.body).not.toBe('');
    const asked = withPolicy({ sampled: true, truncated: true });
    asked.ask({ ...body, temperature: 0.7 });
    provider.requests.at(-1)!.json(200, answer('length'));
    expect(asked.ask({ ...body, temperature: 0.7 }).sink.body).not.toBe('');
  });
});

describe('what a request says of it', () => {
  it('`off` neither reads nor keeps; `refresh` keeps alone', () => {
    const { ask } = withPolicy();
    const off = ask(body, { headers: { 'x-headgate-cache': 'off' } });
    provider.requests[0]!.json(200, answer());
    expect(off.sink.headers['x-headgate-cache']).toBe('bypass; type=exact');
    ask(body, { headers: { 'x-headgate-cache': 'refresh' } });
    provider.requests[1]!.json(200, answer());
    ask(body, { headers: { 'x-headgate-cache': 'refresh' } });
    provider.requests[2]!.json(200, answer('stop', { role: 'assistant', content: 'Newer.' }));
    expect(ask(body).sink.body).toContain('Newer.');
    expect(provider.requests).toHaveLength(3);
  });

  it('`only` asks nobody: 404 in its own dialect', () => {
    const { ask } = withPolicy();
    const { sink } = ask(body, { headers: { 'x-headgate-cache': 'only' } });
    expect(sink.status).toBe(404);
    expect(JSON.parse(sink.body).error).toMatchObject({ code: 'gw_client_not_cached' });
    expect(provider.requests).toHaveLength(0);
    ask(body);
    provider.requests[0]!.json(200, answer());
    expect(ask(body, { headers: { 'x-headgate-cache': 'only' } }).sink.status).toBe(200);
  });

  it('what nobody understands is a 400 that names the header', () => {
    const { ask } = withPolicy();
    for (const [name, value] of [
      ['x-headgate-cache', 'maybe'],
      ['x-headgate-cache-ttl', 'soon'],
      ['x-headgate-cache-threshold', '7'],
    ] as const) {
      const { sink } = ask(body, { headers: { [name]: value } });
      expect(sink.status).toBe(400);
      expect(sink.body).toContain(name);
    }
  });

  it('a key of its own parts its answers from others', () => {
    const { ask } = withPolicy();
    ask(body, { headers: { 'x-headgate-cache-key': 'a' } });
    provider.requests[0]!.json(200, answer());
    expect(ask(body, { headers: { 'x-headgate-cache-key': 'b' } }).sink.body).toBe('');
    expect(ask(body).sink.body).toBe('');
    expect(ask(body, { headers: { 'x-headgate-cache-key': 'a' } }).sink.body).not.toBe('');
  });

  it("Bifrost's and LiteLLM's ways are understood where the configuration says so, and go to no provider", () => {
    const { ask } = withPolicy();
    const config = { spellings: ['bifrost', 'litellm'] as const };
    ask({ ...body, cache: { namespace: 'a', ttl: 60 } }, { config });
    expect(JSON.parse(provider.requests[0]!.sent.toString())).toEqual(body);
    provider.requests[0]!.json(200, answer());
    expect(ask(body, { config, headers: { 'x-bf-cache-key': 'a' } }).sink.body).not.toBe('');
    expect(ask({ ...body, cache: { namespace: 'a', 'no-cache': true } }, { config }).sink.body).toBe('');
    const { sink } = ask(body, { config, headers: { 'x-bf-cache-key': 'c', 'x-bf-cache-no-store': 'true' } });
    provider.requests.at(-1)!.json(200, answer());
    expect(sink.status).toBe(200);
    expect(ask(body, { config, headers: { 'x-bf-cache-key': 'c' } }).sink.body).toBe('');
  });

  it('an answer that is older than `s-maxage` is none, and the one that comes takes its place', () => {
    const { ask, time } = withPolicy();
    const config = { spellings: ['litellm'] as const };
    const within = (seconds: unknown) =>
      ask({ ...body, cache: { 's-maxage': seconds } }, { config }).sink.headers['x-headgate-cache'];
    ask(body, { config });
    provider.requests[0]!.json(200, answer());
    time.wall += 10_000;
    expect(within(10)).toMatch(/^hit; type=exact; age=10/);
    expect(within('9')).toMatch(/^hit/);
    expect(within(9)).toBeUndefined();
    provider.requests[1]!.json(200, answer());
    expect(within(0)).toMatch(/^hit; type=exact; age=0/);
  });
});

describe('other guardrails', () => {
  it('make another answer', () => {
    const { ask } = withPolicy();
    const under = (print: string) => ({
      change: (made: Call) => void Object.assign(made, { guard: { print } }),
    });
    ask(body, under('a'));
    provider.requests[0]!.json(200, answer());
    expect(ask(body, under('b')).sink.body).toBe('');
    expect(ask(body).sink.body).toBe('');
    expect(ask(body, under('a')).sink.body).not.toBe('');
  });
});

describe('A06: who shares', () => {
  const of = (name: string, team?: string, customer?: string) => ({
    principal: principalOf({ name, ...(team && { team }) }),
    change: (made: { customer: string | null }) => void (made.customer = customer ?? null),
  });
  const shares = (scope: ExactCachePolicy['scope'], one: object, other: object): boolean => {
    const { ask } = withPolicy({ scope });
    ask(body, one);
    provider.requests.at(-1)!.json(200, answer());
    return ask(body, other).sink.body !== '';
  };

  it('is one key alone, unless more is said', () => {
    expect(shares('key', of('a'), of('a'))).toBe(true);
    expect(shares('key', of('a', 't'), of('b', 't'))).toBe(false);
    expect(shares('team', of('a', 't'), of('b', 't'))).toBe(true);
    expect(shares('team', of('a', 't'), of('b', 'u'))).toBe(false);
    expect(shares('team', of('a'), of('b'))).toBe(false);
    expect(shares('organization', of('a', 't'), of('b', 't'))).toBe(false);
    expect(shares('all', of('a'), of('b', 't'))).toBe(true);
    expect(shares('customer', of('a', 't', 'x'), of('a', 't', 'y'))).toBe(false);
    expect(shares('customer', of('a', 't', 'x'), of('a', 't', 'x'))).toBe(true);
  });

  it('no two dialects, and no two versions of a vendor’s API', () => {
    const { ask } = withPolicy();
    const asked = { model: 'm', max_tokens: 5, messages: body.messages };
    ask(asked);
    provider.requests[0]!.json(200, answer());
    expect(ask(asked, { dialect: 'anthropic' }).sink.body).toBe('');
    expect(ask(asked, { headers: { 'openai-beta': 'x' } }).sink.body).toBe('');
    expect(ask(asked).sink.body).not.toBe('');
  });
});
