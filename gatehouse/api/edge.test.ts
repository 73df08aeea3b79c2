// `/api/edge` as administrators and devices use it.
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './api.fixture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by what is expected of them
type Body = any;

async function call(
  method: string,
  path: string,
  body?: object,
  { key = api.token, headers = {} }: { key?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: Body; etag: string | null }> {
  const answer = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const said = await answer.text();
  return {
    status: answer.status,
    body: said === '' ? null : JSON.parse(said),
    etag: answer.headers.get('etag'),
  };
}

const claude = {
  type: 'app',
  target: 'claude',
  names: ['Claude Code'],
  transport: '',
  version: '2.1',
  sources: ['~/.claude/settings.json'],
};
const github = {
  type: 'server',
  target: 'npx @example/github-mcp',
  names: ['github'],
  transport: 'stdio',
  version: '',
  sources: ['claude', 'codex'],
};

async function device(name: string): Promise<{ id: string; key: string }> {
  const { status, body } = await call('POST', '/api/edge/devices', { name, platform: 'linux-x64' });
  expect(status).toBe(201);
  return { id: body.id, key: body.credential };
}

describe('a device', () => {
  it('is made with a key that is shown once, reports, and is told what holds', async () => {
    const { id, key } = await device('build-1');
    expect(key).toMatch(/^hg-/);
    const told = await call(
      'POST',
      '/api/edge/self/report',
      { version: '0.1.0', findings: [claude, github] },
      { key },
    );
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({
      device: { id, name: 'build-1', state: 'approved' },
      decision: 'allow',
      policy: { pendingApps: 'allow', refreshSeconds: 60, intercept: { enabled: false } },
    });
    expect(told.body.verdicts).toHaveLength(2);
    const shown = (await call('GET', '/api/edge/devices/build-1')).body;
    expect(shown).toMatchObject({ id, version: '0.1.0', platform: 'linux-x64', decision: 'allow' });
    expect(Date.parse(shown.seenAt)).toBeGreaterThan(0);
    expect(shown.found).toHaveLength(2);
    expect(JSON.stringify(shown)).not.toContain(key);
  });

  it('whose server is denied hears of it with the next question', async () => {
    const { key } = await device('build-2');
    await call('POST', '/api/edge/self/report', { findings: [claude, github] }, { key });
    const { items } = (await call('GET', '/api/edge/catalog?type=server')).body;
    expect(items).toMatchObject([{ target: 'npx @example/github-mcp', state: 'pending', devices: 2 }]);
    const [{ id }] = items;
    const { status, body, etag } = await call('PATCH', `/api/edge/catalog/${id}`, {
      state: 'denied',
      note: 'not reviewed',
    });
    expect([status, body.decision, body.decidedBy]).toEqual([200, 'block', 'token:ada/t']);
    expect(
      (
        await call(
          'PATCH',
          `/api/edge/catalog/${id}`,
          { state: 'approved' },
          { headers: { 'if-match': '"1"' } },
        )
      ).status,
    ).toBe(409);
    const orders = (await call('GET', '/api/edge/self', undefined, { key })).body;
    expect(orders.verdicts).toContainEqual({
      type: 'server',
      target: 'npx @example/github-mcp',
      state: 'denied',
      decision: 'block',
      note: 'not reviewed',
    });
    const where = (await call('GET', `/api/edge/catalog/${id}/devices`)).body.items;
    expect(where.map((one: Body) => [one.deviceName, one.names, one.sources])).toEqual([
      ['build-1', ['github'], ['claude', 'codex']],
      ['build-2', ['github'], ['claude', 'codex']],
    ]);
    // It is somewhere: nobody forgets it by mistake.
    expect((await call('DELETE', `/api/edge/catalog/${id}`)).status).toBe(409);
    expect(etag).toMatch(/^"\d+"$/);
  });

  it('that is denied, or gone, cannot call; one that is no device has no orders', async () => {
    const { id, key } = await device('build-3');
    const denied = await call('PATCH', `/api/edge/devices/${id}`, { state: 'denied', name: 'bad-one' });
    expect(denied.body).toMatchObject({ name: 'bad-one', state: 'denied', decision: 'block' });
    const stored = await api.store.get('key', denied.body.key);
    expect(stored?.data['blocked']).toBe(true);
    expect((await call('GET', '/api/edge/self', undefined, { key })).body).toMatchObject({
      decision: 'block',
    });
    expect((await call('GET', '/api/edge/devices?state=denied')).body.items).toHaveLength(1);
    expect((await call('DELETE', `/api/edge/devices/${id}`)).status).toBe(204);
    expect((await call('GET', '/api/edge/self', undefined, { key })).status).toBe(401);
    const plain = (await call('POST', '/api/keys', { name: 'app', metadata: { device: id } })).body.key;
    expect(await call('GET', '/api/edge/self', undefined, { key: plain })).toMatchObject({
      status: 403,
      body: { error: { code: 'no_device' } },
    });
    // And a device's key opens nothing of the administration.
    const { key: other } = await device('build-4');
    expect((await call('GET', '/api/edge/devices', undefined, { key: other })).status).toBe(401);
  });

  it('needs a name that nobody has, and says no more than it may', async () => {
    expect((await call('POST', '/api/edge/devices', { name: 'build-1' })).body.error.code).toBe('name_taken');
    const { key } = await device('build-5');
    const many = Array.from({ length: 301 }, (_, at) => ({ ...claude, target: `app-${at}` }));
    expect(await call('POST', '/api/edge/self/report', { findings: many }, { key })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_value', param: 'findings' } },
    });
  });
});

