// Keys that were issued: in force everywhere at once, gone everywhere at once, and known without the gatehouse.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, adminOpen, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { waitUntil } from '../../kit/wait.ts';
import { workerPids } from '../../kit/workers.ts';

let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  gateway = await startGateway({ admin: true, workers: 2, config: { auth: { keys: [gateKey] } } });
  admin = await openAdmin(gateway);
});
afterAll(() => gateway.stop());

async function status(key: string, model = 'demo/demo'): Promise<number> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    // Another connection each time: it may be any worker's.
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Until every one of many calls, and so every worker, says so. */
async function becomes(key: string, wanted: number, model?: string): Promise<void> {
  await waitUntil(
    async () => {
      const seen = await Promise.all(Array.from({ length: 12 }, () => status(key, model)));
      return seen.every((one) => one === wanted);
    },
    `${wanted} from every worker`,
    20_000,
  );
}

const gatehousePid = (): number => {
  const line = gateway.logs().findLast(({ msg }) => msg === 'gatehouse is open');
  return Number(line?.['gatehousePid']);
};

it('a key works once it is made, as its team may, and no longer than it is there', async () => {
  await admin.post('/api/teams', { name: 'narrow', models: ['nothing/*'] });
  const { body } = await admin.post('/api/keys', { name: 'k1' });
  await becomes(body.key, 200);
  await admin.patch('/api/keys/k1', { team: 'narrow' });
  await becomes(body.key, 403);
  await admin.patch('/api/teams/narrow', { models: ['demo/*'] });
  await becomes(body.key, 200);
  await admin.post('/api/keys/k1/block');
  await becomes(body.key, 401);
  await admin.post('/api/keys/k1/unblock');
  await becomes(body.key, 200);
  const { body: rotated } = await admin.post('/api/keys/k1/rotate', { grace: '1h' });
  await becomes(rotated.key, 200);
  expect(await status(body.key)).toBe(200);
  const { body: next } = await admin.post('/api/keys/k1/rotate');
  await becomes(rotated.key, 401);
  await becomes(next.key, 200);
  await waitUntil(async () => (await admin.get('/api/keys/k1')).body.lastUsedAt !== null, 'its use', 30_000);
  await admin.delete('/api/keys/k1');
  await becomes(next.key, 401);
});

it('a key and its team have limits of their own, in force with the key', async () => {
  await admin.post('/api/teams', { name: 'slow', limits: [{ requests: '1/h' }] });
  const { body: one } = await admin.post('/api/keys', { name: 'slow-1', team: 'slow' });
  const { body: two } = await admin.post('/api/keys', { name: 'slow-2', team: 'slow' });
  const { body: own } = await admin.post('/api/keys', {
    name: 'slow-3',
    limits: [{ requests: '2/h', burst: 2 }],
  });
  const statuses: number[] = [];
  for (const { key } of [one, two, own, own, own]) {
    // Of no limit, and on a connection each: every worker knows the key.
    await waitUntil(
      async () => {
        const headers = { authorization: `Bearer ${key}`, connection: 'close' };
        const asked = Array.from({ length: 12 }, () => fetch(`${gateway.url}/v1/models`, { headers }));
        return (await Promise.all(asked)).every((answer) => answer.status === 200);
      },
      'the key',
      20_000,
    );
    statuses.push(await status(key));
  }
  expect(statuses.slice(0, 2).sort()).toEqual([200, 429]);
  expect(statuses.slice(2)).toEqual([200, 200, 429]);
  expect((await admin.post('/api/limits', { name: 'none' })).status).toBe(400);
  const wide = await admin.post('/api/limits', {
    name: 'wide',
    per: ['team', 'model'],
    match: { team: 'slow' },
    tokens: '1000/min',
  });
  expect(wide.status).toBe(201);
  expect(
    (await admin.get('/api/limits')).body.items.map((limit: { managed: string }) => limit.managed),
  ).toContain('db');
});

it('a key may ask about itself, and about nothing else', async () => {
  const { body } = await admin.post('/api/keys', { name: 'self' });
  const self = await fetch(`${gateway.url}/api/keys/self`, {
    headers: { authorization: `Bearer ${body.key}` },
  });
  expect(await self.json()).toMatchObject({ id: body.id, name: 'self' });
});

it('no key lies in the store in the clear', async () => {
  const { body } = await admin.post('/api/keys', { name: 'hidden' }, { 'idempotency-key': 'hidden' });
  const pid = gatehousePid();
  const folder = `${readFileSync(`/proc/${pid}/environ`, 'latin1').includes('HEADGATE_DATA_DIR') ? '' : `/proc/${pid}/cwd/.headgate`}`;
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain('headgate.db');
  for (const { name } of files) {
    const bytes = readFileSync(`${folder}/${name}`, 'latin1');
    expect(bytes.includes(body.key), name).toBe(false);
    expect(bytes.includes(admin.token), name).toBe(false);
  }
});

it('calls go on while the gatehouse is dead, also by a worker that starts meanwhile; and it comes back', async () => {
  const { body } = await admin.post('/api/keys', { name: 'steady' });
  await becomes(body.key, 200);
  const before = gatehousePid();
  process.kill(before, 'SIGKILL');
  const [worker] = await workerPids(gateway, 2);
  process.kill(worker!, 'SIGKILL');
  await waitUntil(
    () => gateway.logs().filter(({ msg }) => msg === 'worker listens').length >= 3,
    'a new worker',
    20_000,
  );
  await becomes(body.key, 200);
  expect(await status(`hg-${'0'.repeat(39)}`)).toBe(401);
  await waitUntil(() => gatehousePid() !== before, 'a new gatehouse', 30_000);
  await adminOpen(gateway);
  expect((await admin.get('/api/keys/steady')).status).toBe(200);
  await admin.delete('/api/keys/steady');
  await becomes(body.key, 401);
});
