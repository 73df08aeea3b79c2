import { describe, expect, it } from 'vitest';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { PROVIDERS } from '../providers/registry.ts';
import type { SharedNumbers } from './build-context.ts';
import {
  DEFAULT_BREAKER,
  DEFAULT_CONNECTIONS,
  DEFAULT_COOLDOWN,
  DEFAULT_LANE,
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUTS,
} from './schema/defaults.ts';
import { showPath } from './path.ts';
import { buildProviders } from './providers.ts';
import type { ProviderEntry } from './schema/provider.ts';

const SHARED: SharedNumbers = {
  lane: { ...DEFAULT_LANE, queue: null },
  timeouts: DEFAULT_TIMEOUTS,
  retries: DEFAULT_RETRIES,
  cooldown: DEFAULT_COOLDOWN,
  breaker: DEFAULT_BREAKER,
  connections: DEFAULT_CONNECTIONS,
};

function build(entries: Record<string, ProviderEntry | null>, env: Record<string, string> = {}) {
  const faults: string[] = [];
  const notes: string[] = [];
  const { providers, names } = buildProviders(entries, SHARED, {
    env,
    folder: '/nowhere',
    records: PROVIDERS,
    sound: () => true,
    report: (path, message) => void faults.push(`${showPath(path)}: ${message}`),
    reportEnv: (name, message) => void faults.push(`${name}: ${message}`),
    note: (text) => void notes.push(text),
    secret: () => {},
  });
  return { providers, names: [...names], faults, notes, first: providers[0] as ProviderConfig };
}

const CUSTOM: ProviderEntry = { dialect: 'openai-chat', baseUrl: 'http://127.0.0.1:9001/v1' };

describe('providers from the environment', () => {
  it.each(
    PROVIDERS.filter((record) => record.keyEnv.length > 0).map((record) => [record.name, record] as const),
  )('%s is on when its key is there', (name, record) => {
    const parts = (record.parts ?? []).filter(({ fallback }) => fallback === undefined);
    const env = Object.fromEntries(parts.map(({ name: part, env }) => [env[0]!, `my-${part}`]));
    const { providers, faults } = build({}, { ...env, [record.keyEnv[0]!]: 'sk-of-the-vendor' });
    expect(faults).toEqual([]);
    expect(providers).toHaveLength(1);
    expect(providers[0]).toMatchObject({
      name,
      kind: 'http',
      vendor: name,
      speaks: record.speaks.map(({ dialect, auth }) => ({ dialect, auth })),
      keys: [{ value: 'sk-of-the-vendor', weight: 1, models: [], alias: 'key-1' }],
      modelsDeclared: false,
    });
  });

  it('come after those of the file, in the order of the registry', () => {
    const env = { HF_TOKEN: 'hf-1', ANTHROPIC_API_KEY: 'sk-2', OPENAI_API_KEY: 'sk-3' };
    expect(build({ local: CUSTOM, anthropic: null }, env).providers.map((entry) => entry.name)).toEqual([
      'local',
      'anthropic',
      'openai',
      'huggingface',
    ]);
  });

  it('are off when their variable is empty or the file says so; then the demo stands in', () => {
    expect(build({}, { OPENAI_API_KEY: '' }).names).toEqual(['demo']);
    const off = build({ openai: { enabled: false } }, { OPENAI_API_KEY: 'sk-1' });
    expect(off.names).toEqual(['demo']);
    expect(off.notes).toContain('provider openai: off (enabled: false)');
  });

  it('with a key that cannot travel in a header are refused', () => {
    expect(build({}, { OPENAI_API_KEY: 'sk-1\n' }).faults).toEqual([
      'OPENAI_API_KEY: the key contains a line break',
    ]);
    expect(build({}, { OPENAI_API_KEY: 'sk 1' }).faults).toEqual([
      'OPENAI_API_KEY: the key contains white space',
    ]);
    expect(build({}, { OPENAI_API_KEY: 'sk-ü' }).faults[0]).toMatch(/cannot stand in a header/);
  });

  it('serve what their record says at their own address, and nobody knows what at another', () => {
    const env = { GROQ_API_KEY: 'gsk-1' };
    expect(build({}, env).first.endpoints).toHaveProperty('transcription');
    expect(build({ groq: { baseUrl: 'https://api.groq.com/openai/v1' } }, env).first.endpoints).toBeDefined();
    expect(build({ groq: { baseUrl: 'http://proxy:1/v1' } }, env).first).not.toHaveProperty('endpoints');
  });

  it('take another base URL from HEADGATE_<NAME>_BASE_URL, which also beats the file', () => {
    const env = { OPENAI_API_KEY: 'sk-1', HEADGATE_OPENAI_BASE_URL: 'http://proxy:1/v1/' };
    expect(build({}, env).first.baseUrl).toBe('http://proxy:1/v1');
    expect(build({ openai: { baseUrl: 'http://file/v1' } }, env).first.baseUrl).toBe('http://proxy:1/v1');
    expect(build({}, { ...env, HEADGATE_OPENAI_BASE_URL: 'proxy:1' }).faults[0]).toMatch(
      /^HEADGATE_OPENAI_BASE_URL: a base URL must begin with/,
    );
  });

  it('of this machine are on by their base URL alone, without a key', () => {
    const { first } = build({}, { HEADGATE_OLLAMA_BASE_URL: 'http://127.0.0.1:11434/v1' });
    expect(first).toMatchObject({
      name: 'ollama',
      speaks: [
        { dialect: 'openai-chat', path: '/v1', auth: { kind: 'none' } },
        { dialect: 'openai-responses', path: '/v1', auth: { kind: 'none' } },
        { dialect: 'anthropic', path: '', auth: { kind: 'none' } },
      ],
      baseUrl: 'http://127.0.0.1:11434',
      keys: [],
      models: ['*'],
    });
    const without = build({}, { HEADGATE_GROQ_BASE_URL: 'http://h/v1' });
    expect(without.names).toEqual(['demo']);
    expect(without.notes[0]).toBe('HEADGATE_GROQ_BASE_URL is ignored: groq has no key (GROQ_API_KEY)');
  });
});