describe('the policy', () => {
  it('is what nobody has set until somebody does, and guards against a lost update', async () => {
    const { body: first, etag } = await call('GET', '/api/edge/policy');
    expect([first.version, etag]).toEqual([0, null]);
    const { version: _version, ...policy } = first;
    const next = {
      ...policy,
      pendingServers: 'block',
      intercept: { enabled: true, hosts: [{ host: 'api.anthropic.com' }] },
    };
    const set = await call('PUT', '/api/edge/policy', next);
    expect(set.body).toMatchObject({
      version: 1,
      intercept: {
        hosts: [
          {
            host: 'api.anthropic.com',
            routes: [
              { path: '/v1/', to: '/v1/' },
              { path: '/v1beta/', to: '/v1beta/' },
            ],
            other: 'pass',
          },
        ],
      },
    });
    expect((await call('PUT', '/api/edge/policy', next, { headers: { 'if-match': '"7"' } })).status).toBe(
      409,
    );
    const bad = await call('PUT', '/api/edge/policy', {
      ...next,
      intercept: { enabled: true, hosts: [{ host: 'https://x' }] },
    });
    expect(bad.body.error).toMatchObject({ code: 'invalid_value', param: 'intercept.hosts[0].host' });
    const { body } = await call('GET', '/api/edge');
    expect(body).toMatchObject({
      devices: { pending: 0, approved: 4, denied: 0 },
      apps: { pending: 1 },
      servers: { denied: 1 },
      policy: { pendingServers: 'block' },
    });
  });
});

describe('the authority', () => {
  const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
  const ask = (key: string, host = 'api.anthropic.com', pem = publicKey) =>
    call('POST', '/api/edge/self/certificates', { host, publicKey: pem }, { key });

  it('is made by an administrator, signs for hosts of the policy for a day, and keeps its key', async () => {
    const { key } = await device('opens-1');
    expect((await ask(key)).body.error.code).toBe('no_authority');
    expect((await call('GET', '/api/edge/authority')).status).toBe(404);
    const { status, body: made } = await call('POST', '/api/edge/authority', { name: 'Our edge', days: 30 });
    expect(status).toBe(201);
    const ca = new X509Certificate(made.certificate);
    expect([ca.ca, made.fingerprint, made.name]).toEqual([true, ca.fingerprint256, 'Our edge']);
    expect((await call('GET', '/api/edge/self/authority', undefined, { key })).body).toEqual(made);
    const { body } = await ask(key);
    const leaf = new X509Certificate(body.certificate);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkHost('api.anthropic.com')).toBe('api.anthropic.com');
    expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBeLessThanOrEqual(86_400_000);
    expect(Date.parse(body.notAfter)).toBe(Date.parse(leaf.validTo));
    const stored = await api.store.byName('edge-authority', 'authority');
    expect(JSON.stringify([stored, (await call('GET', '/api/audit?limit=50')).body])).not.toMatch(
      /PRIVATE|MIGH/,
    );
  });

  it('signs nothing else, and nothing for a device that is denied', async () => {
    const { id, key } = await device('opens-2');
    expect((await ask(key, 'api.openai.com')).body.error.code).toBe('not_intercepted');
    expect((await ask(key, 'api.anthropic.com', 'no key')).body.error).toMatchObject({ param: 'publicKey' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
      type: 'spki',
      format: 'pem',
    });
    expect((await ask(key, 'api.anthropic.com', rsa.toString())).status).toBe(400);
    await call('PATCH', `/api/edge/devices/${id}`, { state: 'denied' });
    expect((await ask(key)).body.error.code).toBe('device_blocked');
    const { body: policy } = await call('GET', '/api/edge/policy');
    const { version: _version, ...rest } = policy;
    await call('PUT', '/api/edge/policy', { ...rest, intercept: { ...rest.intercept, enabled: false } });
    const { key: other } = await device('opens-3');
    expect((await ask(other)).body.error.code).toBe('not_intercepted');
  });

  it('is replaced only when that is said, and gone when it is taken away', async () => {
    expect((await call('POST', '/api/edge/authority')).body.error.code).toBe('exists');
    const before = (await call('GET', '/api/edge/authority')).body.fingerprint;
    const { status, body } = await call('POST', '/api/edge/authority', { replace: true });
    expect([status, body.fingerprint === before]).toEqual([201, false]);
    expect((await call('DELETE', '/api/edge/authority')).status).toBe(204);
    expect((await call('DELETE', '/api/edge/authority')).status).toBe(404);
  });
});
