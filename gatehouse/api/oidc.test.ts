// Logins at an OpenID provider: a real one for the way there and back, one that forges for what must be refused.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OidcConfig } from '../../src/contracts/admin.ts';
import {
  type Account,
  type ForgingProvider,
  startForgingProvider,
  startRealProvider,
} from '../../tests/kit/openid-provider.ts';
import { createLoginStates } from '../who/login-state.ts';
import { startTestApi, type TestApi } from './api.fixture.ts';

const CLIENT = { id: 'headgate', secret: 'a secret of the client' };

const config = (issuer: string, over: Partial<OidcConfig> = {}): OidcConfig => ({
  issuer,
  clientId: CLIENT.id,
  clientSecret: CLIENT.secret,
  // What browsers see in front of the gateway; the test's browser knows that it is the API's own address.
  url: 'http://gate.test',
  label: 'Our SSO',
  scopes: ['openid', 'profile', 'email'],
  claims: { name: 'preferred_username', email: 'email', roles: 'groups', teams: null },
  grants: [],
  defaultRole: null,
  users: 'create',
  only: false,
  ...over,
});

/** A browser that keeps cookies by host and follows redirects; the gateway is `http://gate.test`. */
class Browser {
  readonly #api: TestApi;
  readonly #jar = new Map<string, Map<string, string>>();

  constructor(api: TestApi) {
    this.#api = api;
  }

  /** @returns the first answer that is no redirect to another address, or leads to the page. */
  async open(address: string): Promise<{ status: number; location: string; cookies: string[] }> {
    let at = new URL(address, 'http://gate.test');
    for (let step = 0; step < 12; step++) {
      const real = at.origin === 'http://gate.test' ? new URL(at.pathname + at.search, this.#api.url) : at;
      const jar = this.#jar.get(at.origin) ?? new Map<string, string>();
      this.#jar.set(at.origin, jar);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(real, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
      const cookies = answer.headers.getSetCookie();
      for (const set of cookies) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
        if (/max-age=0|expires=thu, 01 jan 1970/i.test(set)) jar.delete(name!);
        else jar.set(name!, value!);
      }
      await answer.arrayBuffer();
      const location = answer.headers.get('location');
      if (location === null) return { status: answer.status, location: at.href, cookies };
      const next = new URL(location, at);
      if (next.pathname.startsWith('/ui')) return { status: answer.status, location, cookies };
      at = next;
    }
    throw new Error('redirected for ever');
  }

  cookie(name: string): string | undefined {
    return this.#jar.get('http://gate.test')?.get(name);
  }

  async session(): Promise<{ status: number; admin: Record<string, unknown> }> {
    const cookie = `headgate_session=${this.cookie('headgate_session') ?? ''}`;
    const answer = await fetch(`${this.#api.url}/api/session`, { headers: { cookie } });
    const { admin = {} } = (await answer.json()) as { admin?: Record<string, unknown> };
    return { status: answer.status, admin };
  }
}

const logins = async (api: TestApi) => (await api.store.audit({ action: 'login', limit: 5 })).items;

