import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Credential } from '../contracts/credential.ts';
import { GatewayError, type UpstreamFault } from '../contracts/errors.ts';
import type { RingKey } from '../contracts/lane.ts';
import type { ProviderAuth } from '../contracts/provider.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createUpstreamHeaders } from './upstream-headers.ts';

const anthropic = dialectByName('anthropic');

interface Options {
  change?: Partial<ProviderConfig>;
  auth?: ProviderAuth;
  client?: Record<string, string>;
  stream?: boolean;
  translated?: boolean;
}

function setUp({
  change = {},
  auth = { kind: 'bearer' },
  client = {},
  stream = false,
  ...rest
}: Options = {}) {
  const speaks = [{ dialect: 'anthropic', path: '', auth }] as const;
  const provider = fakeProvider('p', anthropic, { speaks, ...change });
  const { call } = fakeCall('anthropic', { model: 'm', stream }, [provider], client);
  call.translated = rest.translated ?? false;
  const headers = createUpstreamHeaders('1.2.3');
  const key: RingKey = { config: provider.target.provider.keys[0]! };
  const build = (by: RingKey | null = key) => headers.build(call, provider.target, by);
  return { headers, target: provider.target, key, build };
}

describe('the request of an upstream', () => {
  test('says what it is, whose and in what form it wants its answer', () => {
    expect(setUp().build()).toEqual({
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'headgate/1.2.3',
      authorization: 'Bearer sk-secret-p',
      ...anthropic.manner.fixedHeaders,
    });
  });

  test('of which all is told does not carry a mask of what Google is to show', () => {
    const { target } = fakeProvider('p', dialectByName('gemini'));
    const built = (rest: string) => {
      const { call } = fakeCall('gemini', {}, [], { 'x-goog-fieldmask': 'uri' }, 'passthrough');
      Object.assign(call, { head: { ...call.head, method: 'POST' }, params: { provider: 'p', rest } });
      return createUpstreamHeaders('1').build(call, target, null);
    };
    expect(built('/v1beta/cachedContents')).not.toHaveProperty('x-goog-fieldmask');
    expect(built('/v1beta/models/m:generateContent')).toHaveProperty('x-goog-fieldmask', 'uri');
  });

  test('asks for events where the call streams', () => {
    expect(setUp({ stream: true }).build()['accept']).toBe('text/event-stream');
  });

  test('carries the key where the provider takes it', () => {
    const own = setUp({ auth: { kind: 'header', name: 'x-api-key' } }).build();
    expect(own).toMatchObject({ 'x-api-key': 'sk-secret-p' });
    expect(own).not.toHaveProperty('authorization');
    const none = setUp({ auth: { kind: 'none' } }).build();
    expect(JSON.stringify(none)).not.toContain('sk-secret');
  });

  test('carries no key where there is none', () => {
    expect(setUp({ change: { keys: [] } }).build(null)).not.toHaveProperty('authorization');
  });

  test('carries what its operator configured, over what the dialect has', () => {
    const [fixed] = Object.keys(anthropic.manner.fixedHeaders);
    const built = setUp({ change: { headers: { [fixed!]: 'mine', 'x-team': 'a' } } }).build();
    expect(built).toMatchObject({ [fixed!]: 'mine', 'x-team': 'a' });
  });
});

describe('a caller’s own credential', () => {
  const client = { 'x-headgate-key': 'hg-mine', authorization: 'Bearer sk-ant-oat-theirs', 'x-api-key': '' };
  const change: Partial<ProviderConfig> = { passthrough: true, keys: [] };
  const auth = { kind: 'none' } as const;

  test('goes to a provider that takes it, and to no other', () => {
    expect(setUp({ client, change, auth }).build(null)['authorization']).toBe('Bearer sk-ant-oat-theirs');
    expect(setUp({ client, change: { keys: [] }, auth }).build(null)).not.toHaveProperty('authorization');
    expect(setUp({ client }).build()['authorization']).toBe('Bearer sk-secret-p');
    expect(JSON.stringify(setUp({ client, change, auth }).build(null))).not.toContain('hg-mine');
  });

  test('stays here without a key beside it, and where the request is not the vendor’s own', () => {
    const alone = { authorization: 'Bearer hg-mine' };
    expect(setUp({ client: alone, change, auth }).build(null)).not.toHaveProperty('authorization');
    expect(setUp({ client, change, auth, translated: true }).build(null)).not.toHaveProperty('authorization');
  });
});

