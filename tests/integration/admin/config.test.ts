// Providers, their keys and models by the API, in force on every worker when it answers; the whole configuration as a
// document that is checked, compared, applied and taken back; what the file has stays the file's.
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';

const secret = 'sk-run-time-0123456789abcdef';
let mock: MockUpstream;
let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  mock = await startMock();
  gateway = await startGateway({
    admin: true,
    workers: 2,
    config: {
      auth: { keys: [gateKey] },
      retries: { max: 0 },
      // With one provider alone, any name would be a model of its.
      providers: {
        spare: { dialect: 'openai-chat', baseUrl: mock.openaiUrl, models: ['spare'], keys: [] },
        base: {
          models: ['ok', 'status*'],
          dialect: 'openai-chat',
          baseUrl: mock.openaiUrl,
          keys: ['sk-of-the-file-00000'],
        },
      },
      models: { fixed: { targets: ['base/ok'] } },
    },
  });
  admin = await openAdmin(gateway);
});
afterAll(async () => {
  await gateway.stop();
  await mock.close();
});

async function call(model: string): Promise<number> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    // Another connection each time: it may be any worker's.
    headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.arrayBuffer();
  return answer.status;
}
/** What many calls, and so every worker, say. */
const everywhere = async (model: string): Promise<number[]> => [
  ...new Set(await Promise.all(Array.from({ length: 10 }, () => call(model)))),
];
const document = async () => (await admin.get('/api/config')).body;

it('a provider, its key and an alias work on every worker once they are made, and keep nothing in the clear', async () => {
  const provider = { name: 'late', dialect: 'openai-chat', baseUrl: mock.openaiUrl, models: ['ok'] };
  const made = await admin.post('/api/providers', provider);
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ name: 'late', managed: 'db', version: 1 });
  const key = await admin.post('/api/provider-keys', { provider: 'late', alias: 'one', value: secret });
  expect(key.status).toBe(201);
  expect(key.body).toMatchObject({ provider: 'late', alias: 'one', prefix: 'sk-r', lastFour: 'cdef' });
  expect((await admin.post('/api/models', { name: 'swift', targets: ['late/ok'] })).status).toBe(201);
  expect(await everywhere('swift')).toEqual([200]);
  expect(mock.lastRequest().headers['authorization']).toBe(`Bearer ${secret}`);

  const seen = await Promise.all(
    [
      '/api/providers',
      '/api/provider-keys',
      '/api/models',
      '/api/config',
      '/api/audit',
      '/api/config/history',
    ].map(async (at) => JSON.stringify((await admin.get(at)).body)),
  );
  expect(seen.join()).not.toContain(secret);
  expect(gateway.output()).not.toContain(secret);
  const folder = gateway.configFile.replace(/[^/]+$/, '');
  const db = new DatabaseSync(path.join(folder, '.headgate', 'headgate.db'), { readOnly: true });
  const rows = JSON.stringify(db.prepare('select * from objects').all());
  db.close();
  expect(rows).toContain('late/one');
  expect(rows).not.toContain(secret);
});

it('changes and removes them at once, and refuses what the rest cannot do without', async () => {
  const { body: found, headers } = await admin.get('/api/models/swift');
  const changed = await admin.patch(
    '/api/models/swift',
    { targets: ['base/ok', 'late/ok'] },
    { 'if-match': headers.get('etag')! },
  );
  expect(changed.body).toMatchObject({ id: found.id, version: 2, targets: ['base/ok', 'late/ok'] });
  const late = await admin.patch('/api/models/swift', { gate: true }, { 'if-match': headers.get('etag')! });
  expect(late.body.error.code).toBe('version_conflict');
  const needed = await admin.delete('/api/providers/late');
  expect(needed.status).toBe(400);
  expect(needed.body.error).toMatchObject({ code: 'invalid_config', param: 'models.swift.targets[1]' });
  expect(
    (await admin.post('/api/models', { name: 'lost', targets: ['nowhere/ok'] })).body.error.message,
  ).toContain('no provider `nowhere` is on');
  expect((await admin.post('/api/models', { name: 'x', tragets: [] })).body.error.message).toContain(
    'did you mean `targets`?',
  );
  expect(
    (await admin.post('/api/provider-keys', { provider: 'late', alias: 'two', value: 'env.HOME' })).status,
  ).toBe(400);
  expect(
    (await admin.post('/api/provider-keys', { provider: 'gone', alias: 'x', value: secret })).body.error
      .param,
  ).toBe('provider');
  expect((await admin.delete('/api/models/swift')).status).toBe(204);
  expect(await everywhere('swift')).toEqual([404]);
});

