// What keys and tokens may do, through a real gateway: each refusal in its client's own dialect, lists that show what may be
// used, addresses that only a known proxy may state, and limits that the keys of a team share.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { call, chatBody, chatPath } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';

const pair = await generateKeyPair('ES256');
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }] });
const issuer: Server = createServer((_, response) => void response.end(jwks));
await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
afterAll(() => void issuer.close());

const keyOf = (name: string): string => `${name}-key-0123456789abcdef`;
const key = (name: string, more: object) => ({ name, value: keyOf(name), ...more });

const harness = useGateway(
  {
    open: true,
    server: { trustedProxies: ['127.0.0.0/8', '::1'] },
    models: { fast: { targets: ['an/m-an', 'oa/m-oa'] } },
    rest: {
      auth: {
        keys: [
          key('only-oa', { providers: ['oa'] }),
          key('one-model', { models: ['m-oa'] }),
          key('but-one', { models: ['*', '!oa/m-secret'] }),
          key('counter', { endpoints: ['token-count'] }),
          key('inside', { ips: ['192.0.2.0/24'] }),
          key('gone', { expiresAt: '2020-01-01' }),
          key('team-a', { team: 'blue' }),
          key('team-b', { team: 'blue' }),
        ],
        jwt: [
          {
            name: 'sso',
            issuer: 'https://sso.example',
            audience: 'gate',
            jwksUrl: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/`,
            providers: ['oa'],
          },
        ],
      },
      teams: { blue: { limits: [{ requests: '2/d', burst: 2 }] } },
    },
  },
  {},
);

const chat = (name: string, model: string, headers: Record<string, string> = {}) =>
  call(harness, chatPath, { key: keyOf(name), body: chatBody(model), headers });

describe('a key', () => {
  it('goes past targets it may not use, and is told of a model it may not in the words of its client', async () => {
    expect((await chat('only-oa', 'fast')).status).toBe(200);
    const openai = await chat('only-oa', 'an/m-an');
    expect(openai.status).toBe(403);
    expect(JSON.parse(openai.text)).toMatchObject({ error: { type: 'permission_error', param: 'model' } });
    const anthropic = await call(harness, '/v1/messages', {
      key: keyOf('only-oa'),
      body: { model: 'an/m-an', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] },
    });
    expect(anthropic.status).toBe(403);
    expect(JSON.parse(anthropic.text)).toMatchObject({ type: 'error', error: { type: 'permission_error' } });
  });

  it('that denies a model reaches it by no request that names none, or names it elsewhere', async () => {
    const ask = (path: string, body: object) => call(harness, path, { key: keyOf('but-one'), body });
    const told = async (asked: ReturnType<typeof ask>) => {
      const { status, text } = await asked;
      return [status, (JSON.parse(text) as { error?: { param?: string } }).error?.param];
    };
    const chatOf = (more: object) => ask(chatPath, { ...chatBody('oa/m-oa'), ...more });
    expect(await told(chatOf({}))).toEqual([200, undefined]);
    expect(await told(chatOf({ models: ['m-oa', 'm-secret'] }))).toEqual([403, 'models[1]']);
    expect(await told(chatOf({ tools: [{ type: 'x', model: 'm-secret' }] }))).toEqual([
      403,
      'tools[0].model',
    ]);
    expect(await told(ask(chatPath, chatBody('oa/M-SECRET')))).toEqual([403, 'model']);
    const before = harness.mock.requests.length;
    const forwarded = await ask('/passthrough/oa/v1/chat/completions', chatBody('m-secret'));
    expect([forwarded.status, forwarded.text]).toEqual([403, expect.stringContaining('every model')]);
    expect(harness.mock.requests).toHaveLength(before);
    expect((await call(harness, '/passthrough/oa/v1/models', { key: keyOf('but-one') })).status).toBe(200);
  });

  it('sees the models it may use', async () => {
    const ids = async (name: string): Promise<string[]> => {
      const { text } = await call(harness, '/v1/models', { key: keyOf(name) });
      return (JSON.parse(text) as { data: { id: string }[] }).data.map(({ id }) => id);
    };
    expect(await ids('team-a')).toContain('fast');
    expect(await ids('one-model')).toEqual(['fast']);
    expect((await call(harness, '/v1/models/an%2Fm-an', { key: keyOf('one-model') })).status).toBe(404);
  });

  it('that expired, or is for another endpoint, is refused', async () => {
    const codes = await Promise.all([chat('gone', 'oa/m'), chat('counter', 'oa/m')]);
    expect(codes.map(({ status }) => status)).toEqual([401, 403]);
  });

  it('of a network is let in from there as a known proxy says it, and from nowhere else', async () => {
    const from = async (address: string) =>
      (await chat('inside', 'oa/m', { 'x-forwarded-for': address })).status;
    expect([await from('192.0.2.7'), await from('203.0.113.7')]).toEqual([200, 403]);
    expect(await from('192.0.2.7, 203.0.113.7')).toBe(403);
    expect((await chat('inside', 'oa/m')).status).toBe(403);
  });

  it('shares the limits of its team with the other keys of it', async () => {
    const statuses = [];
    for (const name of ['team-a', 'team-b', 'team-a', 'team-b'])
      statuses.push((await chat(name, 'oa/m')).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  });
});

describe('a token', () => {
  const tokenOf = (audience: string) =>
    new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer('https://sso.example')
      .setAudience(audience)
      .setExpirationTime('5m')
      .sign(pair.privateKey);

  it('is taken for a key, verified once, and held to what its issuer may', async () => {
    const token = await tokenOf('gate');
    const ask = (model: string) => call(harness, chatPath, { key: token, body: chatBody(model) });
    expect([(await ask('oa/m')).status, (await ask('oa/m')).status, (await ask('an/m')).status]).toEqual([
      200, 200, 403,
    ]);
    expect((await call(harness, '/v1/models', { key: await tokenOf('gate') })).status).toBe(200);
    expect(
      (await call(harness, chatPath, { key: await tokenOf('other'), body: chatBody('oa/m') })).status,
    ).toBe(401);
    expect((await call(harness, '/v1/models', { key: await tokenOf('other') })).status).toBe(401);
  });
});
