// Machines that enrol by themselves: by a login at a provider of ours that says what the test wants, and by a certificate.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EdgeEnrolment } from '../../src/contracts/admin.ts';
import { type ForgingProvider, startForgingProvider } from '../../tests/kit/openid-provider.ts';
import { startTestApi, type TestApi } from './api.fixture.ts';

const CLIENT = 'machines';
let provider: ForgingProvider;
let api: TestApi;

beforeAll(async () => {
  provider = await startForgingProvider(CLIENT);
});
afterAll(() => provider.close());
afterEach(() => api.close());

const enrolment = (more: Partial<EdgeEnrolment> = {}): EdgeEnrolment => ({
  oidc: {
    issuer: provider.issuer,
    clientId: CLIENT,
    clientSecret: null,
    scopes: ['openid', 'email'],
    claims: { name: 'preferred_username', email: 'email', roles: 'groups', teams: null },
  },
  certificates: false,
  team: null,
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by what is expected of them
type Body = any;

async function post(
  path: string,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Body }> {
  const answer = await fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

describe('by a login', () => {
  beforeEach(async () => {
    provider.device = { error: 'authorization_pending' };
    provider.token = () => ({ claims: { sub: 'u1', email: 'ada@example.com', email_verified: true } });
    api = await startTestApi({ enrolment: enrolment() });
  });

  it('a machine waits until the person has said yes, and gets a key that is pending', async () => {
    const { body: begun } = await post('/api/edge/enrol/login');
    expect(begun).toEqual({
      deviceCode: `device-${CLIENT}`,
      userCode: 'BDWP-HQPK',
      verificationUri: `${provider.issuer}/activate`,
      verificationUriComplete: `${provider.issuer}/activate?user_code=BDWP-HQPK`,
      expiresInSeconds: 60,
      intervalSeconds: expect.any(Number) as number,
    });
    const asked = { deviceCode: begun.deviceCode, name: 'ada-laptop', platform: 'darwin-arm64' };
    expect((await post('/api/edge/enrol', asked)).body).toEqual({ enrolled: false, slower: false });
    provider.device = { error: 'slow_down' };
    expect((await post('/api/edge/enrol', asked)).body).toEqual({ enrolled: false, slower: true });
    provider.device = null;
    await api.store.commit(
      [
        {
          op: 'create',
          kind: 'user',
          id: 'user_1',
          name: 'ada-user',
          lookup: null,
          data: { email: 'ada@example.com' },
        },
      ],
      null,
    );
    const { status, body } = await post('/api/edge/enrol', asked);
    expect([status, body.enrolled, body.name, body.state]).toEqual([200, true, 'ada-laptop', 'pending']);
    const orders = await fetch(`${api.url}/api/edge/self`, {
      headers: { authorization: `Bearer ${body.credential}` },
    });
    expect(await orders.json()).toMatchObject({ device: { id: body.id }, decision: 'allow' });
    const device = await api.store.get('device', body.id);
    expect(device?.data).toMatchObject({
      person: 'ada@example.com',
      subject: `oidc:${provider.issuer}#u1`,
      user: 'user_1',
    });
    expect((await api.store.get('key', String(device?.data['key'])))?.data).toMatchObject({
      user: 'user_1',
      tags: ['edge'],
    });
    // Once more is the same device.
    expect((await post('/api/edge/enrol', asked)).body.id).toBe(body.id);
  });

  it.each([
    ['that the person refuses', { device: { error: 'access_denied' } }],
    ['that is over', { device: { error: 'expired_token' } }],
    ['with a token that the provider did not sign', { device: null, foreignKey: true }],
    ['with a token for somebody else', { device: null, claims: { aud: 'other' } }],
    ['with a token of another issuer', { device: null, claims: { iss: 'https://evil.example' } }],
    ['with a token that is over', { device: null, claims: { exp: 1 } }],
  ])('a login %s gives no key', async (_words, { device, foreignKey = false, claims = {} }: Body) => {
    provider.device = device;
    provider.token = () => ({ claims: { sub: 'u1', ...claims }, foreignKey });
    const asked = { deviceCode: `device-${CLIENT}`, name: 'x' };
    expect(await post('/api/edge/enrol', asked)).toMatchObject({
      status: 403,
      body: { error: { code: 'login_refused' } },
    });
    expect(await api.store.count('device')).toBe(0);
    const { items } = await api.store.audit({ limit: 10, action: 'device.enrol' });
    expect(items).toMatchObject([{ outcome: 'denied' }]);
  });

  it('is slowed down for an address that begins many', async () => {
    let last = 200;
    for (let tries = 0; tries < 40 && last === 200; tries++)
      last = (await post('/api/edge/enrol/login')).status;
    expect(last).toBe(429);
  });
});

describe('by a certificate', () => {
  it('is taken where it is said to be, from a worker alone', async () => {
    api = await startTestApi({ enrolment: enrolment({ oidc: null, certificates: true }) });
    const shown = { 'x-headgate-certificate': `${'ab'.repeat(32)} build%20farm` };
    // Whoever calls the listener of the admin API itself may write what it likes.
    expect(await post('/api/edge/enrol', { name: 'farm-1' }, shown)).toMatchObject({
      status: 403,
      body: { error: { code: 'no_proof' } },
    });
    expect(await post('/api/edge/enrol/login')).toMatchObject({
      status: 409,
      body: { error: { code: 'no_login' } },
    });
    const answer = await fetch(`${api.workersUrl}/api/edge/enrol`, {
      method: 'POST',
      headers: { ...shown, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'farm-1' }),
    });
    const { id, enrolled } = (await answer.json()) as Body;
    expect(enrolled).toBe(true);
    expect((await api.store.get('device', id))?.data).toMatchObject({
      person: 'build farm',
      subject: `certificate:${'ab'.repeat(32)}`,
    });
  });

  it('into the team that the configuration names, which has to be there', async () => {
    api = await startTestApi({ enrolment: enrolment({ team: 'laptops' }) });
    provider.device = null;
    provider.token = () => ({ claims: { sub: 'u2' } });
    const asked = { deviceCode: `device-${CLIENT}`, name: 'x' };
    expect((await post('/api/edge/enrol', asked)).body.error.code).toBe('unknown_team');
    await api.store.commit(
      [{ op: 'create', kind: 'team', id: 'team_1', name: 'laptops', lookup: null, data: {} }],
      null,
    );
    const { body } = await post('/api/edge/enrol', asked);
    expect((await api.store.get('device', body.id))?.data['team']).toBe('team_1');
  });
});