it('adds a key to a provider of the file, and changes nothing else of it', async () => {
  expect((await admin.post('/api/providers', { name: 'base', vendor: 'openai' })).body.error.code).toBe(
    'name_taken',
  );
  expect((await admin.patch('/api/providers/base', { vendor: 'openai' })).body.error.code).toBe(
    'managed_by_file',
  );
  expect((await admin.get('/api/providers/base')).body).toMatchObject({ managed: 'file', id: 'file:base' });
  const { body } = await admin.post('/api/provider-keys', {
    provider: 'base',
    alias: 'more',
    value: secret,
    weight: 1000,
  });
  expect(await everywhere('fixed')).toEqual([200]);
  const used = (): Set<string> =>
    new Set(mock.requestsFor('ok').map(({ headers }) => String(headers['authorization'])));
  expect(used()).toContain(`Bearer ${secret}`);
  expect((await admin.delete(`/api/provider-keys/${body.id}`)).status).toBe(204);
  const before = mock.requestsFor('ok').length;
  await everywhere('fixed');
  const after = mock
    .requestsFor('ok')
    .slice(before)
    .map(({ headers }) => headers['authorization']);
  expect(new Set(after)).toEqual(new Set(['Bearer sk-of-the-file-00000']));
});

it('says what is wrong with a document by place and line, and what it would change', async () => {
  const text = 'models:\n  quick:\n    targets:\n      - late/ok\n      - lost/ok\n';
  const { body } = await admin.post('/api/config/validate', { config: text });
  expect(body.ok).toBe(false);
  // Without its provider in the document, `late` goes.
  expect(body.problems).toEqual([
    expect.objectContaining({ path: 'models.quick.targets[0]', line: 4 }),
    expect.objectContaining({ path: 'models.quick.targets[1]', line: 5 }),
  ]);
  const typo = await admin.post('/api/config/validate', { config: { models: { quick: { tragets: [] } } } });
  expect(typo.body.problems[0]).toMatchObject({ path: 'models.quick', line: null });
  expect(typo.body.problems[0].message).toContain('did you mean `targets`?');
  const syntax = await admin.post('/api/config/validate', { config: 'models:\n\tquick: 1' });
  expect(syntax.body.problems[0]).toMatchObject({ line: 2 });

  const { managed } = await document();
  const wanted = { ...managed, rescue: { stallMs: 9_000 }, models: { quick: { targets: ['late/ok'] } } };
  const diff = await admin.post('/api/config/diff', { config: wanted });
  expect(diff.body.changes).toEqual([
    { op: 'add', path: 'models.quick', after: { targets: ['late/ok'] } },
    { op: 'add', path: 'rescue', after: { stallMs: 9_000 } },
  ]);
  expect((await document()).managed).toEqual(managed);
});

it('applies a document whole, guards against a lost update, and goes back to what there was, secrets included', async () => {
  const start = await document();
  const tag = (version: number) => ({ 'if-match': `"${version}"` });
  const wanted = {
    ...start.managed,
    rescue: { stallMs: 9_000 },
    models: { quick: { targets: ['late/ok'] } },
  };
  const applied = await admin.post('/api/config/apply', { config: wanted }, tag(start.version));
  expect(applied.body).toMatchObject({ version: start.version + 1, workersBehind: 0 });
  expect(await everywhere('quick')).toEqual([200]);
  expect((await document()).effective.rescue.stallMs).toBe(9_000);
  expect((await admin.post('/api/config/apply', { config: {} }, tag(start.version))).status).toBe(409);

  const emptied = await admin.post('/api/config/apply', { config: '{}' });
  expect(emptied.status).toBe(200);
  expect((await document()).managed).toEqual({});
  expect(await everywhere('quick')).toEqual([404]);
  const back = await admin.post('/api/config/rollback', { version: start.version + 1 });
  expect(back.body.version).toBe(start.version + 3);
  expect(await everywhere('quick')).toEqual([200]);
  expect(mock.lastRequest().headers['authorization']).toBe(`Bearer ${secret}`);

  const { body: history } = await admin.get('/api/config/history');
  expect(history.items[0]).toMatchObject({ version: start.version + 3, action: 'config.rollback' });
  const { body: one } = await admin.get(`/api/config/history/${start.version + 2}`);
  expect(one.changes.map(({ op, path: at }: { op: string; path: string }) => `${op} ${at}`)).toContain(
    'remove models.quick',
  );
  expect((await admin.post('/api/config/rollback', { version: 99_999 })).status).toBe(404);
  const yaml = (await admin.get('/api/config/export')).body as string;
  expect(yaml).toContain('quick:');
  expect((await admin.post('/api/config/diff', { config: yaml })).body.changes).toEqual([]);
});

