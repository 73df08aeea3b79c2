// Kept answers as an administrator sees them, over two workers: how many there are, and that they go when they are told to.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { waitUntil } from '../../kit/wait.ts';

let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  gateway = await startGateway({
    admin: true,
    workers: 2,
    config: { auth: { keys: [{ name: 'app', value: gateKey, tags: ['blue'] }] }, cache: { exact: {} } },
  });
  admin = await openAdmin(gateway, 'correct horse battery staple');
});
afterAll(() => gateway.stop());

/** What the cache says of a call. */
async function chat(content: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo/demo', messages: [{ role: 'user', content }] }),
  });
  await answer.text();
  return answer.headers.get('x-headgate-cache') ?? '';
}

/** Asked until the worker that takes it has it: each keeps its own. */
const hit = (content: string): Promise<string> =>
  waitUntil(async () => {
    const said = await chat(content);
    return said.startsWith('hit') ? said : null;
  }, 'a hit');

it('answers are counted, purged by what is said of them, and the audit log knows', async () => {
  const said = await hit('one');
  await hit('two');
  const before = await admin.get('/api/cache');
  expect(before.status).toBe(200);
  expect(before.body.entries).toBeGreaterThanOrEqual(2);
  expect(before.body.bytes).toBeGreaterThan(0);

  expect((await admin.delete('/api/cache')).status).toBe(400);
  expect((await admin.delete('/api/cache?tag=red')).body).toEqual({ purged: 0 });
  const id = /id=(\S+)/.exec(said)![1]!;
  expect((await admin.delete(`/api/cache?id=${id}`)).body.purged).toBeGreaterThanOrEqual(1);
  expect(await chat('one')).toMatch(/^miss/);
  expect((await admin.delete('/api/cache?tag=blue&model=demo/demo')).body.purged).toBeGreaterThanOrEqual(2);
  expect((await admin.get('/api/cache')).body).toEqual({ entries: 0, bytes: 0 });
  const { body } = await admin.get('/api/audit?action=cache.purge');
  expect(JSON.stringify(body)).toContain('cache/tag=blue,model=demo/demo');
});