describe('a known provider in the file', () => {
  it('falls back to the key of its variable', () => {
    const { first, faults } = build({ openai: { lane: { concurrency: 3 } } }, { OPENAI_API_KEY: 'sk-1' });
    expect(faults).toEqual([]);
    expect(first).toMatchObject({ keys: [{ value: 'sk-1' }], lane: { concurrency: 3, queue: 9 } });
  });

  it('without any key is refused, unless it was said to take none', () => {
    expect(build({ openai: null }).faults).toEqual([
      'providers.openai: no key: set OPENAI_API_KEY, or state `keys` (or `auth: none` if it takes none)',
    ]);
    expect(build({ openai: { auth: 'none', baseUrl: 'http://h/v1' } })).toMatchObject({
      faults: [],
      first: { speaks: [{ auth: { kind: 'none' } }, { auth: { kind: 'none' } }], keys: [] },
    });
  });

  it('that is local needs nothing, and sends a key if it has one', () => {
    expect(build({ vllm: null })).toMatchObject({
      faults: [],
      first: { speaks: Array(3).fill({ auth: { kind: 'none' } }) },
    });
    expect(build({ vllm: { keys: ['token'] } }).first).toMatchObject({
      speaks: Array(3).fill({ auth: { kind: 'bearer' } }),
    });
  });

  it('in its other dialect needs the base URL of that', () => {
    const keys = ['sk-1'];
    expect(build({ groq: { dialect: 'anthropic', keys } }).faults[0]).toMatch(/also needs its `baseUrl`/);
    const baseUrl = 'https://api.deepseek.com/anthropic';
    expect(build({ deepseek: { dialect: 'anthropic', baseUrl, keys } })).toMatchObject({
      faults: [],
      first: { baseUrl, speaks: [{ path: '', auth: { kind: 'header', name: 'x-api-key' } }] },
    });
    expect(build({ deepseek: { dialect: 'anthropic', keys } })).toMatchObject({
      faults: [],
      first: { baseUrl: 'https://api.deepseek.com', speaks: [{ path: '/anthropic' }] },
    });
  });
});

