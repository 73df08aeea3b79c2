// How connections to a provider come about, as the configuration says it: proxy, certificates, the query of a base URL.
import { describe, expect, it } from 'vitest';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { CERT, KEY } from '../upstream/tls-pair.fixture.ts';
import { shownBaseUrl } from './base-url.ts';
import type { SharedNumbers } from './build-context.ts';
import {
  DEFAULT_BREAKER,
  DEFAULT_CONNECTIONS,
  DEFAULT_COOLDOWN,
  DEFAULT_LANE,
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUTS,
} from './schema/defaults.ts';
import { buildDns } from './dns.ts';
import { showPath } from './path.ts';
import { buildProvider } from './provider.ts';
import type { ProviderEntry } from './schema/provider.ts';

const SHARED: SharedNumbers = {
  lane: { ...DEFAULT_LANE, queue: null },
  timeouts: DEFAULT_TIMEOUTS,
  retries: DEFAULT_RETRIES,
  cooldown: DEFAULT_COOLDOWN,
  breaker: DEFAULT_BREAKER,
  connections: DEFAULT_CONNECTIONS,
};

function contextOf(env: Record<string, string> = {}) {
  const faults: string[] = [];
  const notes: string[] = [];
  const secrets: string[] = [];
  return {
    faults,
    notes,
    secrets,
    env,
    folder: '/nowhere',
    records: PROVIDERS,
    sound: () => true,
    report: (path: readonly (string | number)[], message: string) =>
      void faults.push(`${showPath([...path])}: ${message}`),
    reportEnv: (name: string, message: string) => void faults.push(`${name}: ${message}`),
    note: (text: string) => void notes.push(text),
    secret: (value: string) => void secrets.push(value),
  };
}

function build(entry: Partial<ProviderEntry>, env: Record<string, string> = {}) {
  const context = contextOf(env);
  const stated = { dialect: 'openai-chat', baseUrl: 'https://api.example.com/v1', ...entry } as ProviderEntry;
  const built = buildProvider('a', stated, SHARED, context) as ProviderConfig;
  return { ...context, built };
}

describe('the proxy of the environment', () => {
  it.each<[variable: string, base: string, used: boolean]>([
    ['HTTPS_PROXY', 'https://api.example.com', true],
    ['https_proxy', 'https://api.example.com', true],
    ['HTTP_PROXY', 'https://api.example.com', false],
    ['HTTP_PROXY', 'http://api.example.com', true],
    ['http_proxy', 'http://api.example.com', true],
    ['HTTPS_PROXY', 'http://api.example.com', false],
    ['ALL_PROXY', 'http://api.example.com', true],
    ['all_proxy', 'https://api.example.com', true],
    ['HTTP_PROXY', 'http://localhost:8000', false],
    ['HTTP_PROXY', 'http://llm.localhost', false],
    ['HTTP_PROXY', 'http://127.0.0.2', false],
    ['HTTPS_PROXY', 'https://[::1]', false],
  ])('%s on the way to %s: %s', (variable, baseUrl, used) => {
    const { built, notes, faults } = build({ baseUrl }, { [variable]: 'http://proxy.test:3128' });
    expect(faults).toEqual([]);
    expect(built.proxy).toBe(used ? 'http://proxy.test:3128' : undefined);
    expect(notes).toEqual(used ? [`provider a: through the proxy proxy.test:3128, by ${variable}`] : []);
  });

  it('is not used where NO_PROXY names the host, in either case', () => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const env = { HTTPS_PROXY: 'http://proxy.test:3128', [name]: 'other.test,example.com' };
      expect(build({}, env).built.proxy).toBeUndefined();
    }
  });

  it('in lower case counts before upper case, and may go without a scheme', () => {
    const env = { https_proxy: 'proxy.test:3128', HTTPS_PROXY: 'http://other.test' };
    expect(build({}, env).built.proxy).toBe('http://proxy.test:3128');
  });

  it('that cannot be used is a problem where it would be, with a way out, and never repeated', () => {
    const env = { HTTPS_PROXY: 'socks5://me:s3cret@proxy.test' };
    const { faults, built } = build({}, env);
    expect(faults).toEqual([
      'HTTPS_PROXY: SOCKS proxies are not supported, only http:// and https:// (or state `proxy: false` for provider a)',
    ]);
    expect(built.proxy).toBeUndefined();
    expect(build({ proxy: false }, env).faults).toEqual([]);
    expect(build({ baseUrl: 'http://127.0.0.1' }, { HTTP_PROXY: 'nonsense://' }).faults).toEqual([]);
  });
});

