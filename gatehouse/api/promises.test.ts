// What the admin API promises of all its routes, asked of each route of the table: unknown fields and parameters are refused with the
// nearest name, lists are filtered and paged, an update that would undo another one is a 409, a POST with an Idempotency-Key is
// done once. A route that comes later is asked by itself, or fails here until it has its line.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './api.fixture.ts';
import type { ApiRoute, Method } from './route.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    // A worker would answer these.
    ask: async (ask) => {
      if (ask.do === 'check') return [];
      if (ask.do === 'look')
        return {
          lanes: [
            { provider: 'file', paused: false, keys: [], cooling: [], circuits: [] },
            { provider: 'gone', paused: true, keys: [], cooling: [{}], circuits: [] },
          ],
        };
      if (ask.do === 'effective') return { prices: {}, providers: [] };
      if (ask.do === 'cache') return { entries: 0, bytes: 0, gone: 0 };
      if (ask.do === 'worker') return ask.what.do === 'standings' ? [] : {};
      return { workersBehind: 0, ended: 0 };
    },
  });
});
afterAll(() => api.close());

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every route there is
  readonly body: any;
  readonly headers: Headers;
}

async function call(
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${api.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: answer.status, body: json ? JSON.parse(text) : text, headers: answer.headers };
}

/** Of our own; LiteLLM's calls take what theirs take. */
const own = (): ApiRoute[] => api.routes.filter(({ path }) => path.startsWith('/api/'));
const shown = ({ method, path }: ApiRoute): string => `${method} ${path}`;
const placed = ({ path }: ApiRoute): string => path.replace(/\{\w+\}/g, '1');
/** A slip of a finger. */
const mistyped = (name: string): string => `${name.slice(0, -1)}${name.at(-1) === 'x' ? 'y' : 'x'}`;
/** Prices are looked up by the names that are asked for: no list. */
const listed = ({ method, operation, answer }: ApiRoute): boolean =>
  method === 'GET' && operation !== 'get-prices' && answer.schema?.properties?.['items'] !== undefined;

/** Objects that are made, and a body for one of them by its name. */
const OBJECTS: Readonly<Record<string, (name: string) => object>> = {
  organizations: (name) => ({ name }),
  teams: (name) => ({ name }),
  users: (name) => ({ name }),
  customers: (name) => ({ name }),
  projects: (name) => ({ name }),
  keys: (name) => ({ name }),
  limits: (name) => ({ name, requests: '5/s' }),
  budgets: (name) => ({ name, amountUsd: 5 }),
  providers: (name) => ({ name, baseUrl: 'https://example.com/v1' }),
  'provider-keys': (name) => ({ provider: 'file', alias: name, value: 'sk-0123456789abcdef' }),
  models: (name) => ({ name, targets: ['file/m'] }),
  admins: (name) => ({ name, role: 'viewer' }),
  tokens: (name) => ({ name }),
};

it('a body with a field that nobody knows is a 400 with the nearest name', async () => {
  let asked = 0;
  for (const route of own()) {
    // A GET and a DELETE say nothing in a body; of the open ones one ends once somebody administers.
    if (route.method === 'GET' || route.method === 'DELETE' || route.operation === 'set-up') continue;
    // Only a key may call them: it is refused before it is read.
    if (route.access === 'self') continue;
    const [name] = Object.keys(route.body?.properties ?? {});
    const field = name === undefined ? 'anything' : mistyped(name);
    const { status, body } = await call(route.method, placed(route), { [field]: 1 });
    expect({ route: shown(route), status, code: body.error?.code }).toEqual({
      route: shown(route),
      status: 400,
      code: 'unknown_field',
    });
    if (name !== undefined && name.length > 3)
      expect(body.error.message, shown(route)).toContain(`\`${name}\``);
    asked += 1;
  }
  expect(asked).toBeGreaterThan(45);
});

it('a parameter that nobody knows is a 400 with the nearest name', async () => {
  let asked = 0;
  for (const route of own()) {
    if (route.foreignQuery === true || route.access === 'self' || route.access === 'open') continue;
    const [name] = Object.keys(route.query ?? {});
    const parameter = name === undefined ? 'anything' : mistyped(name);
    // Whatever else it would need is missing: the query is looked at before anything is done.
    const sent = route.body === undefined || route.method === 'GET' ? undefined : needed(route);
    if (sent === null) continue;
    const { status, body } = await call(route.method, `${placed(route)}?${parameter}=1`, sent);
    expect({ route: shown(route), status, code: body.error?.code }).toEqual({
      route: shown(route),
      status: 400,
      code: 'unknown_parameter',
    });
    if (name !== undefined && name.length > 3)
      expect(body.error.message, shown(route)).toContain(`\`${name}\``);
    asked += 1;
  }
  expect(asked).toBeGreaterThan(90);
});

/** A body that is let through; null = it would take more than this test knows. */
function needed({ path, method, body }: ApiRoute): unknown {
  if (method === 'PATCH' || (body?.required ?? []).length === 0) return {};
  const made = OBJECTS[path.split('/')[2] ?? '']?.('q');
  return path.split('/').length === 3 && made !== undefined ? made : (BODIES[path] ?? null);
}

