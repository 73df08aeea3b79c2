// M03 with Redis: a worker killed in the middle of its calls gives back what they had reserved, and what calls before them
// used stays used.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, chatBody, chatPath, open } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { childrenOf, hasProc } from '../../kit/process.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { workerPids } from '../../kit/workers.ts';
import { bucket, closeGates, type Gate, rate, readyGate, token } from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const key = 'hg-tokens-0123456789abcdef';
/** 0.6 s a token: what a call of 3,500 reserves drains in 35 minutes. */
const LIMIT = 6_000;
const BURST = 5_000;
const MS_A_TOKEN = 3_600_000 / LIMIT;
const ANSWER = 1_000;
const reserve = { max_tokens: 3_500 };

let mock: MockUpstream;
let redis: RedisServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  mock = await startMock();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  await closeGates();
  await gateway.stop(3_000);
  await redis.close();
});

afterAll(() => mock.close());

async function setUp(mode: 'strict' | 'lease'): Promise<Gate> {
  redis = await startRedis();
  const url = `redis://127.0.0.1:${redis.port}`;
  const config = testConfig(mock, {
    rest: {
      auth: { keys: [{ name: 'team', value: key, limits: [{ tokens: `${LIMIT}/h`, burst: BURST }] }] },
      log: { access: false, level: 'debug' },
    },
  });
  gateway = await startGateway({
    config,
    workers: 2,
    env: { HEADGATE_REDIS_URL: url, HEADGATE_REDIS_MODE: mode, HEADGATE_REDIS_TIMEOUT_MS: '4000' },
  });
  // What Redis says is looked at, however late it says it on a busy machine.
  const watcher = await readyGate({ url, timeoutMs: 20_000 });
  await waitUntil(
    async () => {
      for (let at = 0; at < 12; at++) {
        const { limits } = (await fetch(`${gateway.url}/readyz`).then((one) => one.json())) as {
          limits?: { redis: string };
        };
        if (limits?.redis !== 'up') return false;
      }
      return true;
    },
    'limits to be shared',
    10_000,
    50,
  );
  return watcher;
}

/** The primary has heard that an open call has reserved something: from then on its worker may die. */
async function heardOf(): Promise<void> {
  await waitUntil(
    () =>
      gateway
        .logs()
        .some(
          ({ msg, buckets }) =>
            msg === 'limits: a worker says what it would leave behind' && Number(buckets) > 0,
        ),
    'the primary to hear of the reservation',
    10_000,
  );
}

/** Tokens that are left, as Redis says. */
async function left({ authority }: Gate): Promise<number> {
  const name = redis
    .cli('keys', '{headgate}:r:*')
    .split('\n')
    .find((one) => one.includes('tokens'));
  const id = name!.slice('{headgate}:r:'.length);
  const of = bucket({ ...rate('any', LIMIT, 3_600_000, BURST), dimension: 'tokens' }, id);
  const [grant] = await authority.ask([{ bucket: of, need: 0, want: 0 }], token());
  expect(grant!.degraded).toBeUndefined();
  return grant!.remaining;
}

describe.skipIf(!hasProc).each(['strict', 'lease'] as const)('a worker that is killed, %s', (mode) => {
  it('M03: gives back what its open calls had reserved, and nothing of what was used', async () => {
    const watcher = await setUp(mode);
    const begun = performance.now();
    const used = await call(gateway, chatPath, {
      body: chatBody(`oa/text:${ANSWER}+used`, { max_tokens: ANSWER }),
      key,
    });
    expect(used.status).toBe(200);
    const spent = (used.json as { usage: { total_tokens: number } }).usage.total_tokens;
    expect(spent).toBeGreaterThanOrEqual(ANSWER);
    const held = open(gateway, chatPath, { body: chatBody(`oa/gate:killed-${mode}`, reserve), key });
    await mock.waitForCount(`gate:killed-${mode}`, 1);
    const next = (): Promise<number> =>
      call(gateway, chatPath, { body: chatBody('oa/ok', reserve), key }).then(
        ({ status }) => status,
        () => 0,
      );
    expect(await next()).toBe(429);
    await heardOf();
    expect(await left(watcher)).toBeLessThan(reserve.max_tokens);
    const workers = childrenOf(gateway.pid);
    expect(workers).toHaveLength(2);
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    await waitUntil(() => held.over, 'the killed call to break');
    mock.open(`killed-${mode}`);
    await waitUntil(
      async () => (await left(watcher)) >= reserve.max_tokens,
      'the tokens to be back',
      30_000,
      50,
    );
    const drained = Math.ceil((performance.now() - begun) / MS_A_TOKEN);
    expect(await left(watcher)).toBeLessThanOrEqual(BURST - spent + drained);
    await waitUntil(async () => (await next()) === 200, 'a call of that size to be admitted', 30_000, 100);
  });

  it('M03: gives back nothing of calls that were settled before', async () => {
    const watcher = await setUp(mode);
    const begun = performance.now();
    // Told of, and settled: what it did not use went back by itself.
    const one = open(gateway, chatPath, { body: chatBody(`oa/gate:settled-${mode}`, reserve), key });
    await mock.waitForCount(`gate:settled-${mode}`, 1);
    await heardOf();
    mock.open(`settled-${mode}`);
    const answer = await one.whole();
    expect(answer.status).toBe(200);
    const spent = (JSON.parse(answer.text) as { usage: { total_tokens: number } }).usage.total_tokens;
    await waitUntil(async () => (await left(watcher)) > reserve.max_tokens, 'what was not used to come back');
    for (const pid of await workerPids(gateway, 2)) process.kill(pid, 'SIGKILL');
    // Its line, if there is one, is before theirs.
    await workerPids(gateway, 4);
    expect(gateway.output()).not.toContain('what a worker had reserved');
    const drained = Math.ceil((performance.now() - begun) / MS_A_TOKEN);
    expect(await left(watcher)).toBeLessThanOrEqual(BURST - spent + drained);
  });
});
