// docs/decisions/0002: the primary is killed. Its workers stop listening at once, finish what is open, and go; a new
// gateway can have the port meanwhile. This guards a use of node:cluster that its documentation does not promise.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chatBody, chatPath, open } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { childrenOf, hasProc } from '../../kit/process.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

let mock: MockUpstream;
let gateway: GatewayProcess;
let workers: number[] = [];

beforeEach(async () => {
  mock = await startMock();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  gateway.kill('SIGKILL');
  for (const pid of workers) if (alive(pid)) process.kill(pid, 'SIGKILL');
  await mock.close();
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function start(drainTimeoutMs: number): Promise<void> {
  gateway = await startGateway({ workers: 2, config: testConfig(mock, { server: { drainTimeoutMs } }) });
  await waitUntil(() => gateway.output().includes('gateway listens'), 'both workers', 10_000);
  workers = childrenOf(gateway.pid);
}

it.skipIf(!hasProc)(
  'O06: open streams end as they should, and a new gateway has the port meanwhile, and all who come at once',
  async () => {
    // Longer than a full machine takes to start the next one and to ask it: what is shown is that nothing is cut before.
    await start(120_000);
    expect(workers.length).toBe(2);
    const streams = Array.from({ length: 6 }, () =>
      open(gateway, chatPath, { body: chatBody('oa/text:20+gate-after:5:end', { stream: true }) }),
    );
    await Promise.all(streams.map((stream) => stream.seen('t3')));
    gateway.kill('SIGKILL');
    await gateway.exit;
    const successor = await startGateway({
      workers: 1,
      env: { HEADGATE_PORT: String(gateway.port) },
      config: testConfig(mock),
    });
    try {
      expect(workers.some(alive)).toBe(true);
      const answer = await open(successor, chatPath, { body: chatBody('oa/ok') }).whole();
      expect(answer.status).toBe(200);
      // Everybody who lost a connection comes back in the same moment: more than a listener's queue holds.
      const back = await Promise.all(
        Array.from({ length: 1_500 }, () => open(successor, '/v1/models').whole()),
      );
      expect(new Set(back.map(({ status }) => status))).toEqual(new Set([200]));
      mock.open('end');
      for (const stream of streams) expect((await stream.whole()).events.at(-1)?.data).toBe('[DONE]');
      await waitUntil(() => !workers.some(alive), 'the orphans to go', 10_000);
    } finally {
      await successor.stop();
    }
  },
);

it.skipIf(!hasProc)('orphans outlive their primary by the drain deadline at most', async () => {
  await start(500);
  const stream = open(gateway, chatPath, { body: chatBody('oa/text:20+stall-after:5', { stream: true }) });
  await stream.seen('t3');
  gateway.kill('SIGKILL');
  await waitUntil(() => !workers.some(alive), 'the orphans to go', 10_000);
  const last = (await stream.whole()).events.at(-1);
  expect(last?.data).toContain('error');
});

it.skipIf(!hasProc)('orphans go at once at SIGTERM', async () => {
  await start(60_000);
  const stream = open(gateway, chatPath, { body: chatBody('oa/text:20+stall-after:5', { stream: true }) });
  await stream.seen('t3');
  gateway.kill('SIGKILL');
  await gateway.exit;
  // The channel's end is noticed a moment after the primary's.
  await waitUntil(
    () => {
      for (const pid of workers) if (alive(pid)) process.kill(pid, 'SIGTERM');
      return !workers.some(alive);
    },
    'the orphans to go',
    5_000,
    100,
  );
});
