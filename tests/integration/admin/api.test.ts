// The admin API of a real gateway with a store in a file: who gets in, what is refused, what is kept.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AdminClient, adminClient, openAdmin, setupToken } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { waitUntil } from '../../kit/wait.ts';

const password = 'correct horse battery staple';
let gateway: GatewayProcess;
let admin: AdminClient;
let setup = '';

beforeAll(async () => {
  gateway = await startGateway({
    admin: true,
    config: {
      auth: { keys: [{ name: 'app', value: gateKey }] },
      // For nobody: it is shown, and never asked.
      plugins: [
        {
          name: 'soft',
          url: 'http://127.0.0.1:9/',
          hooks: ['onRequest', 'onDelta'],
          when: { keys: ['nobody'] },
        },
      ],
    },
  });
  setup = await setupToken(gateway);
  admin = await openAdmin(gateway, password);
});
afterAll(() => gateway.stop());

const chat = (key: string): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo/demo', messages: [{ role: 'user', content: 'hi' }] }),
  });

describe('who gets in', () => {
  it('takes the set-up token once, and keeps nothing of it in the log', async () => {
    const again = await adminClient(gateway.url, setup).post('/api/setup', { name: 'eve' });
    expect(again.status).toBe(401);
    const lines = gateway.logs().map((line) => JSON.stringify(line));
    expect(lines.some((line) => line.includes(setup))).toBe(false);
  });

  it.each([
    ['nobody', ''],
    ['a key of a caller', gateKey],
    ['an invented token', `hga-${'x'.repeat(39)}`],
  ])('refuses %s on every route but the open ones', async (_who, token) => {
    const { body: document } = await admin.get('/api/openapi.json');
    const client = adminClient(gateway.url, token);
    const refused: string[] = [];
    for (const [path, methods] of Object.entries<Record<string, { security?: unknown[] }>>(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.security?.length === 0) continue;
        const { status } = await client.call(method.toUpperCase(), path.replace(/\{\w+\}/g, 'some'));
        // A caller may ask about the key itself, and about nothing else.
        const self = token === gateKey && path === '/api/keys/self';
        expect(self ? [200] : [401, 403], `${method} ${path}`).toContain(status);
        refused.push(path);
      }
    }
    expect(refused.length).toBeGreaterThan(30);
  });

  it('never takes a token of an administrator for a key of a caller', async () => {
    expect((await chat(admin.token)).status).toBe(401);
    expect((await chat(gateKey)).status).toBe(200);
  });

  it('begins a session by password, whose cookie changes nothing without its token', async () => {
    const open = adminClient(gateway.url, '');
    const login = await open.post('/api/login', { name: 'ada', password });
    expect(login.status).toBe(200);
    const set = login.headers.get('set-cookie')!;
    expect(set).toMatch(/HttpOnly; SameSite=Strict/);
    const cookie = set.split(';')[0]!;
    expect((await open.call('GET', '/api/teams', undefined, { cookie })).status).toBe(200);
    const team = { name: 'by-cookie' };
    expect((await open.post('/api/teams', team, { cookie })).body.error.code).toBe('csrf');
    const csrf = { cookie, 'x-csrf-token': login.body.csrfToken };
    const foreign = { ...csrf, 'sec-fetch-site': 'cross-site' };
    expect((await open.post('/api/teams', team, foreign)).status).toBe(403);
    expect((await open.post('/api/teams', team, csrf)).status).toBe(201);
    expect((await open.post('/api/logout', undefined, csrf)).status).toBe(204);
    expect((await open.call('GET', '/api/teams', undefined, { cookie })).status).toBe(401);
  });

  it('slows down who guesses passwords, and tells names and passwords apart for nobody', async () => {
    const open = adminClient(gateway.url, '');
    const guess = async (): Promise<number> =>
      (await open.post('/api/login', { name: 'nobody-here', password: 'wrong password' })).status;
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) statuses.push(await guess());
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    // The sixth at once, unless the machine stands still for a second: each that is later than its wait has to wait twice as long.
    await waitUntil(async () => (await guess()) === 429, 'a guess to be refused');
  });

  it('gives roles and scopes what they are for, and nothing more', async () => {
    const { body: viewer } = await admin.post('/api/admins', { name: 'vic', role: 'viewer' });
    expect((await admin.call('PUT', `/api/admins/${viewer.id}/password`, { password })).status).toBe(204);
    const { body } = await admin.post('/api/tokens', { name: 'ci', scopes: ['key:read'] });
    const narrow = adminClient(gateway.url, body.token);
    expect((await narrow.get('/api/keys')).status).toBe(200);
    expect((await narrow.get('/api/teams')).status).toBe(403);
    expect((await narrow.post('/api/keys', { name: 'x' })).status).toBe(403);
    expect((await narrow.post('/api/tokens', { name: 'wider' })).status).toBe(403);
    expect((await admin.delete(`/api/tokens/${body.id}`)).status).toBe(204);
    expect((await narrow.get('/api/keys')).status).toBe(401);
    const { body: me } = await admin.get('/api/session');
    expect((await admin.delete(`/api/admins/${me.admin.id}`)).body.error.code).toBe('last_admin');
  });

  it('keeps a team-admin within its teams', async () => {
    const { body: red } = await admin.post('/api/teams', { name: 'red' });
    const { body: blue } = await admin.post('/api/teams', { name: 'blue' });
    const { body: made } = await admin.post('/api/admins', {
      name: 'tim',
      role: 'team-admin',
      teams: [red.id],
    });
    await admin.call('PUT', `/api/admins/${made.id}/password`, { password });
    const open = adminClient(gateway.url, '');
    const login = await open.post('/api/login', { name: 'tim', password });
    const headers = {
      cookie: login.headers.get('set-cookie')!.split(';')[0]!,
      'x-csrf-token': login.body.csrfToken,
    };
    const { body: foreign } = await admin.post('/api/keys', { name: 'blue-key', team: 'blue' });
    expect((await open.post('/api/keys', { name: 'red-key', team: 'red' }, headers)).status).toBe(201);
    expect((await open.post('/api/keys', { name: 'stolen', team: 'blue' }, headers)).status).toBe(404);
    expect((await open.post('/api/keys', { name: 'free' }, headers)).status).toBe(403);
    expect((await open.call('GET', `/api/keys/${foreign.id}`, undefined, headers)).status).toBe(404);
    expect((await open.patch('/api/keys/red-key', { team: blue.id }, headers)).status).toBe(404);
    const listed = await open.call('GET', '/api/keys', undefined, headers);
    expect(listed.body.items.map((key: { name: string }) => key.name)).toEqual(['red-key']);
  });
});

