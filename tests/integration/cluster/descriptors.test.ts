// Out of file descriptors: reading the own memory failed in a timer and ended every worker, and the listener asked for the
// next connection all day long. Now calls go on, new connections wait, and calls still find sockets to their provider.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call, chatBody, chatPath, open } from '../../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { childrenOf, hasProc } from '../../kit/process.ts';
import { type RawClient, rawClient } from '../../kit/raw.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

const DESCRIPTORS = 240;

let mock: MockUpstream;
let gateway: GatewayProcess;
let flood: Socket[] = [];

beforeEach(async () => {
  mock = await startMock();
});

async function start(): Promise<void> {
  gateway = await startGateway({ workers: 2, descriptors: DESCRIPTORS, config: testConfig(mock) });
  await waitUntil(() => gateway.logs().some(({ msg }) => msg === 'gateway listens'), 'both workers');
}

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  for (const socket of flood) socket.destroy();
  gateway.kill('SIGKILL');
  await gateway.exit;
  await mock.close();
});

/** Connections that say nothing, more than both workers have descriptors for. */
async function startFlood(count: number): Promise<void> {
  flood = Array.from({ length: count }, () =>
    connect(gateway.port, '127.0.0.1').on('error', () => undefined),
  );
  await waitUntil(() => {
    const lines = gateway.logs().filter(({ msg }) => String(msg).startsWith('file descriptors run out'));
    return new Set(lines.map(({ worker }) => worker)).size === 2;
  }, 'both workers to run out of descriptors');
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

it.skipIf(!hasProc)(
  'open calls go on, waiting connections cost next to nothing, all of them are served in the end',
  async () => {
    await start();
    const workers = childrenOf(gateway.pid);
    const streams = Array.from({ length: 10 }, () =>
      open(gateway, chatPath, { body: chatBody('oa/text:20+gate-after:5:end', { stream: true }) }),
    );
    await Promise.all(streams.map((stream) => stream.seen('t3')));
    const kept: RawClient[] = [];
    for (let i = 0; i < 8; i++) kept.push(await rawClient(gateway.port));

    await startFlood(3 * DESCRIPTORS);

    // A connection that is there already calls, and the call needs a new socket to the provider.
    const body = JSON.stringify(chatBody('oa/slow-head:300'));
    for (const client of kept) {
      await client.send(
        `POST ${chatPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateKey}\r\n` +
          `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    }
    for (const client of kept) expect((await client.answer()).status).toBe(200);

    const late = open(gateway, chatPath, { body: chatBody('oa/ok') });
    const begun = performance.now();
    const before = workers.map(cpuSeconds);
    await sleep(1_000);
    const used = workers.map((pid, at) => cpuSeconds(pid) - before[at]!);
    const seconds = (performance.now() - begun) / 1_000;
    for (const busy of used) expect(busy / seconds).toBeLessThan(0.4);
    expect(late.over).toBe(false);

    mock.open('end');
    for (const stream of streams) expect((await stream.whole()).events.at(-1)?.data).toBe('[DONE]');
    for (const socket of flood) socket.destroy();
    expect((await late.whole()).status).toBe(200);
    expect(childrenOf(gateway.pid)).toEqual(workers);

    const { text } = await call(gateway, '/metrics');
    expect(text).toContain(`headgate_max_fds{worker="0"} ${DESCRIPTORS}`);
    expect(text).toContain(`headgate_max_fds{worker="primary"} ${DESCRIPTORS}`);
    expect(text).toMatch(/headgate_open_fds\{worker="1"\} [1-9]/);
    expect(text).toMatch(/headgate_client_connections\{worker="0"\} \d/);
  },
);