describe('the proxy a provider states', () => {
  it('counts before the environment, for hosts of this machine too, and its password is a secret', () => {
    const proxy = 'https://me:p%40ss@proxy.test:8443/';
    const env = { HTTP_PROXY: 'http://other.test', NO_PROXY: '*' };
    const { built, faults, secrets } = build({ baseUrl: 'http://localhost:8000', proxy }, env);
    expect(faults).toEqual([]);
    expect(built.proxy).toBe('https://me:p%40ss@proxy.test:8443');
    expect(secrets).toEqual(['p%40ss', 'p@ss']);
  });

  it('may be none', () => {
    expect(build({ proxy: false }, { HTTPS_PROXY: 'http://proxy.test' }).built.proxy).toBeUndefined();
  });

  it.each<[ProviderEntry['proxy'], string]>([
    [true, 'providers.a.proxy: expected the URL of a proxy, or `false` for none, got `true`'],
    ['ftp://proxy.test', 'providers.a.proxy: the URL of a proxy must begin with http:// or https://'],
    [
      'http://proxy.test/path',
      'providers.a.proxy: expected the URL of a proxy such as http://proxy.example:3128: no path, query or fragment',
    ],
    [
      'http://me:%zz@proxy.test',
      'providers.a.proxy: a % in user or password of the proxy must be written %25',
    ],
    [
      'http://',
      'providers.a.proxy: expected the URL of a proxy such as http://proxy.example:3128, got other text',
    ],
  ])('as %j is a problem', (proxy, fault) => {
    expect(build({ proxy } as Partial<ProviderEntry>).faults).toEqual([fault]);
  });
});