describe('lists', () => {
  it('all have a filter, and are paged by a cursor unless they are never long', () => {
    const lists = own().filter(listed);
    expect(lists.length).toBeGreaterThan(20);
    const wrong = lists.flatMap(({ path, query = {}, answer }) => {
      const names = Object.keys(query);
      const next = answer.schema?.properties?.['next'];
      const short = next?.description === 'Always null.';
      return [
        ...(names.some((name) => name !== 'cursor' && name !== 'limit') ? [] : [`${path} has no filter`]),
        ...(next === undefined ? [`${path} says no next`] : []),
        ...(short || (names.includes('cursor') && names.includes('limit')) ? [] : [`${path} is not paged`]),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(OBJECTS))(
    '%s: every one stands on one page, whatever comes meanwhile',
    async (plural) => {
      const path = `/api/${plural}`;
      const names = ['page-a', 'page-b', 'page-c'];
      for (const name of names) expect((await call('POST', path, OBJECTS[plural]!(name))).status).toBe(201);
      const seen: string[] = [];
      let cursor: string | null = '';
      for (let pages = 0; cursor !== null && pages < 50; pages++) {
        const page: Answer = await call('GET', `${path}?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
        expect(page.status).toBe(200);
        expect(page.body.items.length).toBeLessThanOrEqual(1);
        seen.push(...page.body.items.map((item: { id: string }) => item.id));
        cursor = page.body.next;
        if (pages === 1) expect((await call('POST', path, OBJECTS[plural]!('page-late'))).status).toBe(201);
      }
      const all = await call('GET', `${path}?limit=500`);
      expect(seen).toEqual(all.body.items.map((item: { id: string }) => item.id));
      expect(new Set(seen).size).toBe(seen.length);
      expect((await call('GET', `${path}?limit=0`)).status).toBe(400);
      expect((await call('GET', `${path}?limit=501`)).status).toBe(400);
    },
  );

  it('a filter leaves out what does not fit', async () => {
    await call('POST', '/api/teams', { name: 'filtered', blocked: true });
    const names = async (path: string): Promise<string[]> =>
      (await call('GET', path)).body.items.map(
        (item: { name?: string; provider?: string }) => item.name ?? item.provider,
      );
    expect(await names('/api/teams?blocked=true')).toEqual(['filtered']);
    expect(await names('/api/teams?prefix=filt')).toEqual(['filtered']);
    expect(await names('/api/lanes?paused=true')).toEqual(['gone']);
    expect(await names('/api/lanes?resting=false')).toEqual(['file']);
    await call('POST', '/api/tokens', { name: 'filtered' });
    const tokens = await call('GET', '/api/tokens?label=filtered');
    expect(tokens.body.items).toMatchObject([{ label: 'filtered' }]);
    const history = await call('GET', '/api/config/history?action=model.create');
    expect(new Set(history.body.items.map((item: { action: string }) => item.action))).toEqual(
      new Set(['model.create']),
    );
    const paged = await call('GET', '/api/config/history?limit=1');
    const rest = await call('GET', `/api/config/history?cursor=${paged.body.next}`);
    expect(rest.body.items[0].version).toBe(paged.body.items[0].version - 1);
    expect((await call('GET', '/api/config/history?by=nobody')).body.items).toEqual([]);
  });
});

describe('ETag and If-Match', () => {
  it.each(Object.keys(OBJECTS).filter((plural) => plural !== 'tokens'))(
    '%s: a change from an older version is a 409 and changes nothing',
    async (plural) => {
      const made = await call('POST', `/api/${plural}`, OBJECTS[plural]!('match'));
      expect(made.headers.get('etag')).toBe('"1"');
      const at = `/api/${plural}/${made.body.id}`;
      expect((await call('GET', at)).headers.get('etag')).toBe('"1"');
      const stale = { 'if-match': '"7"' };
      // Without these, as every kind has something else that may be changed.
      const change = {
        'provider-keys': { weight: 2 },
        providers: { priority: undefined },
        models: { targets: ['file/n'] },
        admins: { email: 'a@example.com' },
        limits: { requests: '6/s' },
        budgets: { amountUsd: 6 },
        keys: { description: 'new' },
      }[plural] ?? { description: 'new' };
      const body = plural === 'providers' ? { baseUrl: 'https://example.com/v2' } : change;
      const refused = await call('PATCH', at, body, stale);
      expect([refused.status, refused.body.error?.code, refused.headers.get('etag')]).toEqual([
        409,
        'version_conflict',
        '"1"',
      ]);
      expect((await call('DELETE', at, undefined, stale)).body.error?.code).toBe('version_conflict');
      expect((await call('GET', at)).body).toMatchObject({ version: 1 });
      const changed = await call('PATCH', at, body, { 'if-match': '"1"' });
      expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
      expect((await call('PATCH', at, body, { 'if-match': 'nonsense' })).status).toBe(400);
      expect((await call('DELETE', at, undefined, { 'if-match': '"1"' })).status).toBe(409);
      expect((await call('DELETE', at, undefined, { 'if-match': '"2"' })).status).toBe(204);
      expect((await call('GET', at)).status).toBe(404);
    },
  );

  it('what else is done to an object asks for it, too', async () => {
    const stale = { 'if-match': '"7"' };
    const key = (await call('POST', '/api/keys', { name: 'verbs' })).body;
    for (const [verb, body] of [
      ['rotate', {}],
      ['block', {}],
      ['unblock', {}],
      ['credit', { amountUsd: 1 }],
    ] as const)
      expect((await call('POST', `/api/keys/${key.id}/${verb}`, body, stale)).body.error?.code, verb).toBe(
        'version_conflict',
      );
    const token = (await call('POST', '/api/tokens', { name: 'verbs' })).body;
    expect((await call('DELETE', `/api/tokens/${token.id}`, undefined, stale)).status).toBe(409);
    expect((await call('DELETE', `/api/tokens/${token.id}`, undefined, { 'if-match': '"1"' })).status).toBe(
      204,
    );
    const admin = (await call('POST', '/api/admins', { name: 'verbs', role: 'viewer' })).body;
    expect(
      (await call('PUT', `/api/admins/${admin.id}/password`, { password: 'correct horse battery' }, stale))
        .status,
    ).toBe(409);
    expect((await call('DELETE', `/api/admins/${admin.id}/totp`, undefined, stale)).status).toBe(409);
    const apply = await call('POST', '/api/config/apply', { config: {} }, { 'if-match': '"999"' });
    expect(apply.body.error?.code).toBe('version_conflict');
    expect((await call('POST', '/api/config/rollback', { version: 1 }, { 'if-match': '"999"' })).status).toBe(
      409,
    );
  });
});

/** Bodies of every POST that needs one and makes no object of the table above. */
const BODIES: Readonly<Record<string, object>> = {
  '/api/keys/{id}/credit': { amountUsd: 1 },
  '/api/teams/{id}/credit': { amountUsd: 1 },
  '/api/users/{id}/credit': { amountUsd: 1 },
  '/api/customers/{id}/credit': { amountUsd: 1 },
  '/api/projects/{id}/credit': { amountUsd: 1 },
  '/api/organizations/{id}/credit': { amountUsd: 1 },
  '/api/config/validate': { config: {} },
  '/api/config/diff': { config: {} },
  '/api/config/apply': { config: {} },
  '/api/config/rollback': { version: 0 },
  '/api/admins/{id}/password': { password: 'correct horse battery' },
};

/** Why a POST is not asked: it needs what this test has not, and goes through the same place as all others. */
const NOT_ASKED = new Set([
  'log-out', // of a session
  'begin-totp',
  'confirm-totp',
  'remove-totp',
  'fetch-key', // nothing waits
  'fetch-own-key', // of a key
  'export-logs-to-storage', // no storage
]);

it('a POST with an Idempotency-Key is done once, and another body under it is refused', async () => {
  let asked = 0;
  for (const plural of ['keys', 'teams', 'users', 'customers', 'projects', 'organizations'])
    await call('POST', `/api/${plural}`, OBJECTS[plural]!('once'));
  await call('POST', '/api/models', OBJECTS['models']!('once'));
  for (const route of own()) {
    if (route.method !== 'POST' || route.access === 'open' || route.access === 'self') continue;
    if (NOT_ASKED.has(route.operation)) continue;
    const noun = route.path.split('/')[2] ?? '';
    const path = route.path.replace('{id}', ['providers', 'lanes'].includes(noun) ? 'file' : 'once');
    const objects = OBJECTS[noun];
    const made = route.path === `/api/${noun}` && objects !== undefined;
    // What others need is their own tests' to know; they go through the same place.
    if (!made && BODIES[route.path] === undefined && (route.body?.required ?? []).length > 0) continue;
    const body =
      BODIES[route.path] ?? (route.path === `/api/${noun}` && objects !== undefined ? objects('idem') : {});
    const key = { 'idempotency-key': `key ${shown(route)}`.replaceAll(' ', '_') };
    const first = await call('POST', path, body, key);
    // Nothing of its kind is here; enough others are.
    if (first.status === 404) continue;
    expect(first.status, `${shown(route)}: ${JSON.stringify(first.body)}`).toBeLessThan(300);
    const second = await call('POST', path, body, key);
    expect([second.status, second.headers.get('idempotency-replayed')], shown(route)).toEqual([
      first.status,
      'true',
    ]);
    expect(second.body).toEqual(first.body);
    const other = await call('POST', path, { ...body, description: 'other' }, key);
    // Another body is looked at first where its schema does not know it.
    expect([400, 422], shown(route)).toContain(other.status);
    asked += 1;
  }
  expect(asked).toBeGreaterThan(30);
  const mine = await call('POST', '/api/teams', { name: 'of-two' }, { 'idempotency-key': 'two' });
  expect(
    (await call('POST', '/api/teams', { name: 'of-two-others' }, { 'idempotency-key': 'two' })).status,
  ).toBe(422);
  expect(mine.status).toBe(201);
  expect((await call('POST', '/api/teams', { name: 'x' }, { 'idempotency-key': 'a b' })).status).toBe(400);
});