describe('with a provider as people run one', () => {
  const ada: Account = {
    sub: 'ada-1',
    preferred_username: 'ada.l',
    email: 'ada@example.com',
    email_verified: true,
    groups: ['staff', 'platform'],
  };
  let provider: Awaited<ReturnType<typeof startRealProvider>>;
  const opened: TestApi[] = [];

  const open = async (over: Partial<OidcConfig> = {}): Promise<TestApi> => {
    const api = await startTestApi({ oidc: config(provider.issuer, over) });
    opened.push(api);
    return api;
  };
  beforeAll(async () => {
    provider = await startRealProvider(CLIENT, 'http://gate.test/api/login/oidc/callback');
  });
  beforeEach(() => {
    provider.account = ada;
  });
  afterAll(async () => {
    for (const api of opened) await api.close();
    await provider.close();
  });

  it('makes an administrator of whom a grant fits, and changes the role with the grant', async () => {
    const api = await open({
      grants: [
        { value: 'plat*', role: 'admin', teams: [] },
        { value: 'staff', role: 'viewer', teams: [] },
      ],
    });
    const methods = await (await fetch(`${api.url}/api/login/methods`)).json();
    expect(methods).toEqual({ password: true, oidc: { label: 'Our SSO', url: '/api/login/oidc' } });
    const browser = new Browser(api);
    const end = await browser.open('/api/login/oidc?return=/ui/keys%3Fteam=a');
    expect(end).toMatchObject({ status: 303, location: '/ui/keys?team=a' });
    expect(end.cookies[0]).toMatch(/^headgate_session=.*HttpOnly; SameSite=Strict/);
    const { admin } = await browser.session();
    const subject = `${provider.issuer}#ada-1`;
    expect(admin).toMatchObject({ name: 'ada.l', role: 'admin', email: 'ada@example.com', subject });
    expect((await logins(api))[0]).toMatchObject({
      outcome: 'success',
      target: `admin/${String(admin['id'])}`,
      after: { by: 'oidc', role: 'admin' },
    });

    provider.account = { ...ada, preferred_username: 'renamed', groups: ['staff'] };
    const again = new Browser(api);
    await again.open('/api/login/oidc');
    expect((await again.session()).admin).toMatchObject({ id: admin['id'], name: 'ada.l', role: 'viewer' });

    provider.account = { ...ada, groups: [] };
    const out = await new Browser(api).open('/api/login/oidc');
    expect(out.location).toBe('/ui/?login=sso_no_role');
    expect((await logins(api))[0]).toMatchObject({
      outcome: 'denied',
      target: `admin/${String(admin['id'])}`,
    });
  });

  it('gives a team-admin the teams of its grants and of its claim, as far as there are any', async () => {
    const api = await open({
      claims: { name: 'preferred_username', email: 'email', roles: 'realm_access.roles', teams: 'groups' },
      grants: [{ value: 'leads', role: 'team-admin', teams: ['red'] }],
    });
    for (const name of ['red', 'blue'])
      await api.store.commit(
        [{ op: 'create', kind: 'team', id: `team_${name}`, name, lookup: null, data: {} }],
        null,
      );
    provider.account = { ...ada, groups: ['blue', 'gone'], realm_access: { roles: ['leads'] } };
    const browser = new Browser(api);
    await browser.open('/api/login/oidc');
    expect((await browser.session()).admin).toMatchObject({
      role: 'team-admin',
      teams: ['team_red', 'team_blue'],
    });
  });

  it('links an administrator that there is by a verified address, once, and never by a name', async () => {
    const api = await open({ users: 'known' });
    const made = [
      { id: 'adm_2', name: 'lovelace', data: { role: 'editor', email: 'ada@example.com' } },
      { id: 'adm_3', name: 'eve', data: { role: 'admin' } },
    ];
    for (const { id, name, data } of made)
      await api.store.commit([{ op: 'create', kind: 'admin', id, name, lookup: null, data }], null);
    provider.account = { ...ada, email_verified: false };
    expect((await new Browser(api).open('/api/login/oidc')).location).toBe('/ui/?login=sso_unknown_user');
    provider.account = ada;
    const browser = new Browser(api);
    await browser.open('/api/login/oidc');
    expect((await browser.session()).admin).toMatchObject({ id: 'adm_2', role: 'editor' });
    provider.account = { sub: 'other', email: 'ada@example.com', email_verified: true };
    expect((await new Browser(api).open('/api/login/oidc')).location).toBe('/ui/?login=sso_unknown_user');
    provider.account = { sub: 'eve-2', preferred_username: 'eve' };
    expect((await new Browser(api).open('/api/login/oidc')).location).toBe('/ui/?login=sso_unknown_user');
  });

  it('does not become somebody who has the same name, and does not let in who is blocked', async () => {
    const api = await open({ defaultRole: 'viewer' });
    provider.account = { sub: 'thief', preferred_username: 'ada' };
    expect((await new Browser(api).open('/api/login/oidc')).location).toBe('/ui/?login=sso_name_taken');
    provider.account = ada;
    const browser = new Browser(api);
    await browser.open('/api/login/oidc');
    const { admin } = await browser.session();
    const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ blocked: true });
    await fetch(`${api.url}/api/admins/${String(admin['id'])}`, { method: 'PATCH', headers, body });
    expect((await new Browser(api).open('/api/login/oidc')).location).toBe('/ui/?login=sso_blocked');
    expect((await browser.session()).status).toBe(401);
  });

  it('tells who cancels that they were refused, and takes no password where there is to be none', async () => {
    const api = await open({ only: true });
    provider.account = null;
    expect((await new Browser(api).open('/api/login/oidc')).location).toBe('/ui/?login=sso_refused');
    const answer = await fetch(`${api.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ada', password: 'correct horse battery' }),
    });
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      403,
      'passwords_off',
    ]);
  });

  it('ends the set-up tokens with the first who may do everything', async () => {
    const api = await open({ defaultRole: 'admin' });
    await api.store.commit(
      [{ op: 'create', kind: 'token', id: 'tok_s', name: 'tok_s', lookup: 'l', data: { setup: true } }],
      null,
    );
    await new Browser(api).open('/api/login/oidc');
    expect(await api.store.get('token', 'tok_s')).toBeNull();
  });
});

describe('with a provider that lies', () => {
  let provider: ForgingProvider;
  let api: TestApi;

  beforeAll(async () => {
    provider = await startForgingProvider(CLIENT.id);
    api = await startTestApi({ oidc: config(provider.issuer, { defaultRole: 'viewer' }) });
  });
  afterAll(async () => {
    await api.close();
    await provider.close();
  });

  /** As far as the provider. */
  async function begin() {
    const answer = await fetch(`${api.url}/api/login/oidc`, { redirect: 'manual' });
    const query = new URL(answer.headers.get('location')!).searchParams;
    const set = answer.headers.get('set-cookie')!;
    expect(set).toMatch(/Path=\/api\/login\/oidc; HttpOnly; SameSite=Lax; Max-Age=600/);
    return { query, cookie: set.split(';')[0]!, state: query.get('state')!, nonce: query.get('nonce')! };
  }
  async function end(cookie: string, query: Record<string, string>) {
    const answer = await fetch(`${api.url}/api/login/oidc/callback?${new URLSearchParams(query)}`, {
      redirect: 'manual',
      headers: { cookie },
    });
    return { location: answer.headers.get('location'), cookies: answer.headers.getSetCookie().join('\n') };
  }

  it('asks with a challenge whose proof it sends, and takes parameters it does not know', async () => {
    provider.token = (nonce) => ({ claims: { nonce } });
    const { query, cookie, state, nonce } = await begin();
    expect(Object.fromEntries(query)).toMatchObject({ response_type: 'code', code_challenge_method: 'S256' });
    const done = await end(cookie, { code: nonce, state, session_state: 'x', authuser: '0' });
    expect(done.location).toBe('/ui/');
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(provider.verifiers.at(-1)!));
    expect(Buffer.from(digest).toString('base64url')).toBe(query.get('code_challenge'));
    expect(cookie).not.toContain(provider.verifiers.at(-1)!);
  });

  it.each<[string, (nonce: string) => ReturnType<ForgingProvider['token']>]>([
    ['another audience', (nonce) => ({ claims: { nonce, aud: 'somebody-else' } })],
    [
      'one of several audiences, made for another',
      (nonce) => ({ claims: { nonce, aud: [CLIENT.id, 'x'], azp: 'x' } }),
    ],
    ['another issuer', (nonce) => ({ claims: { nonce, iss: 'https://elsewhere.example' } })],
    [
      'a token that has expired',
      (nonce) => ({ claims: { nonce, exp: Math.floor(Date.now() / 1_000) - 120 } }),
    ],
    ['another nonce', () => ({ claims: { nonce: 'of-another-login' } })],
    ['no nonce', () => ({ claims: {} })],
    ['a key that is not its own', (nonce) => ({ claims: { nonce }, foreignKey: true })],
    ['no subject', (nonce) => ({ claims: { nonce, sub: '' } })],
  ])('refuses %s', async (_what, token) => {
    provider.token = token;
    const { cookie, state, nonce } = await begin();
    const { location, cookies } = await end(cookie, { code: nonce, state });
    expect(location).toBe('/ui/?login=sso_invalid');
    expect(cookies).not.toContain('headgate_session');
    expect((await logins(api))[0]).toMatchObject({
      outcome: 'denied',
      reason: expect.stringMatching(/^oidc: /),
    });
  });

  it('refuses a code that the provider refuses', async () => {
    provider.token = () => null;
    const { cookie, state, nonce } = await begin();
    expect((await end(cookie, { code: nonce, state })).location).toBe('/ui/?login=sso_refused');
  });

  it('refuses what did not begin in this browser: another state, no cookie, one that was altered or signed by others', async () => {
    provider.token = (nonce) => ({ claims: { nonce } });
    const mine = await begin();
    const other = await begin();
    const forged = createLoginStates({
      key: Buffer.alloc(32, 1),
      randomBytes: (size) => Buffer.alloc(size, 2),
      now: () => Date.now(),
    }).begin('/ui/');
    const [name, value] = mine.cookie.split('=') as [string, string];
    const parts = value.split('.');
    const later = [parts[0], String(Date.now() + 9e9), ...parts.slice(2)].join('.');
    const elsewhere = [
      parts[0],
      parts[1],
      Buffer.from('//evil.example').toString('base64url'),
      parts[3],
    ].join('.');
    for (const [cookie, state] of [
      [mine.cookie, other.state],
      ['', mine.state],
      [`${name}=${later}`, mine.state],
      [`${name}=${elsewhere}`, mine.state],
      [`headgate_login=${forged.cookie}`, forged.login.state],
    ] as const) {
      const { location, cookies } = await end(cookie, { code: mine.nonce, state });
      expect(location).toBe('/ui/?login=sso_expired');
      expect(cookies).not.toContain('headgate_session');
    }
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/ui/..//evil.example',
    '/ui//evil.example',
    '/uix',
    '/ui/\tx',
    '/ui/?next=//evil.example',
    'javascript:alert(1)',
  ])('goes nowhere but to its own page: %s', async (place) => {
    const answer = await fetch(`${api.url}/api/login/oidc?return=${encodeURIComponent(place)}`, {
      redirect: 'manual',
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  it('says so where the provider cannot be asked', async () => {
    const away = await startForgingProvider(CLIENT.id);
    const gate = await startTestApi({ oidc: config(away.issuer) });
    await away.close();
    const answer = await fetch(`${gate.url}/api/login/oidc`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe('/ui/?login=sso_unavailable');
    await gate.close();
  });

  it('begins a login although an old session of the browser is over', async () => {
    const cookie = 'headgate_session=of-another-time';
    const answer = await fetch(`${api.url}/api/login/oidc`, { redirect: 'manual', headers: { cookie } });
    expect(answer.status).toBe(302);
    const login = await fetch(`${api.url}/api/login`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'nobody', password: 'wrong' }),
    });
    expect(((await login.json()) as { error: { code: string } }).error.code).toBe('wrong_credentials');
  });
});
