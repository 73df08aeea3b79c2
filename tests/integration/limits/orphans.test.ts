// P02: the primary that owns the counters is killed or stands still. Calls under way end as they should, nobody hangs, no
// limit is doubled while its workers finish, and with Redis not even by the gateway that follows.
import { Agent, request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, chatBody, chatPath, open, type Receiving } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { childrenOf, hasProc } from '../../kit/process.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { startRedis } from '../redis/redis-server.ts';

const keys = {
  few: 'hg-few-0123456789abcdef',
  many: 'hg-many-0123456789abcdef',
  /** Nothing limits it. */
  free: 'hg-free-0123456789abcdef',
};

let mock: MockUpstream;
let gateway: GatewayProcess;
let workers: number[] = [];

beforeAll(async () => {
  mock = await startMock();
});

afterAll(() => mock.close());

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  try {
    gateway.kill('SIGCONT');
    await gateway.stop(3_000);
  } finally {
    for (const pid of workers) if (alive(pid)) process.kill(pid, 'SIGKILL');
  }
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const config = () =>
  testConfig(mock, {
    // Longer than a full machine takes to start the next gateway.
    server: { drainTimeoutMs: 120_000 },
    rest: {
      auth: {
        keys: [
          { name: 'few', value: keys.few, limits: [{ concurrent: 4, tokens: '60000/h' }] },
          { name: 'many', value: keys.many, limits: [{ requests: '100000/h', concurrent: 1_000 }] },
          { name: 'free', value: keys.free },
        ],
      },
    },
  });

async function start(env: Record<string, string> = {}): Promise<void> {
  gateway = await startGateway({ workers: 2, config: config(), env });
  await waitUntil(() => gateway.output().includes('gateway listens'), 'both workers', 10_000);
  workers = childrenOf(gateway.pid);
  expect(workers.length).toBe(2);
}

/** Streams that have begun and wait for the mock's gate. */
async function streams(key: string, count: number, gate: string): Promise<Receiving[]> {
  const begun = Array.from({ length: count }, () =>
    open(gateway, chatPath, {
      body: chatBody(`oa/text:20+gate-after:5:${gate}`, { stream: true, max_tokens: 30 }),
      key,
    }),
  );
  await Promise.all(begun.map((one) => one.seen('t3')));
  return begun;
}

/** Waits until both workers have read what was sent to them before: they have answered what came behind it. */
async function readByBoth(): Promise<void> {
  const answeredBy = (): unknown[] =>
    gateway
      .logs()
      .filter((line) => line['msg'] === 'request' && line['client'] === 'free')
      .map((line) => line['worker']);
  const before = answeredBy().length;
  await waitUntil(async () => {
    expect((await call(gateway, chatPath, { body: chatBody('oa/ok'), key: keys.free })).status).toBe(200);
    const since = answeredBy().slice(before);
    return [0, 1].every((worker) => since.filter((by) => by === worker).length >= 2);
  }, 'answers of both workers');
}

interface Sent {
  /** 0 = the connection was closed first. */
  status: number;
  retryAfter: string | undefined;
  tookMs: number;
}

/** A call on a connection that is kept. @param written all of it is on its way */
function send(agent: Agent, key: string, model = 'ok', written = (): void => undefined): Promise<Sent> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const done = (status: number, retryAfter?: string): void =>
      resolve({ status, retryAfter, tookMs: performance.now() - begun });
    const sending = request(
      gateway.url + chatPath,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => done(answer.statusCode!, answer.headers['retry-after']));
        answer.on('error', () => done(0));
      },
    );
    sending.on('error', () => done(0));
    sending.on('finish', written);
    sending.end(JSON.stringify(chatBody(`oa/${model}`)));
  });
}

