// Questions that ask the same in other words, through the stage, the recorder and the calls it makes.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeProvider, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { CachedAnswer, SemanticCachePolicy } from '../contracts/cache.ts';
import type { CacheNews, RemoteAnswers } from '../contracts/cache-ports.ts';
import type { IndexRow, VectorIndex } from '../contracts/vectors.ts';
import { principalOf } from '../governance/principal.ts';
import { dialectByName } from '../registry/dialects.ts';
import { cacheFixture } from './cache.fixture.ts';

const ask = (content: unknown, more: object = {}) => ({
  model: 'm',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content },
  ],
  ...more,
});
const answer = (content: string) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm-1',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});

let provider: FakeProvider;
beforeEach(() => {
  provider = fakeProvider('p', dialectByName('openai-chat'), {
    retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 },
  });
});
afterEach(() => void vi.useRealTimers());

const fixture = (semantic: Partial<SemanticCachePolicy> = {}) => cacheFixture(provider, {}, null, semantic);

describe('workers that hear of each other', () => {
  /** Two workers, an index each; answers and news go through memory that both have. */
  function two() {
    const answers = new Map<string, CachedAnswer>();
    /** Of Redis: an answer that is there comes too late, and nobody asks then. */
    const state = { late: false, ready: true };
    const shared: RemoteAnswers = {
      get ready() {
        return state.ready;
      },
      get: async (id) => {
        const found = answers.get(id) ?? null;
        if (found === null || !state.late) return found;
        state.ready = false;
        return null;
      },
      put: async (entry) => void answers.set(entry.id, entry),
      purge: async () => 0,
    };
    const ears: ((news: CacheNews) => void)[] = [];
    const worker = () =>
      cacheFixture(
        provider,
        {},
        shared,
        {},
        {
          cacheNews(_, heard) {
            if (!ears.includes(heard)) ears.push(heard);
            return {
              tell(news) {
                for (const ear of ears) if (ear !== heard) ear(news);
              },
            };
          },
        },
      );
    return { one: worker(), other: worker(), answers, state };
  }

  it('find what another one was asked', async () => {
    const { one, other } = two();
    one.ask(ask('How do I reset my password?'));
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1));
    provider.requests[0]!.json(200, answer('Like so.'));
    const { sink } = other.ask(ask('how can I reset my password'));
    await vi.waitFor(() => expect(sink.headers['x-headgate-cache']).toMatch(/^hit; type=semantic/));
    expect(sink.body).toContain('Like so.');
  });

  it('know a question still whose answer Redis did not tell in time', async () => {
    const { one, other, state } = two();
    one.ask(ask('How do I reset my password?'));
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1));
    provider.requests[0]!.json(200, answer('Like so.'));
    const headers = { 'x-headgate-cache': 'only' };
    state.late = true;
    const late = other.ask(ask('how can I reset my password'), { headers });
    await vi.waitFor(() => expect(late.sink.status).toBe(404));
    Object.assign(state, { late: false, ready: true });
    const { sink } = other.ask(ask('how can I reset my password'), { headers });
    await vi.waitFor(() => expect(sink.headers['x-headgate-cache']).toMatch(/^hit; type=semantic/));
  });

  it('forget what another one was told to', async () => {
    const { one, other, answers } = two();
    for (const [at, { ask: send }] of [one, other].entries()) {
      send(ask('Who?'));
      await vi.waitFor(() => expect(provider.requests).toHaveLength(at + 1));
      provider.requests.at(-1)!.json(200, answer('Me.'));
      answers.clear();
    }
    expect((await other.cache.told(null, false)).entries).toBe(1);
    await one.cache.told({ model: 'm' }, true);
    expect((await other.cache.told(null, false)).entries).toBe(0);
  });
});

describe('questions that are kept elsewhere', () => {
  it('are asked for there, and the answer is found here', async () => {
    const rows: IndexRow[] = [];
    const elsewhere: VectorIndex = {
      size: 0,
      nearest: async (partition) =>
        rows.filter((row) => row.partition === partition).map((row) => ({ row, similarity: 0.97 })),
      put: (row) => void rows.push(row),
      drop: () => undefined,
    };
    const { ask: send } = cacheFixture(provider, {}, null, {}, { vectors: () => elsewhere });
    send(ask('How do I reset my password?'));
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1));
    provider.requests[0]!.json(200, answer('Like so.'));
    await vi.waitFor(() => expect(rows).toHaveLength(1));
    const { sink, call } = send(ask('how can I reset my password'));
    await vi.waitFor(() => expect(sink.closed).toBe(true));
    expect(call.cache).toMatchObject({ result: 'hit', type: 'semantic', similarity: 0.97 });
    // The guard looks at what comes from there as at anything else.
    send(ask('How do I reset my router?'));
    await vi.waitFor(() => expect(provider.requests).toHaveLength(2));
  });
});

