// Where the administration is, and what a gateway does without it.
import { expect, it } from 'vitest';
import { adminClient, openAdmin } from '../../kit/admin.ts';
import { startGateway } from '../../kit/gateway.ts';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';

it('without it nothing of it is there', async () => {
  const gateway = await startGateway({ env: { HEADGATE_ADMIN: 'off' } });
  expect((await fetch(`${gateway.url}/api/keys`)).status).toBe(404);
  const page = await fetch(`${gateway.url}/ui/`);
  expect(page.status).toBe(404);
  expect(await page.text()).toContain('switched off');
  const health = (await (await fetch(`${gateway.url}/health`)).json()) as Record<string, unknown>;
  expect(health['admin']).toEqual({ gatehouse: 'off' });
  expect(gateway.output()).not.toContain('set-up token');
  await gateway.stop();
});

it('without a folder to write to the gateway runs from its file alone, and says so', async () => {
  const gateway = await startGateway({ admin: true, env: { HEADGATE_DATA_DIR: '/proc/nowhere' } });
  await waitUntil(() => gateway.output().includes('from its file alone'), 'the word', 30_000);
  expect(gateway.output()).toContain('/proc/nowhere');
  await waitUntil(async () => (await fetch(`${gateway.url}/api/keys`)).status === 404, '404', 10_000);
  const answer = await fetch(`${gateway.url}/v1/models`);
  expect(answer.status).toBe(200);
  const { code } = await gateway.stop();
  expect(code).toBe(0);
});

it('with a port of its own it is there alone', async () => {
  const port = await freePort();
  const gateway = await startGateway({ admin: true, env: { HEADGATE_ADMIN_PORT: String(port) } });
  const own = `http://127.0.0.1:${port}`;
  await waitUntil(
    async () => (await fetch(`${own}/api/openapi.json`).catch(() => null))?.status === 200,
    own,
    30_000,
  );
  expect((await fetch(`${gateway.url}/api/keys`)).status).toBe(404);
  const admin = await openAdmin({ ...gateway, output: () => gateway.output(), url: own } as never);
  expect((await adminClient(own, admin.token).get('/api/teams')).status).toBe(200);
  const { code } = await gateway.stop();
  expect(code).toBe(0);
});