describe('objects', () => {
  it('refuses an unknown field with the nearest name, and a bad value with its place', async () => {
    const typo = await admin.post('/api/keys', { name: 'a', modles: ['*'] });
    expect(typo.status).toBe(400);
    expect(typo.body.error).toMatchObject({ code: 'unknown_field', param: 'modles' });
    expect(typo.body.error.message).toContain('did you mean `models`?');
    const deep = await admin.post('/api/keys', { name: 'a', limits: [{ requests: 'many' }] });
    expect(deep.body.error.param).toBe('limits[0].requests');
    expect((await admin.post('/api/keys', '{"name":')).body.error.code).toBe('invalid_json');
    expect((await admin.post('/api/teams', { name: 'x', description: 'a\u0000b' })).status).toBe(400);
    expect((await admin.post('/api/teams', { name: 'x', description: '\ud800' })).status).toBe(400);
    expect((await admin.get('/api/keys?nmae=x')).body.error.message).toContain('did you mean `name`?');
    expect((await admin.get('/api/kyes')).status).toBe(404);
    expect((await admin.call('PUT', '/api/keys')).status).toBe(405);
  });

  it('changes what it is told to, by merge, and never what was changed meanwhile', async () => {
    const { body: team, headers } = await admin.post('/api/teams', {
      name: 'merge',
      description: 'one',
      tags: ['t'],
    });
    const etag = headers.get('etag')!;
    const changed = await admin.patch(
      `/api/teams/${team.id}`,
      { description: null, blocked: true },
      { 'if-match': etag },
    );
    expect(changed.body).toMatchObject({ blocked: true, tags: ['t'], version: 2 });
    expect(changed.body.description).toBeUndefined();
    const late = await admin.patch(`/api/teams/${team.id}`, { blocked: false }, { 'if-match': etag });
    expect(late.status).toBe(409);
    expect(late.body.error.code).toBe('version_conflict');
    expect((await admin.delete(`/api/teams/${team.id}`, { 'if-match': etag })).status).toBe(409);
    expect((await admin.post('/api/teams', { name: 'merge' })).body.error.code).toBe('name_taken');
    await admin.post('/api/keys', { name: 'of-merge', team: team.id });
    expect((await admin.delete(`/api/teams/${team.id}`)).body.error.code).toBe('in_use');
    await admin.delete('/api/keys/of-merge');
    expect((await admin.delete(`/api/teams/${team.id}`)).status).toBe(204);
    expect((await admin.get(`/api/teams/${team.id}`)).status).toBe(404);
  });

  it('shows what the file manages beside its own, and changes nothing of it', async () => {
    const first = await admin.get('/api/keys?limit=1');
    expect(first.body.items).toEqual([expect.objectContaining({ id: 'file:app', managed: 'file' })]);
    expect(JSON.stringify(first.body)).not.toContain(gateKey);
    const rest = await admin.get(`/api/keys?limit=500&cursor=${first.body.next}`);
    expect(rest.body.items.every((key: { managed: string }) => key.managed === 'db')).toBe(true);
    expect((await admin.get('/api/keys/file:app')).body.managed).toBe('file');
    expect((await admin.patch('/api/keys/file:app', { blocked: true })).body.error.code).toBe(
      'managed_by_file',
    );
    expect((await admin.delete('/api/keys/file:app')).status).toBe(409);
    expect((await admin.post('/api/keys', { name: 'app' })).status).toBe(409);
  });

  it('does a repeated POST once', async () => {
    const headers = { 'idempotency-key': 'once-1' };
    const [one, two] = await Promise.all([
      admin.post('/api/keys', { name: 'once' }, headers),
      admin.post('/api/keys', { name: 'once' }, headers),
    ]);
    expect(one.status).toBe(201);
    expect(two.body).toEqual(one.body);
    expect(two.body.key).toMatch(/^hg-/);
    expect((await admin.post('/api/keys', { name: 'other' }, headers)).status).toBe(422);
  });

  it('writes every change into a log whose order is proven', async () => {
    const { body } = await admin.get('/api/audit?action=key.create&limit=2');
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toMatchObject({
      initiator: 'token:ada/setup',
      ip: '127.0.0.1',
      outcome: 'success',
    });
    expect(body.items[0].after.secret).toBe('***');
    expect((await admin.get('/api/audit/verify')).body).toMatchObject({ ok: true, faults: [] });
    const lines = (await admin.get('/api/audit/export?limit=3&format=syslog')).body as string;
    expect(lines.trim().split('\n')).toHaveLength(3);
    expect(lines).toMatch(/^<10[89]>1 \d{4}-/);
  });
});