describe('a client’s header', () => {
  test('goes on when it belongs to the dialect, and no other does', () => {
    const client = {
      'anthropic-beta': 'tools-2',
      'anthropic-version': '2024-01-01',
      authorization: 'Bearer key-of-the-client',
      'x-api-key': 'key-of-the-client',
      cookie: 'a=b',
      'x-forwarded-for': '10.0.0.1',
      'x-headgate-timeout-ms': '5',
      accept: '*/*',
    };
    const built = setUp({ client }).build();
    expect(built).toMatchObject({ 'anthropic-beta': 'tools-2', 'anthropic-version': '2024-01-01' });
    expect(JSON.stringify(built)).not.toMatch(/key-of-the-client|a=b|10\.0\.0\.1|headgate-timeout|\*\/\*/);
  });

  test('does not go to another dialect', () => {
    const built = setUp({ client: { 'anthropic-beta': 'tools-2' }, translated: true }).build();
    expect(built).not.toHaveProperty('anthropic-beta');
  });

  test('ends here when its connection header nominates it, however that is written', () => {
    const built = setUp({ client: { 'anthropic-beta': 'x', connection: 'close,  Anthropic-Beta' } }).build();
    expect(built).not.toHaveProperty('anthropic-beta');
  });

  test.each(['a\nb', 'a\rb', 'a\0b', 'a\u007fb'])('with a control character ends here: %j', (value) => {
    expect(setUp({ client: { 'anthropic-beta': value } }).build()).not.toHaveProperty('anthropic-beta');
  });

  test('may hold a tab', () => {
    const built = setUp({ client: { 'anthropic-beta': 'a\tb' } }).build();
    expect(built).toMatchObject({ 'anthropic-beta': 'a\tb' });
  });

  test('that came in parts goes on as one', () => {
    const { headers, target, key } = setUp();
    const { call } = fakeCall('anthropic', { model: 'm' }, []);
    call.head.headers.add('anthropic-beta', 'a');
    call.head.headers.add('anthropic-beta', 'b');
    expect(headers.build(call, target, key)['anthropic-beta']).toBe('a, b');
  });

  test('of one call is in no other call of the same key', () => {
    const { headers, target, key, build } = setUp({ client: { 'anthropic-beta': 'of-one' } });
    expect(build()).toHaveProperty('anthropic-beta');
    const { call } = fakeCall('anthropic', { model: 'm' }, []);
    expect(headers.build(call, target, key)).not.toHaveProperty('anthropic-beta');
  });
});

describe('what is the same for a key', () => {
  test('is built once, apart for streams and for each key', () => {
    const { headers, target, key, build } = setUp();
    const { call: streaming } = fakeCall('anthropic', { model: 'm', stream: true }, []);
    const other: RingKey = { config: { ...key.config, value: 'sk-other' } };
    expect(build()).toBe(build());
    expect(headers.own(target, key)).toBe(build());
    expect(headers.build(streaming, target, key)).not.toBe(build());
    expect(build(other)['authorization']).toBe('Bearer sk-other');
    expect(build()['authorization']).toBe('Bearer sk-secret-p');
  });

  test('is apart for each way in which a provider speaks', () => {
    const provider = makeProvider('two', {
      speaks: [
        { dialect: 'anthropic', path: '/a', auth: { kind: 'header', name: 'x-api-key' } },
        { dialect: 'openai-chat', path: '/o', auth: { kind: 'bearer' } },
      ],
    });
    const headers = createUpstreamHeaders('1');
    const key: RingKey = { config: provider.keys[0]! };
    const [claude, openai] = provider.speaks.map((spoken) =>
      headers.own({ provider, spoken, dialect: dialectByName(spoken.dialect) }, key),
    );
    expect(claude).toHaveProperty('x-api-key');
    expect(openai).toHaveProperty('authorization');
    expect(openai).not.toHaveProperty('anthropic-version');
  });
});