describe('a question in other words', () => {
  it('has the answer of the first, with how alike it is', async () => {
    const { ask: send } = fixture();
    send(ask('How do I reset my password?'));
    provider.requests[0]!.json(200, answer('Like so.'));
    const { sink, call } = send(ask('how can I reset my password', { stream: true }));
    await vi.waitFor(() => expect(sink.closed).toBe(true));
    expect(sink.headers['x-headgate-cache']).toMatch(
      /^hit; type=semantic; similarity=(1\.0000|0\.9\d+); age=0; id=/,
    );
    expect(sink.body).toContain('Like so.');
    expect(call.cache).toMatchObject({ result: 'hit', type: 'semantic' });
    expect(provider.requests).toHaveLength(1);
  });

  it.each<[string, unknown, object, object]>([
    ['another question', 'How do I reset my router?', {}, {}],
    [
      'another system prompt',
      'how can I reset my password',
      {
        messages: [
          { role: 'system', content: 'Be long.' },
          { role: 'user', content: 'how can I reset my password' },
        ],
      },
      {},
    ],
    ['another format', 'how can I reset my password', { response_format: { type: 'json_object' } }, {}],
    ['another limit', 'how can I reset my password', { max_tokens: 9 }, {}],
    ['tools', 'how can I reset my password', { tools: [{ type: 'function', function: { name: 'f' } }] }, {}],
    [
      'a picture',
      [
        { type: 'text', text: 'how can I reset my password' },
        { type: 'image_url', image_url: { url: 'https://x/y.png' } },
      ],
      {},
      {},
    ],
    [
      'a conversation',
      'x',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          { role: 'user', content: 'how can I reset my password' },
        ],
      },
      {},
    ],
    ['another caller', 'how can I reset my password', {}, { principal: principalOf({ name: 'other' }) }],
    [
      'a session of an agent',
      'how can I reset my password',
      {},
      { headers: { 'x-claude-code-session-id': '1' } },
    ],
    ['exact ones alone', 'how can I reset my password', {}, { headers: { 'x-headgate-cache': 'exact' } }],
    [
      'a higher threshold',
      'how can I reset my passwords and password',
      {},
      { headers: { 'x-headgate-cache-threshold': '1' } },
    ],
  ])('is not one with %s', async (_name, content, more, asked) => {
    const { ask: send } = fixture();
    send(ask('How do I reset my password?'));
    provider.requests[0]!.json(200, answer('Like so.'));
    const { sink } = send(ask(content, more), asked);
    await vi.waitFor(() => expect(provider.requests).toHaveLength(2));
    expect(sink.body).toBe('');
  });

  it('is not looked for in fifty turns of an agent: no hit', async () => {
    const { ask: send } = fixture({ maxMessages: 10, threshold: 0 });
    const tools = [{ type: 'function', function: { name: 'read_file', parameters: { type: 'object' } } }];
    const messages: object[] = [{ role: 'user', content: 'Fix the failing test in the parser.' }];
    for (let turn = 0; turn < 50; turn++) {
      const { sink } = send({ model: 'm', messages: [...messages], tools });
      await vi.waitFor(() => expect(provider.requests).toHaveLength(turn + 1));
      provider.requests[turn]!.json(200, answer(`Step ${turn}.`));
      expect(sink.headers['x-headgate-cache']).toMatch(/^miss/);
      messages.push(
        { role: 'assistant', content: `Step ${turn}.` },
        { role: 'user', content: `Result ${turn}: ok` },
      );
    }
  });

  it('of fifty turns without tools neither: what was said before is another each time', async () => {
    const { ask: send } = fixture({ maxMessages: 10 });
    const messages: object[] = [{ role: 'user', content: 'go on' }];
    for (let turn = 0; turn < 50; turn++) {
      const { sink } = send({ model: 'm', messages: [...messages] });
      await vi.waitFor(() => expect(provider.requests).toHaveLength(turn + 1));
      provider.requests[turn]!.json(200, answer(`Step ${turn}.`));
      expect(sink.headers['x-headgate-cache']).toMatch(/^miss/);
      messages.push({ role: 'assistant', content: `Step ${turn}.` }, { role: 'user', content: 'go on' });
    }
  });

  it('is forgotten after its time, and with its answer', async () => {
    const { ask: send, time, cache } = fixture({ ttlMs: 1_000 });
    send(ask('How do I reset my password?'));
    provider.requests[0]!.json(200, answer('Like so.'));
    time.wall += 1_000;
    send(ask('how can I reset my password'));
    expect(provider.requests).toHaveLength(2);
    provider.requests[1]!.json(200, answer('Like so.'));
    await cache.told({}, false);
    send(ask('How would I reset my password?'));
    await vi.waitFor(() => expect(provider.requests).toHaveLength(3));
  });
});

