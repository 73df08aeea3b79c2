// Keys of callers come and go by themselves: nothing is compiled anew, every worker follows, late ones too, and calls
// under way go on.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call, chatBody, chatPath, open } from '../../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { pick } from '../../kit/json.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { workerPids } from '../../kit/workers.ts';

const added = { name: 'added', value: 'client-key-that-was-added-0001' };

let mock: MockUpstream;
let gateway: GatewayProcess;

beforeEach(async () => {
  mock = await startMock();
  gateway = await startGateway({ workers: 2, config: config([gateKey]) });
  await waitUntil(async () => pick(await health(), 'workers.serving') === 2, 'both workers');
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  await gateway.stop(5_000);
  await mock.close();
});

function config(keys: readonly unknown[], rest: object = {}): Record<string, unknown> {
  return testConfig(mock, { rest: { auth: { keys }, ...rest } });
}

async function health(): Promise<unknown> {
  return (await call(gateway, '/health', { key: null })).json;
}

async function statusFor(key: string): Promise<number> {
  return (await call(gateway, chatPath, { key, body: chatBody('oa/ok') })).status;
}

const lines = (message: string): Record<string, unknown>[] =>
  gateway.logs().filter(({ msg }) => msg === message);

/** Log lines come with the next flush. */
async function keysChanged(times: number): Promise<Record<string, unknown>[]> {
  const changes = () => lines('keys of callers have changed');
  await waitUntil(() => changes().length >= times, `${times} changes of keys in the log`);
  return changes();
}

/** Connections go to either worker, whose access line says which it was. */
async function everyWorker(key: string, status: number): Promise<void> {
  const before = lines('request').length;
  await waitUntil(
    async () => {
      if ((await statusFor(key)) !== status) return false;
      const answered = lines('request')
        .slice(before)
        // Lines of looks at /health may come late.
        .filter((line) => line['status'] === status && line['route'] === chatPath);
      return new Set(answered.map(({ worker }) => worker)).size === 2;
    },
    `a ${status} of each worker`,
    15_000,
    20,
  );
}

it('a key that is added is known to every worker, one that is removed to none, and no configuration is applied', async () => {
  gateway.writeConfig(config([gateKey, added]));
  gateway.kill('SIGHUP');
  await everyWorker(added.value, 200);
  expect(await keysChanged(1)).toMatchObject([{ revision: 2, known: 2, put: 1, drop: 0 }]);
  expect(lines('request').some(({ client }) => client === 'added')).toBe(true);

  // The one that stays has never been away.
  gateway.writeConfig(config([gateKey]));
  gateway.kill('SIGHUP');
  await everyWorker(added.value, 401);
  expect(await keysChanged(2)).toMatchObject([
    { put: 1, drop: 0 },
    { revision: 3, known: 1, put: 0, drop: 1 },
  ]);
  for (let round = 0; round < 8; round++) {
    expect(await statusFor(added.value)).toBe(401);
    expect(await statusFor(gateKey)).toBe(200);
  }
  expect(lines('new configuration goes to the workers')).toEqual([]);
  // Health is told behind the keys.
  await waitUntil(async () => pick(await health(), 'config.lastReload.ok') === true, 'the reload in health');
  expect(pick(await health(), 'config')).toMatchObject({ version: 1, workersBehind: 0 });
  expect(gateway.output()).not.toContain(added.value);
});

it('the file is noticed by itself, and a call under way keeps its caller when the key goes', async () => {
  gateway.writeConfig(config([gateKey, added]));
  await everyWorker(added.value, 200);
  const stream = open(gateway, chatPath, {
    key: added.value,
    body: chatBody('oa/text:20+gate-after:5:end', { stream: true }),
  });
  await stream.seen('t3');
  gateway.writeConfig(config([gateKey]));
  await everyWorker(added.value, 401);
  mock.open('end');
  expect((await stream.whole()).events.at(-1)?.data).toBe('[DONE]');
  await waitUntil(
    () => lines('request').some(({ client, stream: streamed }) => client === 'added' && streamed === true),
    'the access line of the stream',
  );
});

it('a worker that starts later knows what the others were told', async () => {
  gateway.writeConfig(config([added]));
  gateway.kill('SIGHUP');
  await everyWorker(added.value, 200);
  const [first] = await workerPids(gateway, 2);
  process.kill(first!, 'SIGKILL');
  await workerPids(gateway, 3);
  await everyWorker(added.value, 200);
  await everyWorker(gateKey, 401);
});

it('keys and configuration that change together are in force together', async () => {
  const limited = { ...added, limits: [{ requests: '1/h', burst: 1 }] };
  gateway.writeConfig(config([gateKey, limited]));
  gateway.kill('SIGHUP');
  // Never more than one call: there is no moment in which the key is known and its limit is not.
  const statuses: number[] = [];
  await waitUntil(
    async () => statuses.push(await statusFor(added.value)) > 0 && statuses.at(-1) === 429,
    'the limit',
    15_000,
    1,
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  await waitUntil(async () => pick(await health(), 'config.version') === 2, 'the configuration in health');
  expect(await keysChanged(1)).toMatchObject([{ put: 1, drop: 0 }]);
});
