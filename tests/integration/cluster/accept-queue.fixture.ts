// Run by accept-queue.test.ts in a network namespace of its own: `accept-queue.fixture.ts kill|roll 0|1`, where the
// digit is net.ipv4.tcp_migrate_req. Prints one line of JSON: how many calls were answered, how many lost.
import { writeFileSync } from 'node:fs';
import { call, chatBody, chatPath, open } from '../../kit/client.ts';
import { startGateway } from '../../kit/gateway.ts';
import { startMock } from '../../kit/mock-upstream.ts';
import { childrenOf } from '../../kit/process.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { Load } from './load.ts';

const [what, migrate] = process.argv.slice(2);
writeFileSync('/proc/sys/net/ipv4/tcp_migrate_req', `${migrate}\n`);

const mock = await startMock();
const gateway = await startGateway({ workers: 2, config: testConfig(mock) });
try {
  await waitUntil(() => gateway.output().includes('gateway listens'), 'both workers', 20_000);
  const { text } = await call(gateway, '/metrics');
  const gauge = /^headgate_reuseport_migrate (\d)$/m.exec(text)?.[1];
  const warned = gateway.output().includes('net.ipv4.tcp_migrate_req');
  const counts = what === 'kill' ? await killWithFullQueue() : await rollUnderLoad();
  console.log(JSON.stringify({ ...counts, gauge, warned }));
} finally {
  await gateway.stop();
  await mock.close();
}
process.exit(0);

/** 200 connections, of which a worker that stands still has its half waiting when it is killed. */
async function killWithFullQueue(): Promise<{ ok: number; lost: number }> {
  const [victim] = childrenOf(gateway.pid);
  process.kill(victim!, 'SIGSTOP');
  const calls = Array.from({ length: 200 }, () => open(gateway, chatPath, { body: chatBody('oa/ok') }));
  // The other worker has answered its half when nothing comes any more.
  let done = -1;
  await waitUntil(
    () => {
      const now = calls.filter((one) => one.over).length;
      const still = now === done && now > 0;
      done = now;
      return still;
    },
    "the living worker's half",
    10_000,
    500,
  );
  process.kill(victim!, 'SIGKILL');
  await waitUntil(() => calls.every((one) => one.over), 'every call to end one way or the other', 20_000);
  const ok = calls.filter((one) => one.ended && one.status === 200).length;
  return { ok, lost: calls.length - ok };
}

/** New connections as fast as they go while every worker is replaced. */
async function rollUnderLoad(): Promise<{ ok: number; lost: number; failures: string[] }> {
  const load = new Load(gateway, { clients: 12, fresh: true });
  await load.more(50);
  gateway.kill('SIGUSR2');
  await waitUntil(() => gateway.output().includes('rolling restart over'), 'the rolling restart', 60_000, 50);
  await load.more(50);
  const { ok, failures } = await load.stop();
  return { ok, lost: failures.length, failures: failures.slice(0, 5) };
}
