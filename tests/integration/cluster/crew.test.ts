// Workers that die or stand still, under load: what it costs callers, and how fast the crew is whole again.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call, chatBody, chatPath, open } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { childrenOf, hasProc } from '../../kit/process.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { Load } from './load.ts';

/** The catalogue's number takes seconds more. */
const STREAMS = process.env['HEADGATE_LONG_TESTS'] === '1' ? 500 : 100;

let mock: MockUpstream;
let gateway: GatewayProcess;

beforeEach(async () => {
  mock = await startMock();
  gateway = await startGateway({
    workers: 2,
    config: testConfig(mock),
  });
  await workersServing(2);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  await gateway.stop(5_000);
  await mock.close();
});

/** The workers, which are the primary's children that hold its IPC channel. */
function workers(): number[] {
  const pids = gateway
    .logs()
    .filter((line) => line['msg'] === 'worker listens')
    .map((line) => Number(line['workerPid']));
  const alive = new Set(childrenOf(gateway.pid));
  return pids.filter((pid) => alive.has(pid));
}

async function workersServing(count: number): Promise<void> {
  await waitUntil(() => workers().length === count, `${count} workers`, 10_000);
}

async function metric(name: string): Promise<number> {
  const { text } = await call(gateway, '/metrics');
  return text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

it.skipIf(!hasProc)(
  'P01: a worker killed under load takes only its own calls with it, is replaced, and lowers no counter',
  async () => {
    // Streams that hang in the middle until the gate opens, spread over both workers.
    const streams = Array.from({ length: STREAMS }, () =>
      open(gateway, chatPath, { body: chatBody('oa/text:20+gate-after:5:go', { stream: true }) }),
    );
    await Promise.all(streams.map((stream) => stream.seen('t3')));
    const counted = await metric('headgate_http_requests_total');
    const [victim, other] = workers();
    process.kill(victim!, 'SIGKILL');
    await waitUntil(() => streams.some((stream) => stream.failure !== null), 'calls of the victim to break');
    await workersServing(2);
    mock.open('go');
    await Promise.all(streams.map((stream) => stream.whole().catch(() => undefined)));

    const broken = streams.filter((stream) => stream.failure !== null);
    const whole = streams.filter((stream) => stream.ended && stream.text.includes('[DONE]'));
    expect(broken.length + whole.length).toBe(streams.length);
    // Connections are spread by hash: a hundred of them and more on one of two workers is no chance at all.
    expect(whole.length).toBeGreaterThan(0);
    expect(workers()).toContain(other);
    expect(workers()).not.toContain(victim);
    expect(await metric('headgate_http_requests_total')).toBeGreaterThanOrEqual(counted);
    expect(await metric('headgate_worker_restarts_total')).toBe(1);
  },
);

it.skipIf(!hasProc)(
  'a worker that stands still is ended by the watchdog and replaced, and the other serves meanwhile',
  async () => {
    await gateway.stop();
    gateway = await startGateway({
      workers: 2,
      config: testConfig(mock, { server: { watchdogMs: 3_000 } }),
    });
    await workersServing(2);
    const [stuck] = workers();
    process.kill(stuck!, 'SIGSTOP');
    try {
      // New connections may hash to the stuck worker and wait there: each gets a second, then another try.
      let served = 0;
      await waitUntil(
        async () => {
          const answer = open(gateway, chatPath, { body: chatBody('oa/ok') });
          await Promise.race([
            answer.whole().catch(() => undefined),
            new Promise((resolve) => setTimeout(resolve, 500)),
          ]);
          if (answer.ended) served += 1;
          else answer.abort();
          return served >= 3;
        },
        'answers from the other worker',
        15_000,
      );
      await waitUntil(() => !childrenOf(gateway.pid).includes(stuck!), 'the watchdog', 15_000);
      await workersServing(2);
    } finally {
      try {
        process.kill(stuck!, 'SIGCONT');
      } catch {
        // It is gone, as it should be.
      }
    }
    expect(
      gateway.logs().some((line) => line['msg'] === 'worker is killed' && line['workerPid'] === stuck),
    ).toBe(true);
  },
);

it.skipIf(!hasProc)('P01: a dead worker gives its share of a lane back', async () => {
  await gateway.stop();
  gateway = await startGateway({
    workers: 2,
    config: testConfig(mock, { oa: { lane: { concurrency: 4, queue: 4, queueTimeoutMs: 30_000 } } }),
  });
  await workersServing(2);
  const [victim] = workers();
  process.kill(victim!, 'SIGKILL');
  await waitUntil(() => !workers().includes(victim!), 'the victim to be gone');
  await workersServing(2);
  // All four slots can be filled again: four calls run at the same time.
  const calls = Array.from({ length: 4 }, () =>
    open(gateway, chatPath, { body: chatBody('oa/ok+gate:all') }),
  );
  await mock.waitForCount('ok+gate:all', 4);
  mock.open('all');
  for (const one of calls) expect((await one.whole()).status).toBe(200);
});

it('counts calls on all workers, and the scrape holds every call that was answered before it', async () => {
  const load = new Load(gateway, { clients: 4, fresh: true });
  await load.more(40);
  const { ok, failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(await metric('headgate_requests_total{')).toBe(ok);
});