it('with another master key secrets of the store work on, in what is in force and in what can be gone back to', async () => {
  const provider = { name: 'sealed', dialect: 'openai-chat', baseUrl: mock.openaiUrl, models: ['ok'] };
  await admin.post('/api/providers', provider);
  await admin.post('/api/provider-keys', { provider: 'sealed', alias: 'one', value: secret });
  const { version } = await document();
  const before = (await admin.get('/api/secrets')).body;
  const { status, body } = await admin.post('/api/secrets/rotate');
  expect(status).toBe(200);
  expect(body).toMatchObject({ from: 'file', made: true, masterKeys: before.masterKeys + 1, lost: 0 });
  expect(body.keyId).not.toBe(before.keyId);
  // The key, and every version of the history.
  expect(body.resealed).toBeGreaterThan(1);
  expect(await everywhere('sealed/ok')).toEqual([200]);
  expect((await admin.delete('/api/providers/sealed')).status).toBe(204);
  expect((await admin.post('/api/config/rollback', { version })).status).toBe(200);
  expect(await everywhere('sealed/ok')).toEqual([200]);
  expect(mock.lastRequest().headers['authorization']).toBe(`Bearer ${secret}`);
  await admin.delete('/api/providers/sealed');
  // Who did it is in the log, which goes out whole and in its order.
  const lines = String((await admin.get('/api/audit/export')).body)
    .trim()
    .split('\n');
  const entries = lines.map((line) => JSON.parse(line));
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, at) => at + 1));
  expect(entries.filter(({ action }) => action === 'secrets.rotate')).toHaveLength(1);
  const rotated = String((await admin.get('/api/audit/export?action=secrets.rotate&format=syslog')).body);
  expect(rotated.trim().split('\n')).toHaveLength(1);
  expect(rotated).toMatch(/^<109>1 /);
});

it('a name that comes into the file is the file’s from then on', async () => {
  const config = JSON.parse(readFileSync(gateway.configFile, 'utf8'));
  gateway.writeConfig({ ...config, models: { ...config.models, quick: { targets: ['base/status:418'] } } });
  await expect.poll(() => everywhere('quick'), { timeout: 20_000 }).toEqual([418]);
  await expect
    .poll(async () => (await admin.get('/api/models/quick')).body.managed, { timeout: 20_000 })
    .toBe('file');
  gateway.writeConfig(config);
  await expect.poll(() => everywhere('quick'), { timeout: 20_000 }).toEqual([200]);
});

it('says where a call would go and why, tests a provider, and sends nobody to one that is paused', async () => {
  const tried = await admin.post('/api/models/fixed/try');
  expect(tried.body).toMatchObject({
    found: true,
    targets: [{ provider: 'base', model: 'ok', state: 'ready' }],
  });
  expect((await admin.post('/api/models/fxed/try')).body).toMatchObject({ found: false, targets: [] });
  expect((await admin.post('/api/providers/nobody/test')).status).toBe(404);
  const { body: good } = await admin.post('/api/providers/base/test');
  expect(good).toMatchObject({ ok: true, fault: null, owner: null });
  expect(good.models).toBeGreaterThan(0);
  await admin.post('/api/providers', {
    name: 'away',
    dialect: 'openai-chat',
    baseUrl: 'http://127.0.0.1:1/v1',
  });
  const { body: bad } = await admin.post('/api/providers/away/test');
  expect(bad).toMatchObject({ ok: false, models: null, owner: 'provider' });
  expect((await admin.delete('/api/providers/away')).status).toBe(204);

  await admin.post('/api/models', { name: 'either', targets: ['base/ok', 'late/ok'] });
  expect((await admin.post('/api/providers/base/pause')).body).toEqual({ provider: 'base', paused: true });
  expect((await admin.get('/api/lanes/base')).body.paused).toBe(true);
  expect(await everywhere('either')).toEqual([200]);
  expect(mock.lastRequest().headers['authorization']).toBe(`Bearer ${secret}`);
  expect(await everywhere('fixed')).toEqual([503]);
  const { body: plan } = await admin.post('/api/models/either/try');
  expect(plan.targets.map(({ provider, state }: Record<string, string>) => `${provider} ${state}`)).toEqual([
    'late ready',
    'base paused',
  ]);
  expect((await admin.post('/api/providers/base/resume')).body.paused).toBe(false);
  expect(await everywhere('fixed')).toEqual([200]);
  const actions = (await admin.get('/api/audit?limit=5')).body.items.map(
    ({ action }: { action: string }) => action,
  );
  expect(actions).toEqual(expect.arrayContaining(['provider.pause', 'provider.resume']));
});

it('ends what rests of a provider, at every worker', async () => {
  await admin.post('/api/models', { name: 'limited', targets: ['base/status:429:retry-after=3000'] });
  expect(await call('limited')).toBe(429);
  const cooling = async () => (await admin.get('/api/lanes/base')).body.cooling;
  await expect.poll(async () => (await cooling()).length, { timeout: 20_000 }).toBe(1);
  expect((await cooling())[0].forMs).toBeGreaterThan(1_000_000);
  expect((await admin.post('/api/lanes/base/reset')).body.ended).toBe(1);
  expect(await cooling()).toEqual([]);
  const { body: plan } = await admin.post('/api/models/limited/try');
  expect(plan.targets[0].state).toBe('ready');
});
