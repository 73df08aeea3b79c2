// Tokens against an issuer's real keys over a real socket: good, forged, rotated, and an issuer that is slow or away.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildHolder } from '../config/holders.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { CallerGroups } from '../contracts/holder.ts';
import type { Principal } from '../contracts/principal.ts';
import type { TokenIssuer } from '../contracts/token-issuer.ts';
import type { TokenVerifier } from '../contracts/token-verifier.ts';
import { principalOf } from '../governance/principal.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { createTokenVerifier } from './tokens.ts';

const ISSUER = 'https://sso.example';
let first: { publicKey: CryptoKey; privateKey: CryptoKey };
let second: { publicKey: CryptoKey; privateKey: CryptoKey };
beforeAll(async () => {
  first = await generateKeyPair('ES256');
  second = await generateKeyPair('ES256');
});

let server: Server;
let answer: (response: ServerResponse) => void;
let asked: number;
let faults: (string | null)[] = [];
const clock = { time: 1_000, wallTime: 1_800_000_000_000, now: () => clock.time, wall: () => clock.wallTime };

async function jwks(...pairs: [kid: string, key: CryptoKey][]): Promise<string> {
  const keys = await Promise.all(
    pairs.map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid, alg: 'ES256' })),
  );
  return JSON.stringify({ keys });
}

beforeEach(async () => {
  asked = 0;
  faults = [];
  clock.time = 1_000;
  clock.wallTime = 1_800_000_000_000;
  const text = await jwks(['k1', first.publicKey]);
  answer = (response) => void response.end(text);
  server = createServer((_, response) => {
    asked++;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const groups: CallerGroups = { teams: { blue: { organization: 'acme', models: ['gpt-*'] } } };

function verifier(change: Partial<TokenIssuer> = {}, keys: readonly Principal[] = []): TokenVerifier {
  const { port } = server.address() as AddressInfo;
  const issuer: TokenIssuer = {
    name: 'sso',
    issuer: ISSUER,
    audiences: ['gate'],
    jwksUrl: `http://127.0.0.1:${port}/jwks`,
    algorithms: ['ES256', 'RS256'],
    claims: { name: 'sub', team: 'org.team', tags: 'groups' },
    leewayMs: 0,
    policy: {},
    ...change,
  };
  // One that asks beside a call may hear of it when its test is over.
  const heard = faults;
  const known = new IssuerKeys(issuer.jwksUrl, clock, (fault) => heard.push(fault));
  return createTokenVerifier([issuer], {
    clock,
    keys: () => known,
    holderOf(said, policy) {
      let whole = true;
      const holder = buildHolder({ ...policy, ...said }, groups, [], { report: () => void (whole = false) });
      return whole ? holder : null;
    },
    named: (name) => keys.find((key) => key.name === name) ?? null,
  });
}

/** `undefined`: the claim is not there. */
type Claims = { [claim in keyof JWTPayload]?: JWTPayload[claim] | undefined };

function tokenOf(
  claims: Claims = {},
  kid = 'k1',
  key: CryptoKey | Uint8Array = first.privateKey,
  alg = 'ES256',
) {
  const seconds = clock.wallTime / 1_000;
  // JSON leaves out what is undefined.
  const payload = { iss: ISSUER, aud: 'gate', sub: 'ada', exp: seconds + 60, ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(payload)) as JWTPayload)
    .setProtectedHeader({ alg, kid })
    .sign(key);
}

async function outcome(tokens: TokenVerifier, token: string): Promise<string> {
  const result = await tokens.verify(token);
  return result instanceof GatewayError ? `${result.status} ${result.code}` : result.name;
}

describe('a token', () => {
  it('tells who its holder is, and is found again without another signature', async () => {
    const tokens = verifier();
    const token = await tokenOf({ org: { team: 'blue' }, groups: ['dev', 7, 'x y'] });
    expect(tokens.claims(token)).toBe(true);
    expect(tokens.known(token)).toBeNull();
    const principal = await tokens.verify(token);
    expect(principal).toMatchObject({ name: 'sso:ada', team: 'blue', organization: 'acme', tags: ['dev'] });
    expect(tokens.known(token)).toBe(principal);
    expect((principal as Principal).permits?.mayUse('o3', 'openai', 'o3')).toBe(false);
    // The next token of the same holder is the same caller to limits.
    const next = await tokenOf({ org: { team: 'blue' }, groups: ['dev'], jti: 'another' });
    expect(await tokens.verify(next)).toBe(principal);
    expect(asked).toBe(1);
  });

  it('holds until it expires, also where it is remembered', async () => {
    const tokens = verifier();
    const token = await tokenOf();
    await tokens.verify(token);
    clock.wallTime += 60_000;
    expect(tokens.known(token)).toBeNull();
    expect(await outcome(tokens, token)).toBe('401 GW_CLIENT_KEY_EXPIRED');
  });

  it.each<[string, Claims]>([
    ['for somebody else', { aud: 'other' }],
    ['for nobody', { aud: [] }],
    ['that never expires', { exp: undefined }],
    ['not of now yet', { nbf: 1_800_000_100 }],
  ])('%s is refused', async (_, claims) => {
    expect(await outcome(verifier(), await tokenOf(claims))).toBe('401 GW_CLIENT_AUTH');
  });

  it('that is forged, unsigned, or signed with what everybody knows is refused', async () => {
    const tokens = verifier();
    expect(await outcome(tokens, await tokenOf({}, 'k1', second.privateKey))).toBe('401 GW_CLIENT_AUTH');
    const secret = new TextEncoder().encode(await jwks(['k1', first.publicKey]));
    expect(await outcome(tokens, await tokenOf({}, 'k1', secret, 'HS256'))).toBe('401 GW_CLIENT_AUTH');
    const [, payload] = (await tokenOf()).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: 'k1' })).toString('base64url');
    expect(await outcome(tokens, `${none}.${payload}.`)).toBe('401 GW_CLIENT_AUTH');
    expect(tokens.known(`${none}.${payload}.`)).toBeNull();
  });

  it('of another issuer, or that is none, is not ours to verify', async () => {
    const tokens = verifier();
    expect(tokens.claims(await tokenOf({ iss: `${ISSUER}/` }))).toBe(false);
    for (const text of ['', 'eyJ', 'eyJ.eyJ.x', 'eyJhIjox', `eyJ.${'a'.repeat(20_000)}.b`])
      expect(tokens.claims(text)).toBe(false);
    expect(await outcome(tokens, 'eyJ.e30.x')).toBe('401 GW_CLIENT_AUTH');
  });

  it('A06: that shares all but its end with a good one is another one', async () => {
    const tokens = verifier();
    const token = await tokenOf();
    await tokens.verify(token);
    const other = `${token.slice(0, -1)}${token.endsWith('A') ? 'Q' : 'A'}`;
    expect(tokens.known(other)).toBeNull();
    expect(await outcome(tokens, other)).toBe('401 GW_CLIENT_AUTH');
  });

  it('may name a key, whose holder it then is, or a team that is there', async () => {
    const app = principalOf({ name: 'app' });
    const tokens = verifier({ claims: { key: 'client' } }, [app]);
    expect(await tokens.verify(await tokenOf({ client: 'app' }))).toBe(app);
    expect(await outcome(tokens, await tokenOf({ client: 'other' }))).toBe('403 GW_CLIENT_FORBIDDEN');
    expect(await outcome(tokens, await tokenOf())).toBe('403 GW_CLIENT_FORBIDDEN');
    expect(await outcome(verifier(), await tokenOf({ org: { team: 'red' } }))).toBe(
      '403 GW_CLIENT_FORBIDDEN',
    );
  });
});

