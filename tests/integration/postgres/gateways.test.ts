// Gateways that share a PostgreSQL: what one of them is told all of them do, and none of them needs it to serve who is known. The second
// reaches it through a pooler, so that it hears no notice: a bell in Redis tells it, and it rings there itself.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, adminClient, adminOpen, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from '../redis/redis-server.ts';
import { type Pooler, startPooler } from './pooler.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

const payer = 'hg-payer-0123456789abcdef0123456789abcdef';
let server: PostgresServer;
let pooler: Pooler;
let redis: RedisServer;
let gateways: GatewayProcess[] = [];
let admin: AdminClient;

beforeAll(async () => {
  [server, redis] = await Promise.all([startPostgres(), startRedis()]);
  pooler = await startPooler(server.port);
  const direct = await server.database('gateways');
  const masterKey = randomBytes(32).toString('base64');
  const config = {
    auth: { keys: [gateKey, { name: 'payer', value: payer, budgets: [{ amountUsd: 100, window: '1Y' }] }] },
    prices: { 'demo/*': { input_cost_per_token: 0.000001, output_cost_per_token: 0.000003 } },
    redis: { url: `redis://127.0.0.1:${redis.port}`, timeoutMs: 4_000 },
  };
  const start = (url: string): Promise<GatewayProcess> =>
    startGateway({
      admin: true,
      config,
      env: { HEADGATE_DATABASE_URL: url, HEADGATE_MASTER_KEY: masterKey },
    });
  gateways = [await start(direct), await start(direct.replace(`:${server.port}/`, `:${pooler.port}/`))];
  await adminOpen(gateways[1]!);
  admin = await openAdmin(gateways[1]!);
  await adminOpen(gateways[0]!);
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await pooler.close();
  await Promise.all([server.close(), redis.close()]);
});

async function call(gateway: GatewayProcess, key: string): Promise<Response> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo/demo', messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.arrayBuffer();
  return answer;
}

const everywhere = (key: string, status: number): Promise<unknown> =>
  waitUntil(
    async () =>
      (await Promise.all(gateways.map((gateway) => call(gateway, key)))).every(
        (one) => one.status === status,
      ),
    `${status} from every gateway`,
    20_000,
  );

it('a key made at one works at all, and ends at all', async () => {
  const { body } = await admin.post('/api/keys', { name: 'shared' });
  await everywhere(body.key, 200);
  const other = adminClient(gateways[0]!.url, admin.token);
  expect((await other.get('/api/keys/shared')).body.id).toBe(body.id);
  await other.delete('/api/keys/shared');
  await everywhere(body.key, 401);
  expect(pooler.refused()).toBeGreaterThan(0);
  // Whoever writes rings.
  const mark = (): string => redis.cli('get', '{headgate}:bell');
  const before = mark();
  expect(before).not.toBe('');
  await other.post('/api/teams', { name: 'rings' });
  await waitUntil(() => mark() !== before, 'a ring', 20_000);
});

it('an edit is never undone by calls with the key that are under way', async () => {
  const { body } = await admin.post('/api/keys', { name: 'busy' });
  await everywhere(body.key, 200);
  let stopped = false;
  const load = Promise.all(
    gateways.flatMap((gateway) =>
      Array.from({ length: 4 }, async () => {
        while (!stopped) await call(gateway, body.key);
      }),
    ),
  );
  await admin.patch('/api/keys/busy', { models: ['nothing/*'] });
  await everywhere(body.key, 403);
  for (let round = 0; round < 20; round++)
    for (const gateway of gateways) expect((await call(gateway, body.key)).status).toBe(403);
  stopped = true;
  await load;
});

it('with the database gone who is known goes on, who is not has to wait, and all is well when it is back', async () => {
  const { body: cold } = await admin.post('/api/keys', { name: 'cold', limits: [{ requests: '1/h' }] });
  const { body } = await admin.post('/api/keys', { name: 'known' });
  await everywhere(body.key, 200);
  const stranger = `hg-${'1'.repeat(39)}`;
  expect((await call(gateways[0]!, stranger)).status).toBe(401);
  await server.stop();
  await everywhere(stranger, 503);
  const refused = await call(gateways[0]!, stranger);
  expect(refused.headers.get('retry-after')).toBe('1');
  await everywhere(body.key, 200);
  await everywhere(gateKey, 200);
  // One that nobody used before is known all the same, and so are its limits.
  const met = [await call(gateways[1]!, cold.key), await call(gateways[0]!, cold.key)];
  expect(met.map(({ status }) => status)).toEqual([200, 429]);
  // The primary tells of it after the workers were told not to know strangers.
  await expect
    .poll(async () => {
      const ready = await fetch(`${gateways[0]!.url}/readyz`);
      return [ready.status, await ready.json()];
    })
    .toEqual([200, expect.objectContaining({ status: 'degraded', store: 'down' })]);
  const write = await admin.post('/api/teams', { name: 'lost' });
  expect(write.status).toBe(503);
  await server.start();
  await everywhere(stranger, 401);
  await waitUntil(
    async () => (await admin.post('/api/teams', { name: 'again' })).status !== 503,
    'writes',
    20_000,
  );
  const { body: next } = await admin.post('/api/keys', { name: 'after' });
  await everywhere(next.key, 200);
});

it('S06: with the database frozen likewise, and the gateway that was told nothing meanwhile lacks nothing', async () => {
  const { body } = await admin.post('/api/keys', { name: 'frozen' });
  await everywhere(body.key, 200);
  const stranger = `hg-${'2'.repeat(39)}`;
  server.signal('SIGSTOP');
  try {
    await everywhere(stranger, 503);
    await everywhere(body.key, 200);
  } finally {
    server.signal('SIGCONT');
  }
  await everywhere(stranger, 401);
  await everywhere(body.key, 200);
  await waitUntil(async () => (await admin.delete('/api/keys/frozen')).status === 204, 'a change', 20_000);
  await everywhere(body.key, 401);
});

it('money: PostgreSQL killed, frozen and started again while calls go on: each is charged, and once', async () => {
  let paid = 0;
  let calls = 0;
  const pay = async (): Promise<void> => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const answer = await call(gateways[at % 2]!, payer);
        expect(answer.status).toBe(200);
        paid += Math.round(Number(answer.headers.get('x-headgate-cost-usd')) * 1e9);
        calls++;
      }),
    );
  };
  await pay();
  await server.stop();
  await pay();
  await server.start();
  await pay();
  server.signal('SIGSTOP');
  try {
    await pay();
  } finally {
    server.signal('SIGCONT');
  }
  await pay();
  const total = async () => (await admin.get('/api/stats?since=1h&key=payer')).body.total;
  await waitUntil(async () => (await total())?.requests >= calls, 'all calls in the ledger', 60_000, 200);
  expect(await total()).toMatchObject({ requests: calls, costNano: paid });
  expect(paid).toBeGreaterThan(0);
  const books = (await admin.get('/api/ledger/reconcile?since=1h')).body;
  expect(books).toMatchObject({ ok: true, faults: [] });
});
