// Rows A03 and A04 of the catalogue, asked of each route of the table: who may not call it is refused, whoever that is, and the log has
// it; and nobody gives an object what only the gateway gives it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { may, type Role } from '../../src/governance/roles.ts';
import { startTestApi, type TestApi } from './api.fixture.ts';
import type { ApiRoute } from './route.ts';

let api: TestApi;
const tokens: Record<string, string> = {};
let team = '';

beforeAll(async () => {
  api = await startTestApi();
  team = (await made('/api/teams', { name: 'red' })).id;
  const other = (await made('/api/teams', { name: 'blue' })).id;
  tokens['viewer'] = await api.tokenOf('vera', { role: 'viewer' });
  tokens['editor'] = await api.tokenOf('ed', { role: 'editor' });
  tokens['team-admin'] = await api.tokenOf('tim', { role: 'team-admin', teams: [other] });
  tokens['key'] = (await made('/api/keys', { name: 'virtual', team })).key;
  await made('/api/users', { name: 'person', team });
  await made('/api/projects', { name: 'project', team });
});
afterAll(() => api.close());

async function call(
  token: string | undefined,
  method: string,
  path: string,
  body?: object,
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every route there is
): Promise<{ status: number; body: any }> {
  const answer = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' || !text.startsWith('{') ? {} : JSON.parse(text) };
}
async function made(path: string, body: object) {
  const answer = await call(api.token, 'POST', path, body);
  expect(answer.status).toBe(201);
  return answer.body;
}

const shown = ({ method, path }: ApiRoute): string => `${method} ${path}`;
/** Streams go on; everything else ends. */
const asked = (): ApiRoute[] => api.routes.filter(({ operation }) => !/stream/.test(operation));
const placed = ({ path }: ApiRoute): string => path.replace(/\{\w+\}/g, 'virtual');

describe('A03', () => {
  it('nobody calls anything without a credential but what is open', async () => {
    let refused = 0;
    for (const route of asked()) {
      if (route.access === 'open') continue;
      expect((await call(undefined, route.method, placed(route))).status, shown(route)).toBe(401);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(100);
    // Of the many the log has one a cause and a while: enough to see who tries, not enough to fill it.
    const { body } = await call(api.token, 'GET', '/api/audit?outcome=denied&limit=500');
    expect(body.items.length).toBeGreaterThan(0);
    // Opening the page is no attempt at anything; showing a credential that is none is one.
    const entries = async () =>
      (await call(api.token, 'GET', '/api/audit?outcome=denied&action=get-session&limit=10')).body.items;
    expect(await entries()).toEqual([]);
    expect((await call(`hga-${'x'.repeat(39)}`, 'GET', '/api/session')).status).toBe(401);
    expect(await entries()).toMatchObject([{ action: 'get-session', outcome: 'denied' }]);
  });

  it('what is open is a short list', () => {
    const open = asked()
      .filter(({ access, path }) => access === 'open' && path.startsWith('/api/'))
      .map(({ operation }) => operation);
    expect(open.sort()).toEqual([
      'begin-edge-login',
      'enrol-edge-device',
      'get-edge-enrolment',
      'get-login-methods',
      'get-openapi',
      'log-in',
      'set-up',
    ]);
  });

  it('a virtual key opens what it may know of itself, and nothing else', async () => {
    for (const route of asked()) {
      if (route.access === 'open' || route.access === 'self' || !route.path.startsWith('/api/')) continue;
      const { status } = await call(tokens['key'], route.method, placed(route));
      expect([401, 403], shown(route)).toContain(status);
    }
  });

  it.each(['viewer', 'editor', 'team-admin'] satisfies Role[])(
    'a role opens what its table says: %s',
    async (role) => {
      const asking = { role, teams: [], scopes: null };
      let refused = 0;
      for (const route of asked()) {
        if (typeof route.access === 'string' || !route.path.startsWith('/api/')) continue;
        if (may(asking, route.access)) continue;
        const { status, body } = await call(tokens[role], route.method, placed(route));
        expect([status, body.error?.code], shown(route)).toEqual([403, 'forbidden']);
        refused += 1;
      }
      expect(refused).toBeGreaterThan(role === 'editor' ? 15 : 40);
    },
  );

  it('a team-admin is given its teams by name or by id, and is shown by their ids', async () => {
    const root = api.token;
    const made = await call(root, 'POST', '/api/admins', {
      name: 'lead',
      role: 'team-admin',
      teams: ['red', team],
    });
    expect([made.status, made.body.teams]).toEqual([201, [team]]);
    const moved = await call(root, 'PATCH', '/api/admins/lead', { teams: ['blue'] });
    expect([moved.status, moved.body.teams]).toEqual([
      200,
      [(await call(root, 'GET', '/api/teams/blue')).body.id],
    ]);
    const nobodys = await call(root, 'PATCH', '/api/admins/lead', { teams: ['blue', 'gone'] });
    expect([nobodys.status, nobodys.body.error]).toMatchObject([400, { param: 'teams' }]);
  });

  it('a team-admin neither sees nor changes what another team has', async () => {
    const mine = tokens['team-admin'];
    for (const [path, body] of [
      ['/api/keys/virtual', { description: 'mine' }],
      ['/api/users/person', { description: 'mine' }],
    ] as const) {
      expect((await call(mine, 'GET', path)).status, path).toBe(404);
      expect((await call(mine, 'PATCH', path, body)).status, path).toBe(404);
      expect((await call(mine, 'DELETE', path)).status, path).toBe(404);
    }
    for (const verb of ['rotate', 'block', 'unblock', 'fetch'])
      expect((await call(mine, 'POST', `/api/keys/virtual/${verb}`)).status, verb).toBe(404);
    for (const path of [
      '/api/keys/virtual/budgets',
      '/api/keys/virtual/credit',
      '/api/projects/project',
      '/api/teams/red',
    ])
      expect((await call(mine, 'GET', path)).status, path).toBe(404);
    expect((await call(mine, 'GET', `/api/keys?team=${team}`)).status).toBe(403);
    expect((await call(mine, 'GET', '/api/keys')).body.items).toEqual([]);
    // Nor does it put something of its own there.
    expect((await call(mine, 'POST', '/api/keys', { name: 'smuggled', team })).status).toBe(404);
    const own = await call(mine, 'POST', '/api/keys', { name: 'own', team: 'blue' });
    expect(own.status).toBe(201);
    expect((await call(mine, 'PATCH', '/api/keys/own', { team: 'red' })).status).toBe(404);
    expect((await call(mine, 'PATCH', '/api/keys/own', { team: null })).status).toBe(403);
  });
});

/** What the gateway alone says of an object, and what would make more of its holder. */
const OURS = [
  'id',
  'version',
  'createdAt',
  'updatedAt',
  'managed',
  'secret',
  'lookup',
  'prefix',
  'lastFour',
  'lastUsedAt',
  'rotatedAt',
  'waiting',
  'creditNano',
  'spend',
  'scopes',
  'permissions',
  'role',
  'isAdmin',
  'tenant',
  'allowedRoutes',
];

it('A04: no body that makes or changes an object says what is not its to say', async () => {
  let refused = 0;
  for (const route of asked()) {
    if (
      !route.path.startsWith('/api/') ||
      route.body === undefined ||
      route.lenient === true ||
      route.access === 'self'
    )
      continue;
    if (route.method !== 'POST' && route.method !== 'PATCH') continue;
    const known = Object.keys(route.body.properties ?? {});
    for (const field of OURS.filter((one) => !known.includes(one))) {
      const { status, body } = await call(api.token, route.method, placed(route), { [field]: 'x' });
      expect([status, body.error?.code, body.error?.message], `${shown(route)} ${field}`).toEqual([
        400,
        'unknown_field',
        expect.stringContaining(`\`${field}\``),
      ]);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(500);
  // A role is an administrator's alone, and a token never says more than its administrator may.
  const withRole = api.routes
    .filter(({ body }) => body?.properties?.['role'] !== undefined)
    .map(({ operation }) => operation);
  expect(withRole.sort()).toEqual(['create-admin', 'update-admin']);
});