describe('the TLS of a provider', () => {
  it('takes authorities, a certificate with its key, and a name', () => {
    const tls = { ca: CERT, cert: CERT, key: KEY, serverName: 'inside.example' };
    const { built, faults, secrets } = build({ tls });
    expect(faults).toEqual([]);
    expect(built.tls).toEqual(tls);
    expect(secrets).toEqual([KEY]);
    expect(build({ tls: {} }).built.tls).toBeUndefined();
  });

  const other = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAQEBAQEBAQEBAQEB
AQEBAQEBAQEBAQEBAQEBAQEBAQGhRANCAARv8DsUNdpZKqY4Yb+VzzYvfCbsYkV2
-----END PRIVATE KEY-----`;
  it.each<[string, NonNullable<ProviderEntry['tls']>, string]>([
    [
      'no certificate',
      { ca: 'text' },
      'tls.ca: expected certificates in PEM, such as `file:/etc/ssl/ca.pem`; there is no certificate in it',
    ],
    [
      'a key for authorities',
      { ca: KEY },
      'tls.ca: expected certificates in PEM and nothing else, got a block that is no certificate',
    ],
    ['a certificate alone', { cert: CERT }, 'tls: a certificate also needs its `key`'],
    ['a key alone', { key: KEY }, 'tls: a key also needs its `cert`'],
    [
      'no key',
      { cert: CERT, key: 'text' },
      'tls.key: expected a private key in PEM, such as `file:/run/secrets/client.key`',
    ],
    [
      'a broken key',
      { cert: CERT, key: other },
      'tls.key: expected a private key in PEM, such as `file:/run/secrets/client.key`',
    ],
    [
      'a key behind a passphrase',
      { cert: CERT, key: '-----BEGIN ENCRYPTED PRIVATE KEY-----' },
      'tls.key: the key is encrypted: state it without a passphrase',
    ],
  ])('with %s is a problem', (_, tls, fault) => {
    expect(build({ tls }).faults).toEqual([`providers.a.${fault}`]);
  });

  it('with the key of another certificate is a problem', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(build({ tls: { cert: CERT, key } }).faults).toEqual([
      'providers.a.tls.key: the key is not that of the certificate',
    ]);
  });

  it('of an http provider is a problem: nothing would be checked', () => {
    expect(build({ baseUrl: 'http://h/v1', tls: { ca: CERT } }).faults).toEqual([
      'providers.a.tls: only an `https` base URL speaks TLS: without it nothing is checked',
    ]);
  });
});

describe('a base URL', () => {
  it.each([
    ['https://x.example/openai/?api-version=2024-10-21', 'https://x.example/openai?api-version=2024-10-21'],
    ['https://x.example/v1//', 'https://x.example/v1'],
    ['https://x.example/v1/?', 'https://x.example/v1'],
    ['https://x.example?a=b/&c=d/', 'https://x.example?a=b/&c=d/'],
  ])('%s is kept as %s', (baseUrl, kept) => {
    const { built, faults } = build({ baseUrl });
    expect(faults).toEqual([]);
    expect(built.baseUrl).toBe(kept);
  });

  it('shows no secret of its query', () => {
    expect(shownBaseUrl('https://h/v1?api-version=1&code=s3cret&Api-Key=k%20k')).toBe(
      'https://h/v1?api-version=1&code=…&Api-Key=…',
    );
  });
});

describe('the storage of batch jobs', () => {
  const pair = { keys: [{ accessKeyId: 'AKIA', secretAccessKey: 's' }] };
  const aws = { dialect: 'bedrock', auth: 'aws', ...pair } as const;
  it.each<[string, Partial<ProviderEntry>, string | undefined]>([
    ['is read by nobody unless that is said', { ...aws }, undefined],
    ['is read by nobody where that is said', { ...aws, batchStorage: false }, undefined],
    [
      'is S3 of the region that is stated',
      { ...aws, region: 'eu-central-1', batchStorage: true },
      'https://s3.eu-central-1.amazonaws.com',
    ],
    [
      'is S3 of the region that its address says',
      { ...aws, baseUrl: 'https://bedrock.eu-west-1.amazonaws.com', batchStorage: true },
      'https://s3.eu-west-1.amazonaws.com',
    ],
    [
      'is where China has it',
      { ...aws, region: 'cn-north-1', batchStorage: true },
      'https://s3.cn-north-1.amazonaws.com.cn',
    ],
    [
      'is where Europe’s own cloud has it',
      { ...aws, region: 'eusc-de-east-1', batchStorage: true },
      'https://s3.eusc-de-east-1.amazonaws.eu',
    ],
    ['is another', { ...aws, batchStorage: 'http://minio:9000/' }, 'http://minio:9000'],
    [
      'is Google’s',
      { ...vertexOf('europe-west4'), batchStorage: true } as Partial<ProviderEntry>,
      'https://storage.googleapis.com',
    ],
  ])('%s', (_what, entry, wanted) => {
    const { built, faults } = build(entry);
    expect(faults).toEqual([]);
    expect(built.batchStorage).toBe(wanted);
  });

  it.each<[string, Partial<ProviderEntry>, string]>([
    [
      'a vendor that keeps its batches itself',
      { keys: ['k'], batchStorage: true },
      'only batch jobs of Bedrock and Vertex AI leave their answers in storage',
    ],
    [
      'no address',
      { ...aws, batchStorage: 'minio' },
      'expected a base URL such as http://127.0.0.1:8000/v1, got other text',
    ],
    [
      'an address with a query',
      { ...aws, batchStorage: 'https://s3.example?a=b' },
      'expected an address without a query',
    ],
  ])('is not %s', (_what, entry, fault) => {
    const { built, faults } = build(entry);
    expect(faults).toEqual([`providers.a.batchStorage: ${fault}`]);
    expect(built.batchStorage).toBeUndefined();
  });
});

/** Under another name, as its record has it. */
function vertexOf(region: string): Partial<ProviderEntry> {
  const baseUrl = `https://${region}-aiplatform.googleapis.com/v1`;
  return { vendor: 'vertex', dialect: ['gemini'], baseUrl, region, project: 'p', keys: ['AIza'] };
}

describe('name servers', () => {
  it('are addresses, with a port or without', () => {
    const servers = ['10.0.0.1', '10.0.0.1:5353', 'fd00::1', '[fd00::1]:53', '[fd00::1]'];
    const context = contextOf();
    expect(buildDns({ servers, timeoutMs: 500 }, context)).toEqual({ servers, timeoutMs: 500 });
    expect(context.faults).toEqual([]);
    expect(buildDns(undefined, context)).toEqual({ servers: [], timeoutMs: 3_000 });
  });

  it('are no names, and have no port that is none', () => {
    const context = contextOf();
    buildDns({ servers: ['dns.example', '10.0.0.1:99999', '[10.0.0.1]:53', '10.0.0.1:0', '1.2.3'] }, context);
    expect(context.faults).toHaveLength(5);
    expect(context.faults[0]).toBe('dns.servers[0]: expected the address of a name server');
  });
});
