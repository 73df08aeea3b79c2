// Budgets, credit and what the holder of a key is told, over real workers and the admin API.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, adminClient, adminOpen, openAdmin } from '../../kit/admin.ts';
import { call, chatBody, chatPath } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

const fileKey = 'hg-of-the-file-0123456789abcdef';
let mock: MockUpstream;
let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  mock = await startMock();
  const config = testConfig(mock, {
    rest: {
      prices: { 'oa/*': { input_cost_per_token: 0, output_cost_per_token: 0.0001 } },
      auth: {
        keys: [
          {
            name: 'file-app',
            value: fileKey,
            models: ['oa/*'],
            limits: [{ requests: '100/h' }],
            budgets: [{ amountUsd: 2, window: '1d' }],
          },
        ],
      },
      budgets: [{ per: 'key', amountUsd: 5, window: '1M', name: 'each' }],
    },
  });
  gateway = await startGateway({ admin: true, workers: 2, config });
  admin = await openAdmin(gateway);
});
afterAll(async () => {
  await gateway.stop();
  await mock.close();
});

const chat = (key: string, maxTokens = 10) =>
  call(gateway, chatPath, { body: { ...chatBody('oa/ok'), max_tokens: maxTokens }, key });

/** Until every worker says so. */
async function becomes(key: string, wanted: number): Promise<void> {
  await waitUntil(
    async () =>
      (await Promise.all(Array.from({ length: 12 }, () => chat(key)))).every(
        ({ status }) => status === wanted,
      ),
    `${wanted} from every worker`,
    20_000,
  );
}

it('the holder of a key of the file asks with it what it may use and what is left', async () => {
  const answer = await chat(fileKey);
  expect(answer.status).toBe(200);
  const costUsd = Number(answer.headers['x-headgate-cost-usd']);
  const own = adminClient(gateway.url, fileKey);
  // Told as soon as it is charged: leases of workers are no spending. Only the charge itself comes a moment behind its answer.
  const seen = new Set<number>();
  await waitUntil(async () => {
    const { body } = await own.get('/api/keys/self');
    const spentUsd = body.spend.budgets[0]?.spentUsd;
    seen.add(spentUsd);
    return spentUsd === costUsd;
  }, 'what the call cost');
  expect([...seen].filter((spentUsd) => spentUsd !== 0)).toEqual([costUsd]);
  const { status, body } = await own.get('/api/keys/self');
  expect(status).toBe(200);
  expect(body).toMatchObject({ id: 'file:file-app', name: 'file-app', managed: 'file' });
  expect(body.spend.budgets.map(({ name }: { name: string }) => name).sort()).toEqual([
    'each',
    'file-app-1d',
  ]);
  const daily = body.spend.budgets.find(({ name }: { name: string }) => name === 'file-app-1d');
  expect(daily).toMatchObject({ owner: 'key file-app', amountUsd: 2, window: '1d', soft: false });
  expect(daily.remainingNano + daily.reservedNano + daily.spentNano).toBe(2e9);
  expect(Date.parse(daily.resetsAt)).toBeGreaterThan(Date.now());
  expect(body.spend.limits).toMatchObject([{ name: 'file-app.requests', dimension: 'requests', limit: 100 }]);
  expect(body.usable.length).toBeGreaterThan(0);
  expect(body.usable.every((model: string) => model.startsWith('oa/'))).toBe(true);
  // It opens nothing else, and nobody else is told.
  expect((await own.get('/api/keys')).status).toBe(401);
  expect((await adminClient(gateway.url, 'hg-nobody-0123456789').get('/api/keys/self')).status).toBe(401);
  expect((await adminClient(gateway.url, '').get('/api/keys/self')).status).toBe(401);
});