/** Connections that both workers have accepted. */
async function connections(count: number): Promise<Agent[]> {
  const agents = Array.from({ length: count }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  for (const answer of await Promise.all(agents.map((agent) => send(agent, keys.free)))) {
    expect(answer.status).toBe(200);
  }
  return agents;
}

describe.skipIf(!hasProc)('P02: the primary is killed', () => {
  it('streams end whole; what is leased may be spent, and a call that would have to ask is refused at once', async () => {
    await start();
    const few = await connections(16);
    const many = await connections(32);
    for (const { status } of await Promise.all(many.map((agent) => send(agent, keys.many))))
      expect(status).toBe(200);
    const held = await streams(keys.few, 3, 'orphans');
    // What lies in their connections by the time they hear that they are alone is no less theirs: those are not closed yet.
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    gateway.kill('SIGKILL');
    await gateway.exit;
    let refused = 0;
    let written = 0;
    const leased = many.map(async (agent) => {
      const answer = await send(agent, keys.many, 'gate:leased', () => written++);
      if (answer.status !== 200) refused++;
      return answer;
    });
    const answers = few.map((agent) => send(agent, keys.few, 'ok', () => written++));
    await waitUntil(() => written === many.length + few.length, 'all to be sent');
    for (const pid of workers) process.kill(pid, 'SIGCONT');
    const asking = await Promise.all(answers);
    // Those that were let in hold their places until the gate opens.
    const letIn = (): number => mock.requestsFor('gate:leased').length;
    await waitUntil(() => letIn() + refused === many.length, 'all to be let in or refused');
    // 1 % of 1,000 slots, over two workers.
    expect(letIn()).toBeLessThanOrEqual(10);
    mock.open('leased');
    const leasing = await Promise.all(leased);
    for (const agent of [...few, ...many]) agent.destroy();
    for (const { status, retryAfter, tookMs } of asking) {
      // Refused, or its connection was closed already: nobody let it in, and nobody let it wait.
      expect([0, 503]).toContain(status);
      if (status === 503) expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(tookMs).toBeLessThan(15_000);
    }
    expect(asking.some(({ status }) => status === 503)).toBe(true);
    for (const { status } of leasing) expect([0, 200, 503]).toContain(status);
    mock.open('orphans');
    for (const stream of held) expect((await stream.whole()).events.at(-1)?.data).toBe('[DONE]');
    await waitUntil(() => !workers.some(alive), 'the orphans to go', 25_000);
    expect(gateway.output()).not.toMatch(/worker ends|uncaught|unhandled/i);
  });

  it('a call that was being asked about is answered soon after', async () => {
    await start();
    gateway.kill('SIGSTOP');
    const asked = Array.from({ length: 6 }, () =>
      open(gateway, chatPath, { body: chatBody('oa/ok'), key: keys.few }),
    );
    await readByBoth();
    gateway.kill('SIGKILL');
    for (const one of asked) expect((await one.whole(5_000)).status).toBe(503);
    await waitUntil(() => !workers.some(alive), 'the orphans to go', 25_000);
    expect(gateway.output()).not.toMatch(/worker ends|uncaught|unhandled/i);
  });

  it('with Redis the gateway that follows counts what the orphans still hold', async () => {
    const redis = await startRedis();
    const env = {
      HEADGATE_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      HEADGATE_REDIS_MODE: 'strict',
      HEADGATE_REDIS_TIMEOUT_MS: '4000',
    };
    await start(env);
    const held = await streams(keys.few, 4, 'heirs');
    gateway.kill('SIGKILL');
    await gateway.exit;
    const successor = await startGateway({
      workers: 2,
      config: config(),
      env: { ...env, HEADGATE_PORT: String(gateway.port) },
    });
    try {
      expect(workers.some(alive)).toBe(true);
      const answer = (): Promise<number> =>
        call(successor, chatPath, { body: chatBody('oa/ok'), key: keys.few }).then(({ status }) => status);
      for (let tries = 0; tries < 20; tries++) expect(await answer()).toBe(429);
      mock.open('heirs');
      for (const stream of held) expect((await stream.whole()).events.at(-1)?.data).toBe('[DONE]');
      await waitUntil(async () => (await answer()) === 200, 'their slots');
      await waitUntil(() => !workers.some(alive), 'the orphans to go', 25_000);
    } finally {
      await successor.stop(3_000);
      await redis.close();
    }
  });
});

describe.skipIf(!hasProc)('the primary stands still', () => {
  it('one call at a time waits for it, the others are refused at once, and nothing is lost when it goes on', async () => {
    await start();
    const refused = (one: Receiving): Promise<Awaited<ReturnType<Receiving['whole']>>> => one.whole(10_000);
    const ask = (): Receiving => open(gateway, chatPath, { body: chatBody('oa/ok'), key: keys.few });
    gateway.kill('SIGSTOP');
    // Both workers find out.
    for (const one of await Promise.all(Array.from({ length: 12 }, ask).map(refused)))
      expect(one.status).toBe(503);
    await waitUntil(async () => {
      const later = await Promise.all(Array.from({ length: 40 }, ask).map(refused));
      for (const one of later) expect(one.status).toBe(503);
      // Of all of them only while this machine stands still.
      return later.filter(({ tookMs }) => tookMs > 2_500).length < later.length / 2;
    }, 'most to be refused at once');
    gateway.kill('SIGCONT');
    await waitUntil(async () => (await ask().whole()).status === 200, 'limits to be known again');
    // Slots it granted to calls that nobody answers any more are free again.
    let round = 0;
    await waitUntil(async () => {
      // A gate that was opened stays open: each round has its own. Tokens are there for all four.
      const gate = `again-${++round}`;
      const held = Array.from({ length: 4 }, () =>
        open(gateway, chatPath, { body: chatBody(`oa/gate:${gate}`, { max_tokens: 9 }), key: keys.few }),
      );
      const admitted = (): number => mock.requestsFor(`gate:${gate}`).length;
      await waitUntil(
        () => held.filter(({ over }) => over).length + admitted() >= 4,
        'the calls to be decided',
      );
      const all = admitted() === 4;
      mock.open(gate);
      await Promise.all(held.map((one) => one.whole()));
      return all;
    }, 'all slots');
  });
});
