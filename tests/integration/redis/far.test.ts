// A Redis in another region: with the default deadline it is not used, and the log says why; with a deadline that fits it
// is, for calls, for the start and for what the workers left.
import { afterEach, expect, it } from 'vitest';
import { call, chatBody, chatPath } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const ROUND_TRIP_MS = 160;

let mock: MockUpstream;
let server: RedisServer;
let far: TcpProxy;
const gateways: GatewayProcess[] = [];

afterEach(async () => {
  for (const gateway of gateways.splice(0)) {
    gateway.kill('SIGKILL');
    await gateway.exit;
  }
  await far.close();
  await server.close();
  await mock.close();
});

async function setUp(): Promise<void> {
  mock = await startMock();
  server = await startRedis();
  far = await startTcpProxy(server.port);
  // Each chunk half of it, there and back.
  far.delayMs = ROUND_TRIP_MS;
}

async function start(redis: object): Promise<GatewayProcess> {
  const config = testConfig(mock, {
    rest: {
      redis: { url: `redis://127.0.0.1:${far.port}`, mode: 'strict', onFailure: 'open', ...redis },
      limits: [{ name: 'day', requests: '6/d', burst: 6 }],
    },
  });
  const gateway = await startGateway({ config });
  gateways.push(gateway);
  return gateway;
}

const standing = async (gateway: GatewayProcess): Promise<unknown> =>
  ((await call(gateway, '/readyz', { key: null })).json as { limits?: unknown }).limits;

const ask = async (gateway: GatewayProcess): Promise<number> =>
  (await call(gateway, chatPath, { body: chatBody('oa/ok') })).status;

it('is shared by gateways that wait for it long enough', async () => {
  await setUp();
  const two = await Promise.all([start({ timeoutMs: '20s' }), start({ timeoutMs: 20_000 })]);
  for (const gateway of two) {
    await waitUntil(
      async () => JSON.stringify(await standing(gateway)) === '{"redis":"up"}',
      'Redis to be used',
    );
  }
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) for (const gateway of two) statuses.push(await ask(gateway));
  expect(statuses.filter((status) => status === 200)).toHaveLength(6);
  expect(statuses.filter((status) => status === 429)).toHaveLength(4);
  for (const gateway of two) {
    expect(gateway.logs().filter(({ level, msg }) => level === 'warn' && /redis/.test(String(msg)))).toEqual(
      [],
    );
  }
});

it('is not used at the default deadline, which health and the log say', async () => {
  await setUp();
  const gateway = await start({});
  await waitUntil(
    () => gateway.logs().some(({ msg }) => msg === 'redis: it answers too late to be used (redis.timeoutMs)'),
    'the reason in the log',
    15_000,
  );
  await waitUntil(
    async () => JSON.stringify(await standing(gateway)) === '{"redis":"down","fault":"timeout"}',
    'the reason in the readiness detail',
  );
  expect(await ask(gateway)).toBe(200);
});
