// LiteLLM's five calls as its scripts make them, scheduled rotation by the holder, and the second factor of who logs in.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeAt, stepOf } from '../../../gatehouse/who/totp.ts';
import { type AdminClient, adminClient, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';

const password = 'correct horse battery staple';
let gateway: GatewayProcess;
let admin: AdminClient;
let yearly = '';

beforeAll(async () => {
  gateway = await startGateway({
    admin: true,
    env: { HEADGATE_LITELLM_API: 'on' },
    // A budget lets only through what has a price.
    config: {
      auth: { keys: ['hg-some-key-of-the-file'] },
      prices: { 'demo/*': { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 } },
    },
  });
  admin = await openAdmin(gateway, password);
  // Due by the time the last test asks.
  yearly = (await admin.post('/api/keys', { name: 'yearly', rotateEvery: '1s', rotateGrace: '1h' })).body.key;
});
afterAll(() => gateway.stop());

const chat = async (key: string, model = 'demo/demo'): Promise<number> => {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.arrayBuffer();
  return answer.status;
};
const becomes = (key: string, status: number) =>
  expect.poll(() => chat(key), { timeout: 20_000 }).toBe(status);

it('makes, shows, changes and ends keys and teams as LiteLLM’s scripts ask', async () => {
  const team = await admin.post('/team/new', { team_alias: 'research', models: ['demo/*'], rpm_limit: 100 });
  expect(team.body).toMatchObject({ team_alias: 'research', models: ['demo/*'], rpm_limit: 100 });
  const made = await admin.post('/key/generate', {
    key_alias: 'bot',
    team_id: team.body.team_id,
    models: ['demo/demo'],
    max_budget: 12.5,
    budget_duration: '30d',
    tpm_limit: 9_000,
    rpm_limit: 60,
    duration: '7d',
    metadata: { app: 'bot', deep: { a: 1 } },
    permissions: {},
  });
  expect(made.status).toBe(200);
  expect(made.body).toMatchObject({
    key_alias: 'bot',
    team_id: team.body.team_id,
    models: ['demo/demo'],
    max_budget: 12.5,
    budget_duration: '30d',
    tpm_limit: 9_000,
    rpm_limit: 60,
    metadata: { app: 'bot', deep: '{"a":1}' },
  });
  expect(Date.parse(made.body.expires) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
  // What nothing here counts by is said.
  expect(made.headers.get('x-headgate-dropped')).toContain('permissions');
  await becomes(made.body.key, 200);
  expect((await admin.get('/api/keys/bot')).body.limits).toEqual([
    { tokens: '9000/min' },
    { requests: '60/min' },
  ]);

  expect((await admin.get('/api/keys/bot')).body.budgets).toEqual([{ amountUsd: 12.5, window: '1M' }]);
  const own = await adminClient(gateway.url, made.body.key).get('/key/info');
  expect(own.body.info).toMatchObject({ key_alias: 'bot', max_budget: 12.5 });
  expect(own.body.info.budget_reset_at).toMatch(/-01T00:00:00.000Z$/);
  expect((await adminClient(gateway.url, made.body.key).get('/key/info?key=other')).status).toBe(403);

  const info = await admin.get(`/key/info?key=${made.body.key}`);
  expect(info.body.info).toMatchObject({ key_alias: 'bot', rpm_limit: 60, metadata: { app: 'bot' } });
  expect(JSON.stringify(info.body.info)).not.toContain(made.body.key);
  const changed = await admin.post('/key/update', {
    key: made.body.key,
    rpm_limit: 30,
    models: [],
    metadata: { app: 'other' },
  });
  expect(changed.body).toMatchObject({
    rpm_limit: 30,
    tpm_limit: 9_000,
    models: [],
    metadata: { app: 'other' },
    max_budget: 12.5,
  });
  expect((await admin.post('/key/update', { key: made.body.key, duration: 'soon' })).body.error.param).toBe(
    'duration',
  );
  expect((await admin.post('/key/delete', { keys: [made.body.key, 'hg-nobody'] })).status).toBe(404);
  expect((await admin.post('/key/delete', { keys: [made.body.key] })).body.deleted_keys).toEqual([
    made.body.key,
  ]);
  await becomes(made.body.key, 401);
  const { body: log } = await admin.get('/api/audit?action=key.delete');
  expect(log.items[0].outcome).toBe('success');
});

it('asks for the same credentials and rights as our own routes', async () => {
  expect((await adminClient(gateway.url, '').post('/key/generate', {})).status).toBe(401);
  const { body: key } = await admin.post('/key/generate', {});
  expect((await adminClient(gateway.url, key.key).post('/key/generate', {})).status).toBe(401);
  const { body: narrow } = await admin.post('/api/tokens', { name: 'reader', scopes: ['key:read'] });
  const reader = adminClient(gateway.url, narrow.token);
  expect((await reader.post('/key/generate', {})).status).toBe(403);
  expect((await reader.get(`/key/info?key=${key.token}`)).status).toBe(200);
});

it('asks for a code once a second factor is confirmed, and takes none twice', async () => {
  const open = adminClient(gateway.url, '');
  const login = await open.post('/api/login', { name: 'ada', password });
  const headers = {
    cookie: login.headers.get('set-cookie')!.split(';')[0]!,
    'x-csrf-token': login.body.csrfToken,
  };
  expect((await admin.post('/api/session/totp')).status).toBe(403);
  const { body: begun } = await open.post('/api/session/totp', undefined, headers);
  const secret = fromBase32(begun.secret);
  expect((await open.post('/api/login', { name: 'ada', password })).status).toBe(200);
  expect((await open.post('/api/session/totp/confirm', { code: '000000' }, headers)).status).toBe(400);
  const now = stepOf(Date.now());
  expect((await open.post('/api/session/totp/confirm', { code: codeAt(secret, now) }, headers)).status).toBe(
    204,
  );
  expect((await open.post('/api/login', { name: 'ada', password })).body.error.code).toBe('code_needed');
  const again = { name: 'ada', password, code: codeAt(secret, now) };
  expect((await open.post('/api/login', again)).body.error.code).toBe('wrong_code');
  expect((await open.post('/api/login', { ...again, code: codeAt(secret, now + 1) })).status).toBe(200);
  const { body: me } = await admin.get('/api/admins/ada');
  expect(me.twoFactor).toBe(true);
  expect(JSON.stringify(me)).not.toContain(begun.secret);
  expect((await admin.delete('/api/admins/ada/totp')).status).toBe(204);
  expect((await open.post('/api/login', { name: 'ada', password })).status).toBe(200);
});

it('a key that is due gets a new credential, which its holder fetches with the old one, once', async () => {
  const own = adminClient(gateway.url, yearly);
  await expect
    .poll(async () => (await admin.get('/api/keys/yearly')).body.waiting, { timeout: 60_000, interval: 500 })
    .toBe(true);
  // The schedule must not come round again meanwhile.
  expect((await admin.patch('/api/keys/yearly', { rotateEvery: null })).status).toBe(200);
  expect(await chat(yearly)).toBe(200);
  const fetched = await own.post('/api/keys/self/fetch');
  expect(fetched.status).toBe(200);
  await becomes(fetched.body.key, 200);
  expect(fetched.body.key).not.toBe(yearly);
  expect((await own.post('/api/keys/self/fetch')).status).toBe(401);
});

function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