describe('vectors of a model', () => {
  const vectors = (embedding: number[]) => ({
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding }],
  });
  const next = async (count: number) => {
    await vi.waitFor(() => expect(provider.requests).toHaveLength(count));
    return provider.requests[count - 1]!;
  };

  it('are asked for by a call of its own, and compared', async () => {
    const { ask: send, settled } = fixture({ embedding: 'p/embed' });
    const first = send(ask('How do I change the password of my account?'));
    (await next(1)).json(200, vectors([3, 4]));
    expect(JSON.parse(provider.requests[0]!.sent.toString())).toMatchObject({
      input: 'How do I change the password of my account?',
    });
    (await next(2)).json(200, answer('Like so.'));
    expect(settled.map(({ parent }) => parent)).toEqual([first.call.id, null]);
    const { sink } = send(ask('Steps for updating credentials on your site profile?'));
    (await next(3)).json(200, vectors([6, 9]));
    await vi.waitFor(() =>
      expect(sink.headers['x-headgate-cache']).toMatch(/^hit; type=semantic; similarity=0\.99/),
    );
    const other = send(ask('Ideas for gardens under olive trees?'));
    (await next(4)).json(200, vectors([-4, 3]));
    await next(5);
    expect(other.sink.body).toBe('');
  });

  it('that do not come are waited for once, and no longer than they may take', async () => {
    vi.useFakeTimers();
    const { ask: send, time } = fixture({ embedding: 'p/embed', timeoutMs: 300 });
    const { sink } = send(ask('first?'));
    expect(provider.requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(301); // behind the reads of that turn
    expect(provider.requests[0]!.aborted).toBe(true);
    expect(provider.requests).toHaveLength(2);
    provider.requests[1]!.json(200, answer('a'));
    expect(sink.headers['x-headgate-cache']).toBe('miss; type=exact');
    send(ask('second?'));
    await vi.advanceTimersByTimeAsync(0);
    expect(JSON.parse(provider.requests[2]!.sent.toString())).toHaveProperty('messages'); // no vector is asked for
    time.now += 5_000;
    send(ask('third?'));
    expect(JSON.parse(provider.requests[3]!.sent.toString())).toHaveProperty('input');
    provider.requests[3]!.json(500, { error: { message: 'down', type: 'server_error' } });
    await vi.advanceTimersByTimeAsync(0);
    expect(JSON.parse(provider.requests[4]!.sent.toString())).toHaveProperty('messages');
  });

  it('are no hit where the judge says no, and one where it says yes', async () => {
    const { ask: send } = fixture({ judge: 'p/judge' });
    send(ask('How do I reset my password?'));
    (await next(1)).json(200, answer('Like so.'));
    const refused = send(ask('how can I reset my password'));
    const judged = await next(2);
    expect(judged.sent.toString()).toContain('How do I reset my password?');
    judged.json(200, answer('No.'));
    (await next(3)).json(200, answer('Otherwise.'));
    expect(refused.sink.body).toContain('Otherwise.');
    const { sink } = send(ask('How should I reset my password?'));
    (await next(4)).json(200, answer('Yes'));
    await vi.waitFor(() => expect(sink.headers['x-headgate-cache']).toMatch(/^hit; type=semantic/));
  });
});

it('an answer that another key of one user made anew is no answer to what the first one asked in other words', async () => {
  const { ask: send } = cacheFixture(provider, { scope: 'user' }, null, { scope: 'key' });
  const [a, b] = ['a', 'b'].map((name) => principalOf({ name, user: 'ann' }));
  send(ask('How do I reset my password?'), { principal: a! });
  provider.requests[0]!.json(200, answer('To a.'));
  expect(send(ask('how can I reset my password'), { principal: a! }).call.cache?.type).toBe('semantic');
  send(ask('How do I reset my password?'), { principal: b!, headers: { 'x-headgate-cache': 'refresh' } });
  provider.requests.at(-1)!.json(200, answer('To b.'));
  const asked = provider.requests.length;
  send(ask('how could I reset my password'), { principal: a! });
  await vi.waitFor(() => expect(provider.requests).toHaveLength(asked + 1));
  // The same words are shared by both.
  expect(send(ask('How do I reset my password?'), { principal: a! }).sink.body).toContain('To b.');
});
