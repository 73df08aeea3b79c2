// Kept answers given to many, over time and over workers: pauses, sharing, purges.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeProvider, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { CachedAnswer, ExactCachePolicy } from '../contracts/cache.ts';
import type { CacheNews, RemoteAnswers } from '../contracts/cache-ports.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import { principalOf } from '../governance/principal.ts';
import { dialectByName } from '../registry/dialects.ts';
import { answer, body, cacheFixture, chunk, events } from './cache.fixture.ts';

let provider: FakeProvider;

beforeEach(() => {
  provider = fakeProvider('p', dialectByName('openai-chat'), {
    retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 },
  });
});

afterEach(() => void vi.useRealTimers());

const withPolicy = (policy: Partial<ExactCachePolicy> = {}, shared: RemoteAnswers | null = null) =>
  cacheFixture(provider, policy, shared);

describe('a stream with its pauses', () => {
  it('is told piece by piece, and at once when the gateway stops', async () => {
    vi.useFakeTimers();
    const { ask, time } = withPolicy({ replay: 'paced' });
    ask({ ...body, stream: true });
    const request = provider.requests[0]!.stream().send(chunk({ role: 'assistant', content: 'A ' }));
    time.now += 400;
    request.send(chunk({ content: 'gate.' }));
    time.now += 400;
    request.send(chunk({}, 'stop'), '[DONE]').end();
    const { sink } = ask({ ...body, stream: true });
    await vi.advanceTimersByTimeAsync(1);
    expect(events(sink.body)).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(400);
    expect(events(sink.body)).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(400);
    expect(sink.body.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(sink.closed).toBe(true);
    const cut = ask({ ...body, stream: true });
    await vi.advanceTimersByTimeAsync(1);
    cut.call.work!.cancel(new GatewayError('GW_GATEWAY_DRAINING'));
    expect(cut.sink.body).toBe(sink.body);
    expect(cut.call.settled).toBe(true);
  });
});

describe('many who miss together', () => {
  it('ask once, and all get the answer as it comes', async () => {
    const { ask, settled } = withPolicy();
    const asked = Array.from({ length: 1_000 }, () => ask({ ...body, stream: true }));
    expect(provider.requests).toHaveLength(1);
    const request = provider.requests[0]!.stream().send(chunk({ role: 'assistant', content: 'A ' }));
    const late = ask({ ...body, stream: true });
    request.send(chunk({ content: 'gate.' }), chunk({}, 'stop'), '[DONE]').end();
    await vi.waitFor(() => expect(settled).toHaveLength(1_001));
    const texts = new Set([...asked, late].map(({ sink }) => sink.body));
    expect(texts.size).toBe(1);
    expect([...texts][0]).toContain('gate.');
    expect(ask(body).sink.headers['x-headgate-cache']).toMatch(/^hit/);
    expect(provider.requests).toHaveLength(1);
  });

  it('each have judges of their own, where somebody is asked about the answer', () => {
    const { ask } = withPolicy();
    const under = (judged: boolean) => ({
      change: (made: Call) => void Object.assign(made, { guard: { print: 'a', judged } }),
    });
    ask(body, under(true));
    ask(body, under(true));
    expect(provider.requests).toHaveLength(2);
    const other = { ...body, n: 1 };
    ask(other, under(false));
    ask(other, under(false));
    expect(provider.requests).toHaveLength(3);
  });

  it('in another form ask by themselves, and so does who wants no kept answer', () => {
    const { ask } = withPolicy();
    ask(body);
    ask({ ...body, stream: true });
    ask(body, { headers: { 'x-headgate-cache': 'refresh' } });
    ask({ ...body, temperature: 1 });
    ask({ ...body, temperature: 1 });
    expect(provider.requests).toHaveLength(5);
  });
});

describe('what others keep', () => {
  function sharedWith(answers: Map<string, CachedAnswer>): RemoteAnswers {
    return {
      ready: true,
      get: async (id) => answers.get(id) ?? null,
      put: async (entry) => void answers.set(entry.id, entry),
      purge: async () => 0,
    };
  }

  it('is found by who has not made it', async () => {
    const answers = new Map<string, CachedAnswer>();
    const one = withPolicy({}, sharedWith(answers));
    const other = withPolicy({}, sharedWith(answers));
    one.ask(body);
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1));
    provider.requests[0]!.json(200, answer());
    expect(answers.size).toBe(1);
    const { sink } = other.ask(body);
    await vi.waitFor(() => expect(sink.status).toBe(200));
    expect(sink.headers['x-headgate-cache']).toMatch(/^hit/);
    // From now on it is at hand.
    answers.clear();
    expect(other.ask(body).sink.status).toBe(200);
  });

  it('is not waited for where it cannot be asked', () => {
    const { ask } = withPolicy({}, { ...sharedWith(new Map()), ready: false });
    ask(body);
    expect(provider.requests).toHaveLength(1);
  });
});

