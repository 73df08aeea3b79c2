// Two whole gateways, each with a primary of its own, and one Redis: what the first is refused, the second knows.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, chatBody, chatPath } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { pick } from '../../kit/json.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { gaugeOf } from '../limits/metrics.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** A second, and something for slow machines. */
const SECOND_MS = 1_000 + 1_000;

const bad = 'sk-refused-0123456789';
const good = 'sk-taken-0123456789';
const refusedModel = `bad-key:${bad}:429:retry-after=60`;
/** Nobody refuses the key: what is asked with it fails. */
const failingModel = `bad-key:${bad}:500`;
const limited = (tag: string) => `status:429:retry-after=60+${tag}`;
const tags = ['first', 'later', 'down', 'again'];

let mock: MockUpstream;
let redis: RedisServer;
let a: GatewayProcess;
let b: GatewayProcess;
const started: GatewayProcess[] = [];

const retries = { max: 2, backoffMs: 10, maxBackoffMs: 10 };

/** @param aliases of the keys: each node has its own, and they mean other keys. */
async function start(aliases: [bad: string, good: string]): Promise<GatewayProcess> {
  const keys = [
    { value: bad, alias: aliases[0], weight: 1 },
    { value: good, alias: aliases[1], weight: 1 },
  ];
  const config = testConfig(mock, {
    oa: { keys },
    provider: { retries },
    providers: {
      failing: {
        dialect: 'openai-chat',
        baseUrl: mock.openaiUrl,
        keys,
        models: ['*'],
        retries,
        // A circuit that stays open for as long as it is looked at.
        breaker: { openMs: 120_000, maxOpenMs: 120_000 },
      },
    },
    models: Object.fromEntries(tags.map((tag) => [tag, { targets: [`an/${limited(tag)}`, 'oa/ok'] }])),
    rest: { redis: { url: `redis://127.0.0.1:${redis.port}`, timeoutMs: 4_000 } },
  });
  const gateway = await startGateway({ config, workers: 2 });
  started.push(gateway);
  return gateway;
}

const chat = (at: GatewayProcess, model: string) => call(at, chatPath, { body: chatBody(model) });
const cooling = (at: GatewayProcess) => gaugeOf(at, 'headgate_targets_cooling{provider="an"}');
const keyUp = (at: GatewayProcess, alias: string) =>
  gaugeOf(at, `headgate_upstream_key_up{provider="oa",key="${alias}"}`);
const asked = (tag: string) => mock.requestsFor(limited(tag)).length;

beforeAll(async () => {
  [mock, redis] = await Promise.all([startMock(), startRedis()]);
  [a, b] = await Promise.all([start(['one', 'two']), start(['two', 'one'])]);
  // Both primaries have loaded what they need: the first look of each has been answered.
  await waitUntil(
    () => Number(redis.cli('client', 'list').match(/name=headgate/g)?.length ?? 0) >= 6,
    'both',
  );
});

afterEach(({ task }) => {
  if (task.result?.state === 'fail') for (const gateway of started) showOutput(gateway);
});

afterAll(async () => {
  await Promise.all(started.map((gateway) => gateway.stop(3_000)));
  await redis?.close();
  await mock?.close();
});

describe('two gateways on one Redis', () => {
  it('share a model that cools down within a second', async () => {
    expect((await chat(a, 'first')).status).toBe(200);
    await waitUntil(async () => (await cooling(b)) === 1, 'the other to know', SECOND_MS, 20);
    for (let count = 0; count < 20; count++) expect((await chat(b, 'first')).status).toBe(200);
    expect(asked('first')).toBe(1);
  });

  it('share a key that rests within a second, by what it is and not by its name', async () => {
    const refused = () =>
      mock.requestsFor(refusedModel).filter(({ headers }) => headers['authorization'] === `Bearer ${bad}`)
        .length;
    for (let tries = 0; refused() === 0 && tries < 100; tries++)
      expect((await chat(a, `oa/${refusedModel}`)).status).toBe(200);
    await waitUntil(async () => (await keyUp(b, 'two')) === 0, 'the other to rest it', SECOND_MS, 20);
    expect(await keyUp(b, 'one')).toBe(1);
    const before = refused();
    for (let count = 0; count < 30; count++) expect((await chat(b, `oa/${refusedModel}`)).status).toBe(200);
    expect(refused()).toBe(before);
  });

  it("share a key's circuit within a second: who has not met its failures does not ask with it", async () => {
    const failures = () =>
      mock.requestsFor(failingModel).filter(({ headers }) => headers['authorization'] === `Bearer ${bad}`)
        .length;
    const told = async (at: GatewayProcess, alias: string): Promise<boolean> => {
      const { circuitStates } = (await call(at, '/health')).json as { circuitStates: object[] };
      return circuitStates.some((one) => pick(one, 'key') === alias && pick(one, 'model') === failingModel);
    };
    // Its workers count for themselves.
    let tries = 0;
    while (!(await told(a, 'one')) && tries++ < 300) await chat(a, `failing/${failingModel}`);
    await waitUntil(() => told(b, 'two'), 'the other to know', SECOND_MS, 20);
    expect(await told(b, 'one')).toBe(false);
    const before = failures();
    for (let count = 0; count < 30; count++)
      expect((await chat(b, `failing/${failingModel}`)).status).toBe(200);
    expect(failures()).toBe(before);
  });

  it('hand no secret to Redis', () => {
    // The name of the mock's model is made of the key; nothing else is.
    const notes = redis
      .cli('zrange', '{headgate}:k', '0', '-1')
      .replaceAll(refusedModel, '')
      .replaceAll(failingModel, '');
    expect(notes).toContain('"t"');
    expect(notes).toContain('"k"');
    for (const secret of [bad, good]) expect(notes).not.toContain(secret);
  });

  it('tell one that starts later', async () => {
    const c = await start(['one', 'two']);
    await waitUntil(
      async () => (await cooling(c)) === 1 && (await keyUp(c, 'one')) === 0,
      'it to know',
      SECOND_MS,
      20,
    );
    expect((await chat(c, 'first')).status).toBe(200);
    expect(asked('first')).toBe(1);
  });

  it('serve as before while Redis is dead, and share again when it is back, empty', async () => {
    await redis.kill();
    expect((await chat(a, 'down')).status).toBe(200);
    expect((await chat(b, 'later')).status).toBe(200);
    expect((await chat(b, 'first')).headers['x-headgate-provider']).toBe('oa');
    await redis.restart();
    await waitUntil(
      async () => (await cooling(a)) === 3 && (await cooling(b)) === 3,
      'both to know all',
      5_000,
      50,
    );
    expect((await chat(a, 'again')).status).toBe(200);
    await waitUntil(async () => (await cooling(b)) === 4, 'the other to know', SECOND_MS, 20);
    for (const tag of tags) expect((await chat(b, tag)).headers['x-headgate-provider']).toBe('oa');
    expect(tags.map(asked)).toEqual([1, 1, 1, 1]);
  });
});
