// Kept answers in a real Redis, and those of an Idempotency-Key: one gateway gives what another one was answered, nobody else's key hears it, and a Redis that
// stands still, is full or is gone costs hits and nothing else.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CachedAnswer } from '../../../src/contracts/cache.ts';
import { createSharedAnswers } from '../../../src/redis/cache/shared-answers.ts';
import { type AdminClient, openAdmin } from '../../kit/admin.ts';
import { type Answer, call } from '../../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const otherKey = 'hg-test-key-of-another-tenant-0123456789';
let redis: RedisServer;
let mock: MockUpstream;
let gateways: GatewayProcess[];
let admin: AdminClient;
let config: object;

beforeAll(async () => {
  [redis, mock] = await Promise.all([startRedis(), startMock()]);
  const rest = {
    // Only what Redis says counts here, not how soon.
    redis: { url: `redis://127.0.0.1:${redis.port}`, timeoutMs: 5_000 },
    auth: { keys: [gateKey, { name: 'other', value: otherKey }] },
    cache: { exact: { ttlMs: 600_000 }, semantic: { ttlMs: 600_000 } },
  };
  config = testConfig(mock, { rest });
  gateways = await Promise.all([startGateway({ config, admin: true }), startGateway({ config, workers: 2 })]);
  admin = await openAdmin(gateways[0]!);
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop(3_000)));
  await mock.close();
  await redis.close();
});

const chat = (at: number, content: string, more: object = {}, key = gateKey): Promise<Answer> =>
  call(gateways[at]!, '/v1/chat/completions', {
    body: { model: 'oa/ok', messages: [{ role: 'user', content }], ...more },
    headers: { authorization: `Bearer ${key}` },
  });
const said = ({ headers }: Answer): string => String(headers['x-headgate-cache']).split(';')[0]!;
const keys = (): string[] => redis.cli('--scan', '--pattern', '*:ca:*').split('\n').filter(Boolean);
const kept = (count: number) => waitUntil(() => keys().length >= count, 'Redis to have it');

test('one gateway gives what another one was answered, to that key alone', async () => {
  const first = await chat(0, 'who?');
  expect(said(first)).toBe('miss');
  await kept(1);
  // Whichever of its workers takes it, and whether Redis answers in time or not.
  const hit = await waitUntil(async () => {
    const answer = await chat(1, 'who?');
    return said(answer) === 'hit' ? answer : null;
  }, 'a hit');
  expect(hit.text).toBe(first.text);
  expect(said(await chat(1, 'who?', {}, otherKey))).toBe('miss');
  const streamed = await chat(0, 'who?', { stream: true });
  expect(said(streamed)).toBe('hit');
  expect(streamed.text).toContain('data: [DONE]');
});

test('many who miss together ask once a worker at most, whatever Redis has to say', async () => {
  const model = 'gate:stampede';
  const many = Array.from({ length: 40 }, (_, at) => chat(at % 2, 'all at once', { model: `oa/${model}` }));
  await mock.waitFor((request) => request.model === model);
  mock.open('stampede');
  const answers = await Promise.all(many);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ text }) => text)).size).toBeLessThanOrEqual(3);
  expect(mock.requestsFor(model).length).toBeLessThanOrEqual(3);
});

test('a question in other words has the answer another gateway was given, also from one that starts later', async () => {
  const first = await chat(0, 'How do I reset my password?');
  expect(said(first)).toBe('miss');
  // Asks for kept answers only: what it finds is what the first was given.
  const ask = (at: number, key = gateKey) =>
    call(gateways[at]!, '/v1/chat/completions', {
      body: { model: 'oa/ok', messages: [{ role: 'user', content: 'how can I reset my password' }] },
      headers: { authorization: `Bearer ${key}`, 'x-headgate-cache': 'only' },
    });
  const finds = async (at: number): Promise<void> => {
    const hit = await waitUntil(async () => {
      const answer = await ask(at);
      return answer.status === 200 ? answer : null;
    }, 'a hit by likeness');
    expect(hit.headers['x-headgate-cache']).toMatch(/^hit; type=semantic/);
    expect(hit.text).toBe(first.text);
  };
  await finds(1);
  gateways.push(await startGateway({ config }));
  await finds(2);
  expect((await ask(1, otherKey)).status).toBe(404);
});