describe('a custom provider', () => {
  it('without keys sends none; with keys as its dialect does; by another header if told', () => {
    expect(build({ a: CUSTOM }).first).toMatchObject({
      speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'none' } }],
      models: ['*'],
      modelsDeclared: false,
      quirks: { streamUsage: true, legacyMaxTokens: true },
    });
    expect(build({ a: { ...CUSTOM, keys: ['k'] } }).first.speaks[0]?.auth).toEqual({ kind: 'bearer' });
    expect(build({ a: { ...CUSTOM, dialect: 'anthropic', keys: ['k'] } }).first.speaks[0]?.auth).toEqual({
      kind: 'header',
      name: 'x-api-key',
    });
    expect(
      build({ a: { ...CUSTOM, keys: ['k'], auth: { header: 'API-Key' } } }).first.speaks[0]?.auth,
    ).toEqual({
      kind: 'header',
      name: 'api-key',
    });
  });

  it('may speak several dialects, the preferred one first, each with its own path and way to send the key', () => {
    const { first, faults } = build({
      a: { ...CUSTOM, dialect: ['openai-chat', 'anthropic'], paths: { 'openai-chat': '/v1/' }, keys: ['k'] },
    });
    expect(faults).toEqual([]);
    expect(first.speaks).toEqual([
      { dialect: 'openai-chat', path: '/v1', auth: { kind: 'bearer' } },
      { dialect: 'anthropic', path: '', auth: { kind: 'header', name: 'x-api-key' } },
    ]);
    const stated = build({
      a: { ...CUSTOM, dialect: ['openai-chat', 'anthropic'], keys: ['k'], auth: 'bearer' },
    }).first;
    expect(stated.speaks.map(({ auth }) => auth)).toEqual([{ kind: 'bearer' }, { kind: 'bearer' }]);
  });

  it.each<[string, string, ProviderEntry, string]>([
    [
      'no base URL',
      'a',
      { dialect: 'anthropic' },
      'providers.a: not a provider Headgate knows, so it also needs `baseUrl`',
    ],
    [
      'the name of a route',
      'v1',
      CUSTOM,
      'providers.v1: `v1` is the name of a route and cannot name a provider',
    ],
    [
      'a relative base URL',
      'a',
      { ...CUSTOM, baseUrl: '/v1' },
      'providers.a.baseUrl: expected a base URL such as http://127.0.0.1:8000/v1, got other text',
    ],
    [
      'another scheme',
      'a',
      { ...CUSTOM, baseUrl: 'file:///etc' },
      'providers.a.baseUrl: a base URL must begin with http:// or https://',
    ],
    [
      'a password in it',
      'a',
      { ...CUSTOM, baseUrl: 'http://u:p@h/v1' },
      'providers.a.baseUrl: a base URL must not contain a user name or password',
    ],
    [
      'a fragment in it',
      'a',
      { ...CUSTOM, baseUrl: 'http://h/v1#key' },
      'providers.a.baseUrl: a base URL must have no fragment',
    ],
    [
      'a line break in it',
      'a',
      { ...CUSTOM, baseUrl: 'http://h/\nv1' },
      'providers.a.baseUrl: expected a base URL such as http://127.0.0.1:8000/v1, got text with white space or a backslash',
    ],
    [
      'auth but no keys',
      'a',
      { ...CUSTOM, auth: 'bearer' },
      'providers.a.auth: a way to send a key, but no `keys`',
    ],
    [
      'keys but no auth',
      'a',
      { ...CUSTOM, auth: 'none', keys: ['k'] },
      'providers.a.auth: `none` does not go together with `keys`',
    ],
    [
      'a framing header',
      'a',
      { ...CUSTOM, headers: { 'Content-Length': '1' } },
      'providers.a.headers.Content-Length: the gateway sets this header itself',
    ],
    [
      'the key as a header',
      'a',
      { ...CUSTOM, keys: ['k'], headers: { Authorization: 'x' } },
      'providers.a.headers.Authorization: this header carries the key; use `keys`',
    ],
    [
      'a header in two spellings',
      'a',
      { ...CUSTOM, headers: { 'X-A': '1', 'x-a': '2' } },
      'providers.a.headers.x-a: this header stands twice',
    ],
    [
      'a broken key',
      'a',
      { ...CUSTOM, keys: ['ok', { value: 'a\r\nb' }] },
      'providers.a.keys[1].value: the key contains a line break',
    ],
    [
      'one alias for two keys',
      'a',
      { ...CUSTOM, keys: ['x', { value: 'y', alias: 'key-1' }] },
      'providers.a.keys[1]: two keys of this provider are called `key-1`',
    ],
  ])('with %s is refused', (_, name, entry, expected) => {
    expect(build({ [name]: entry }).faults).toEqual([expected]);
  });

  it('of the anthropic dialect with /v1 is taken, with a note', () => {
    const { faults, notes } = build({ a: { dialect: 'anthropic', baseUrl: 'http://h/v1/' } });
    expect(faults).toEqual([]);
    expect(notes[0]).toMatch(/goes without \/v1/);
  });
});

describe('the demo', () => {
  it('may be asked for beside others', () => {
    const { providers } = build({ demo: { lane: { concurrency: 2 } }, a: CUSTOM });
    expect(providers.map((entry) => [entry.name, entry.kind])).toEqual([
      ['demo', 'demo'],
      ['a', 'http'],
    ]);
  });

  it('is an ordinary name for a provider with a base URL', () => {
    expect(build({ demo: CUSTOM }).first.kind).toBe('http');
  });
});