describe('a purge', () => {
  it('takes what fits all that is said, and nothing else', async () => {
    const { ask, cache } = withPolicy();
    const fill = () => {
      for (const name of ['a', 'b']) {
        ask(body, { principal: principalOf({ name, team: 'red', tags: ['t'] }) });
        provider.requests.at(-1)!.json(200, answer());
      }
    };
    fill();
    expect((await cache.told({ key: principalOf({ name: 'a' }).id, tag: 'none' }, false)).gone).toBe(0);
    expect(
      (await cache.told({ key: principalOf({ name: 'a', team: 'red', tags: ['t'] }).id }, false)).gone,
    ).toBe(1);
    expect((await cache.told({ tenant: 'red', tag: 't' }, false)).gone).toBe(1);
    fill();
    expect((await cache.told({ model: 'p/m' }, false)).gone).toBe(2);
    fill();
    const id = /id=(.*)$/.exec(
      ask(body, { principal: principalOf({ name: 'b', team: 'red', tags: ['t'] }) }).sink.headers[
        'x-headgate-cache'
      ]!,
    )![1]!;
    expect((await cache.told({ id }, false)).gone).toBe(1);
    expect((await cache.told({}, false)).gone).toBe(1);
  });

  it('takes what is under way when it comes too: it is not kept, and who asks behind it asks anew', async () => {
    const { ask, cache, time } = withPolicy();
    const [before, joined] = [ask(body), ask(body)];
    time.now += 10;
    await cache.told({ model: 'm' }, false);
    time.now += 10;
    const behind = ask(body);
    expect(provider.requests).toHaveLength(2);
    provider.requests[0]!.json(200, answer('stop', { role: 'assistant', content: 'Before.' }));
    await vi.waitFor(() => expect(joined.sink.status).toBe(200));
    expect(before.sink.body).toContain('Before.');
    expect(behind.sink.status).toBe(0);
    provider.requests[1]!.json(200, answer('stop', { role: 'assistant', content: 'Behind.' }));
    expect(ask(body).sink.body).toContain('Behind.');
  });

  it('that is of others leaves what is under way to be kept', async () => {
    const { ask, cache, time } = withPolicy();
    ask(body);
    time.now += 10;
    await cache.told({ tenant: 'others' }, false);
    provider.requests[0]!.json(200, answer());
    expect(ask(body).sink.headers['x-headgate-cache']).toMatch(/^hit/);
  });

  it('that another node made takes from Redis what this worker put there before it heard', async () => {
    const gone: unknown[] = [];
    const shared: RemoteAnswers = {
      ready: true,
      get: async () => null,
      put: async () => undefined,
      purge: async (wanted) => gone.push(wanted),
    };
    let hear: (news: CacheNews) => void = () => undefined;
    const cacheNews: GatewayPorts['cacheNews'] = (_, heard) => {
      hear = heard;
      return { tell: () => undefined };
    };
    const { ask, time } = cacheFixture(provider, {}, shared, null, { cacheNews });
    const put = async (content: string): Promise<string> => {
      const asked = provider.requests.length;
      ask({ ...body, messages: [{ role: 'user', content }] });
      await vi.waitFor(() => expect(provider.requests).toHaveLength(asked + 1));
      provider.requests.at(-1)!.json(200, answer());
      const hit = ask({ ...body, messages: [{ role: 'user', content }] });
      return /id=(.*)$/.exec(hit.sink.headers['x-headgate-cache']!)![1]!;
    };
    await put('long ago');
    time.wall += 60_000;
    time.now += 60_000;
    const id = await put('just now');
    time.now += 1;
    hear({ kind: 'purged', wanted: {} });
    await vi.waitFor(() => expect(gone).toEqual([{ id }]));
  });
});