describe('the gateway as it is', () => {
  it('shows processes, lanes, Redis and the store, once and each second', async () => {
    const { status, body } = await admin.get('/api/cluster');
    expect(status).toBe(200);
    expect(body).toMatchObject({ store: { kind: 'sqlite', state: 'up' }, redis: { state: 'off' } });
    expect(body.nodes[0].workers.length).toBe(body.workers.wanted);
    for (const worker of body.nodes[0].workers)
      expect(worker).toMatchObject({ state: 'serving', restarts: 0 });
    expect(body.lanes.map((lane: { provider: string }) => lane.provider)).toContain('demo');
    // Each worker tells of its plugins once it has them.
    await vi.waitFor(async () => {
      const { body: now } = await admin.get('/api/cluster');
      const { wanted } = now.workers;
      expect(now.plugins).toEqual([
        expect.objectContaining({
          name: 'soft',
          mode: 'http',
          state: 'on',
          reason: '',
          hooks: ['onRequest', 'onDelta'],
          workers: { on: wanted, of: wanted },
          calls: 0,
          p50Ms: null,
        }),
      ]);
    }, 20_000);
    const stop = new AbortController();
    const stream = await fetch(`${gateway.url}/api/cluster/stream`, {
      headers: { authorization: `Bearer ${admin.token}` },
      signal: stop.signal,
    });
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    let text = '';
    const moments = (): number[] =>
      [...text.matchAll(/^event: cluster\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data!).at);
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (/\n\n$/.test(text) && moments().length >= 2) break;
    }
    stop.abort();
    expect(moments()[1]).toBeGreaterThan(moments()[0]!);
  });
});