it('a budget of its own counts calls, tells what is left, and ends with its deletion', async () => {
  const { body: team } = await admin.post('/api/teams', { name: 'red' });
  const { body: key } = await admin.post('/api/keys', { name: 'app', team: team.id });
  const made = await admin.post('/api/budgets', {
    name: 'red-team',
    per: ['team'],
    match: { team: 'red' },
    amountUsd: 0.002,
    window: '1Y',
  });
  expect(made.status).toBe(201);
  const id = made.body.id as string;
  await becomes(key.key, 429);
  const refused = await chat(key.key);
  expect(refused.json).toMatchObject({ error: { code: 'budget_exceeded' } });
  // What was charged is heard of behind the answers.
  const page = await waitUntil(async () => {
    const { body: now } = await admin.get('/api/budgets');
    return now.items[0].spend[0]?.spentNano > 0 ? now : null;
  }, 'what was spent');
  expect(page.items).toHaveLength(1);
  expect(page.items[0].spend).toMatchObject([{ owner: 'team red', amountNano: 2e6, window: '1Y' }]);
  expect((await admin.get(`/api/budgets/${id}`)).body.spend[0].resetsAt).toMatch(/-01-01T00:00:00.000Z$/);
  // Whoever looks from the key or the team sees it, too.
  for (const path of ['/api/keys/app/budgets', '/api/teams/red/budgets', '/api/budgets/standing?team=red']) {
    const { body } = await admin.get(path);
    expect(body.budgets.map(({ name }: { name: string }) => name)).toContain(id);
  }
  expect(
    (await admin.get('/api/budgets/standing')).body.budgets.map(({ name }: { name: string }) => name),
  ).toEqual(expect.arrayContaining([id, 'file-app-1d']));
  await admin.patch('/api/budgets/red-team', { amountUsd: 1 });
  await becomes(key.key, 200);
  expect(
    (await admin.post('/api/budgets', { name: 'x', amountUsd: 1, timezone: 'Mars/Base' })).body.error.param,
  ).toBe('timezone');
  expect((await admin.post('/api/budgets', { name: 'x', amountUsd: 1, per: [] })).status).toBe(400);
  expect((await admin.post('/api/budgets', { name: 'x' })).status).toBe(400);
  expect((await admin.delete('/api/budgets/red-team')).status).toBe(204);
});

it('credit is added once for each Idempotency-Key, is spent, and is topped up', async () => {
  const { body: key } = await admin.post('/api/keys', { name: 'prepaid' });
  const top = (amountUsd: number, repeat?: string) =>
    admin.post(
      '/api/keys/prepaid/credit',
      { amountUsd, note: 'invoice 7' },
      repeat === undefined ? {} : { 'idempotency-key': repeat },
    );
  for (let at = 0; at < 3; at++) expect((await top(0.0015, 'invoice-7')).status).toBe(201);
  const all = await Promise.all([top(0.0001), top(0.0002), top(0.0002)]);
  expect(all.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect((await admin.get('/api/keys/prepaid/credit')).body).toMatchObject({ totalUsd: 0.002 });
  await becomes(key.key, 429);
  expect((await chat(key.key)).text).toContain('It does not begin anew.');
  expect((await top(-1)).status).toBe(400);
  expect((await top(0)).status).toBe(400);
  await top(1);
  await becomes(key.key, 200);
  const { body } = await admin.get('/api/keys/prepaid/credit');
  expect(body.totalUsd).toBe(1.002);
  expect(body.spentUsd + body.reservedUsd + body.remainingUsd).toBeCloseTo(1.002, 9);
  expect(body.spentUsd).toBeGreaterThan(0);
  expect(body.items).toHaveLength(5);
  expect(body.items.at(-1)).toMatchObject({ amountUsd: 1, totalUsd: 1.002, note: 'invoice 7' });
  const { body: log } = await admin.get('/api/audit?action=key.credit');
  expect(log.items).toHaveLength(5);
  // It is no field that somebody writes by hand.
  await admin.patch('/api/keys/prepaid', { description: 'x' });
  expect((await admin.get('/api/keys/prepaid/credit')).body.totalUsd).toBe(1.002);
});

it('budgets and credit alone are in force again when the gatehouse starts anew', async () => {
  const { body: poor } = await admin.post('/api/keys', { name: 'poor', budgets: [{ amountUsd: 0 }] });
  await becomes(poor.key, 429);
  const opened = await waitUntil(
    () => gateway.logs().findLast(({ msg }) => msg === 'gatehouse is open'),
    'the line of the gatehouse',
  );
  process.kill(Number(opened['gatehousePid']), 'SIGKILL');
  await waitUntil(
    () => gateway.logs().filter(({ msg }) => msg === 'gatehouse is open').length > 1,
    'another gatehouse',
    30_000,
  );
  await adminOpen(gateway);
  const { body } = await admin.get('/api/keys/prepaid/budgets');
  expect(body.budgets.map(({ window }: { window: string }) => window)).toContain('never');
  await becomes(poor.key, 429);
});