describe('a token that names a key', () => {
  it('stands for what the key is when it is shown: blocked, with other limits, or gone', async () => {
    const keys = [principalOf({ name: 'app' })];
    const tokens = verifier({ claims: { key: 'client' } }, keys);
    const token = await tokenOf({ client: 'app' });
    expect(await tokens.verify(token)).toBe(keys[0]);
    expect(tokens.known(token)).toBe(keys[0]);
    const own = { version: 2, limits: [{ requests: '1/min' }] };
    keys[0] = principalOf({ name: 'app', blocked: true, own });
    expect(tokens.known(token)).toBe(keys[0]);
    keys.length = 0;
    expect(tokens.known(token)).toBeNull();
    expect(await outcome(tokens, token)).toBe('403 GW_CLIENT_FORBIDDEN');
  });
});

describe('the keys of an issuer', () => {
  it('are asked for again when a token names a new one, but not with every made-up name', async () => {
    const tokens = verifier();
    await tokens.verify(await tokenOf());
    const rotated = await jwks(['k1', first.publicKey], ['k2', second.publicKey]);
    answer = (response) => void response.end(rotated);
    clock.time += 20_000;
    expect(await outcome(tokens, await tokenOf({}, 'k2', second.privateKey))).toBe('sso:ada');
    expect(asked).toBe(2);
    for (let at = 0; at < 20; at++)
      expect(await outcome(tokens, await tokenOf({}, `made-up-${at}`))).toBe('401 GW_CLIENT_AUTH');
    expect(asked).toBe(2);
  });

  it('stay known while the issuer is away, and nobody waits for the fresh ones', async () => {
    const tokens = verifier();
    await tokens.verify(await tokenOf());
    answer = (response) => void response.destroy();
    clock.time += 3_600_000;
    expect(await outcome(tokens, await tokenOf({ jti: '2' }))).toBe('sso:ada');
    expect(await outcome(tokens, await tokenOf({ jti: '3' }))).toBe('sso:ada');
    expect(asked).toBeLessThanOrEqual(2);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['refuses', (response) => void response.writeHead(503).end()],
    [
      'leads elsewhere',
      (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['answers with a page', (response) => void response.end('<html>')],
    ['answers with something else', (response) => void response.end('{"keys":5}')],
    ['breaks off', (response) => void response.destroy()],
    ['does not stop', (response) => void response.end('x'.repeat(600_000))],
  ])('are not known from the start where it %s: 503, not 401', async (_, how) => {
    answer = how;
    const tokens = verifier();
    const result = await tokens.verify(await tokenOf());
    expect(result).toMatchObject({ code: 'GW_CALLER_UNKNOWN', status: 503, retryAfterMs: 2_000 });
    expect(faults).toHaveLength(1);
    expect(faults[0]).not.toBeNull();
    // Once it is back they are read, without a restart.
    const text = await jwks(['k1', first.publicKey]);
    answer = (response) => void response.end(text);
    clock.time += 10_000;
    expect(await outcome(tokens, await tokenOf())).toBe('sso:ada');
  });

  it('are asked for once, however many tokens wait for them', async () => {
    const waiting: ServerResponse[] = [];
    answer = (response) => void waiting.push(response);
    const tokens = verifier();
    const all = Promise.all([1, 2, 3].map(async (at) => outcome(tokens, await tokenOf({ jti: String(at) }))));
    const text = await jwks(['k1', first.publicKey]);
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const response of waiting) response.end(text);
    expect(await all).toEqual(['sso:ada', 'sso:ada', 'sso:ada']);
    expect(asked).toBe(1);
  });
});