describe('a key that expires', () => {
  const config = { value: 'id-1', credential: { id: 'id-1' }, weight: 1, models: [], alias: 'key-1' };
  const key: RingKey = { config };
  let held: Credential | null = null;
  const refused: string[] = [];
  const headers = createUpstreamHeaders('1.2.3', () => 0, {
    of: () => held,
    refused: (id) => void refused.push(id),
    mask: (bytes) => bytes,
  });
  const bearing = (auth: ProviderAuth) => {
    const provider = makeProvider('p', { speaks: [{ dialect: 'anthropic', path: '', auth }] });
    const target = { provider, spoken: provider.speaks[0]!, dialect: anthropic };
    return () => headers.own(target, key);
  };

  test('sends the token of the moment as Bearer, wherever API keys go', () => {
    for (const auth of [{ kind: 'header', name: 'api-key' }, { kind: 'bearer' }] as const) {
      const own = bearing(auth);
      held = null;
      expect(headers.holds(key)).toBe(false);
      expect(JSON.stringify(own())).not.toContain('id-1');
      held = { id: 'id-1', token: 'token-1', expiresAtMs: null };
      expect(headers.holds(key)).toBe(true);
      expect(own()).toMatchObject({ authorization: 'Bearer token-1' });
      expect(own()).toBe(own());
      expect(own()).not.toHaveProperty('api-key');
      held = { id: 'id-1', token: 'token-2', expiresAtMs: null };
      expect(own()).toMatchObject({ authorization: 'Bearer token-2' });
    }
  });

  test('names the project of Google’s that its calls count in, where it has one', () => {
    const own = bearing({ kind: 'bearer' });
    held = { id: 'id-1', token: 'token-1', quotaProject: 'mine', expiresAtMs: null };
    expect(own()).toMatchObject({ authorization: 'Bearer token-1', 'x-goog-user-project': 'mine' });
    held = { id: 'id-1', token: 'token-2', expiresAtMs: null };
    expect(own()).not.toHaveProperty('x-goog-user-project');
  });

  const gemini = dialectByName('gemini');
  const PAID = 'x-goog-user-project';

  test('is not counted where a client says, and what is stated for the provider is the last word', () => {
    const asked = (change: Partial<ProviderConfig>, client: Record<string, string>) => {
      const { target } = fakeProvider('p', gemini, change);
      const { call } = fakeCall('gemini', { contents: [] }, [], client);
      return headers.build(call, target, key)[PAID];
    };
    held = { id: 'id-1', token: 'token-1', quotaProject: 'mine', expiresAtMs: null };
    expect(asked({}, { [PAID]: 'theirs' })).toBe('mine');
    expect(asked({ headers: { [PAID]: 'stated' } }, { [PAID]: 'theirs' })).toBe('stated');
    held = { id: 'id-1', token: 'token-1', expiresAtMs: null };
    expect(asked({}, { [PAID]: 'theirs' })).toBe('theirs');
  });

  test('is not paid for by the project of another login', () => {
    const asked = (client: Record<string, string>) => {
      const { target } = fakeProvider('p', gemini, { passthrough: true });
      const { call } = fakeCall('gemini', { contents: [] }, [], { 'x-headgate-key': 'hg-mine', ...client });
      return headers.build(call, target, key);
    };
    held = { id: 'id-1', token: 'token-1', quotaProject: 'mine', expiresAtMs: null };
    const own = { authorization: 'Bearer ya29.theirs' };
    expect(asked({})).toMatchObject({ authorization: 'Bearer token-1', [PAID]: 'mine' });
    expect(asked(own)).toMatchObject(own);
    expect(asked(own)).not.toHaveProperty(PAID);
    expect(asked({ ...own, [PAID]: 'theirs' })).toMatchObject({ ...own, [PAID]: 'theirs' });
  });

  test.each([
    [401, null, true],
    [403, 'ExpiredTokenException', true],
    [403, 'AccessDeniedException', false],
    [429, null, false],
  ])('that is refused with %s %s is reported: %s', (status, type, reported) => {
    refused.length = 0;
    const fault = { status, type } as UpstreamFault;
    headers.refused(key, new GatewayError('GW_UPSTREAM_AUTH', { fault }));
    headers.refused(setUp().key, new GatewayError('GW_UPSTREAM_AUTH', { fault }));
    expect(refused).toEqual(reported ? ['id-1'] : []);
  });

  test('signs with the pair of the moment', () => {
    const { target } = setUp({ auth: { kind: 'aws' }, change: { region: 'eu-west-1' } });
    const signed = (accessKeyId: string) => {
      const aws = { accessKeyId, secretAccessKey: 's', sessionToken: `session of ${accessKeyId}` };
      held = { id: 'id-1', aws, expiresAtMs: null };
      return headers.sign({}, target, key, 'POST', '/x', Buffer.alloc(0));
    };
    for (const name of ['ASIA1', 'ASIA2']) {
      const made = signed(name);
      expect(made['authorization']).toContain(`Credential=${name}/`);
      expect(made['x-amz-security-token']).toBe(`session of ${name}`);
    }
  });

  test.each([
    ['https://b.example/aws', true],
    ['https://b.example', false],
  ])('at %s signs a path below the origin as it stands there', (baseUrl, differs) => {
    const { target } = setUp({ auth: { kind: 'aws' }, change: { region: 'eu-west-1', baseUrl } });
    const aws = { accessKeyId: 'AKIA', secretAccessKey: 's' };
    held = { id: 'id-1', aws, expiresAtMs: null };
    const plain = setUp({
      auth: { kind: 'aws' },
      change: { region: 'eu-west-1', baseUrl: 'https://b.example' },
    });
    const signed = (at: typeof target, path: string, fromOrigin: boolean) =>
      headers.sign({}, at, key, 'GET', path, null, fromOrigin)['authorization'];
    expect(signed(target, '/aws/x', true)).toBe(signed(plain.target, '/aws/x', false));
    expect(signed(target, '/x', false) === signed(plain.target, '/x', false)).toBe(!differs);
  });

  test('reads storage by the service and the region of its provider, and as nobody where it has no right there', () => {
    const batchStorage = 'https://s3.example/minio';
    const { target } = setUp({
      auth: { kind: 'aws' },
      change: {
        ...{ region: 'us-east-1', baseUrl: 'https://bedrock.eu-west-1.amazonaws.com', batchStorage },
        headers: { 'x-own': 'of models alone' },
      },
    });
    const asked = () => headers.stored(target.provider, key, '/b/k');
    held = { id: 'id-1', aws: { accessKeyId: 'AKIA', secretAccessKey: 's' }, expiresAtMs: null };
    expect(asked()).toEqual({
      ...{ accept: '*/*', 'accept-encoding': 'identity', 'user-agent': expect.stringContaining('headgate/') },
      'x-amz-date': '19700101T000000Z',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=accept;host;x-amz-content-sha256;x-amz-date, Signature=[\da-f]{64}$/,
      ),
    });
    held = { id: 'id-1', token: 'token-1', quotaProject: 'mine', expiresAtMs: null };
    expect(asked()).toMatchObject({ authorization: 'Bearer token-1', [PAID]: 'mine' });
    held = null;
    expect(asked()).toBeNull();
    // A key that is sent as it is opens models and nothing else.
    expect(headers.stored(target.provider, setUp().key, '/b/k')).toBeNull();
    expect(headers.stored(target.provider, null, '/b/k')).toBeNull();
  });
});