test('who asks behind a purge gets nothing of before it, at no gateway: not what is kept, nor what is under way', async () => {
  const model = 'gate:purge';
  const ask = (at: number): Promise<Answer> => chat(at, 'purged?', { model: `oa/${model}` });
  const older = ask(0);
  await mock.waitForCount(model, 1);
  const waiting = ask(1);
  expect((await admin.delete('/api/cache?all=true')).status).toBe(200);
  const behind = ask(0);
  await mock.waitForCount(model, 2);
  mock.open('purge');
  const [before, after, waited] = (await Promise.all([older, behind, waiting])).map(({ text }) => text);
  expect(after).not.toBe(before);
  // Whom the purge caught on its way to another's answer may have asked for its own: nothing was asked for that nobody got.
  expect(new Set([before, after, waited]).size).toBe(mock.requestsFor(model).length);
  // What is kept from now on is what was made behind it.
  for (const at of [0, 1]) {
    const hit = await waitUntil(async () => {
      const answer = await ask(at);
      return said(answer) === 'hit' ? answer : null;
    }, 'a hit');
    expect(hit.text).not.toBe(before);
  }
});

describe('without a gateway around it', () => {
  const none = (): void => undefined;
  let answers: ReturnType<typeof createSharedAnswers>;
  beforeAll(async () => {
    answers = createSharedAnswers(
      { url: `redis://127.0.0.1:${redis.port}`, mode: 'lease', onFailure: 'open', timeoutMs: 5_000 },
      {
        clock: { now: () => performance.now(), wall: () => Date.now() },
        log: { debug: none, info: none, warn: none, error: none },
      },
    );
    await waitUntil(() => answers.ready, 'the connection');
  });
  afterAll(() => answers.close());

  const entry = (id: string, bytes: number) =>
    ({ id, body: randomBytes(bytes), staleUntilMs: Date.now() + 60_000, labels: {} }) as CachedAnswer;

  test('an answer that is on its way to Redis when a purge comes goes too', async () => {
    for (const wanted of [{ id: 'on-its-way' }, {}]) {
      // It takes a while to be packed.
      const put = answers.put(entry('on-its-way', 4 << 20));
      expect(await answers.purge(wanted)).toBeGreaterThan(0);
      await put;
      expect(await answers.get('on-its-way')).toBeNull();
    }
  });

  test('an entry of another version is none', async () => {
    await answers.put(entry('older', 100));
    expect(await answers.get('older')).not.toBeNull();
    for (const key of keys().filter((key) => key.includes('older'))) redis.cli('SETRANGE', key, '0', 'Z');
    expect(await answers.get('older')).toBeNull();
  });
});

test('an answer that is not to be kept is for those alone that waited for it', async () => {
  const model = 'ok+cut-off';
  const ask = (at: number): Promise<Answer> => chat(at, 'and then?', { model: `oa/${model}`, max_tokens: 2 });
  const texts = [await ask(0), await ask(1), await ask(0)].map(({ text }) => text);
  expect(new Set(texts).size).toBe(3);
  expect(mock.requestsFor(model)).toHaveLength(3);
});

test.each([false, true])('an Idempotency-Key is one deed at both gateways (stream: %s)', async (stream) => {
  const name = `deed-${stream}`;
  const model = `gate-after:1:${name}`;
  const ask = (at: number, content: string): Promise<Answer> =>
    call(gateways[at]!, '/v1/chat/completions', {
      body: { model: `oa/${model}`, stream, messages: [{ role: 'user', content }] },
      headers: { 'idempotency-key': name, 'x-headgate-cache': 'off' },
    });
  const first = ask(0, 'pay');
  await mock.waitFor((request) => request.model === model);
  // Under way at the one: the other waits for it, and refuses another request of that name.
  const joined = ask(1, 'pay');
  expect((await ask(1, 'pay twice')).status).toBe(409);
  mock.open(name);
  const answers = await Promise.all([first, joined]);
  answers.push(await ask(1, 'pay'), await ask(0, 'pay'));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.map(({ headers }) => headers['idempotent-replayed'])).toEqual([
    undefined,
    'true',
    'true',
    'true',
  ]);
  expect(mock.requestsFor(model)).toHaveLength(1);
});

test('a Redis that is full keeps nothing, and nobody notices', async () => {
  redis.cli('CONFIG', 'SET', 'maxmemory', '1');
  expect((await chat(0, 'full?')).status).toBe(200);
  expect(said(await chat(0, 'full?'))).toBe('hit');
  expect((await chat(1, 'full?')).status).toBe(200);
  redis.cli('CONFIG', 'SET', 'maxmemory', '0');
});

test('one that stands still, or is gone, is a miss', async () => {
  redis.signal('SIGSTOP');
  try {
    for (const words of ['still?', 'what else is there?']) {
      expect(said(await chat(1, words))).toBe('miss');
    }
  } finally {
    redis.signal('SIGCONT');
  }
  await redis.kill();
  expect((await chat(0, 'gone?')).status).toBe(200);
  // Who purges hears that what is there was not reached.
  const purged = await admin.delete('/api/cache?tag=none');
  expect([purged.status, purged.body.error.code]).toEqual([503, 'not_purged']);
  expect(said(await chat(0, 'gone?'))).toBe('hit');
});
