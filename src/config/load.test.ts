import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_OFFLOAD_BYTES } from '../body/offload-threshold.ts';
import type { Config } from '../contracts/config.ts';
import { openai } from '../providers/openai.ts';
import { DEFAULT_MEDIA_FETCH } from './schema/defaults.ts';
import { type LoadedConfig, loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-load-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const load = (env: Record<string, string> = {}, yaml?: string): LoadedConfig => {
  if (yaml !== undefined) put('headgate.yaml', yaml);
  return loadConfig({ env, cwd: folder, cores: 4 });
};
const problems = (env: Record<string, string> = {}, yaml?: string): readonly string[] => {
  try {
    load(env, yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};
const provider = (config: Config, name: string): Config['providers'][number] => {
  const found = config.providers.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no provider ${name}`);
  return found;
};

/** Word for word the file that the foundation issue promises to work. */
const PROMISED = `server: { port: 8080, workers: 2, maxBodyBytes: 33554432 }
auth: { keys: [env.GATE_KEY] }
providers:
  openai:                               # a known provider: state only what differs
    keys:
      - { value: env.OPENAI_API_KEY, weight: 2, models: [gpt-4o-mini, gpt-4o] }
      - { value: "file:/run/secrets/openai-2" }
    lane: { concurrency: 200, queue: 600, queueTimeoutMs: 5000, onFull: shed }
  local:                                # any name with a dialect and a baseUrl is a custom provider
    dialect: openai-chat
    baseUrl: http://127.0.0.1:9001/v1
    models: ["*"]
    timeouts: { connectMs: 3000, headersMs: 60000, firstTokenMs: 60000, betweenTokensMs: 30000, totalMs: 600000 }
    retries: { max: 2 }
  claude-test: { dialect: anthropic, baseUrl: "http://127.0.0.1:9003", keys: [{ value: sk-x }], models: ["*"] }   # base URLs as the vendor SDKs take them: openai-chat with /v1, anthropic without
models:
  fast: { targets: [openai/gpt-4o-mini, local/llama-3.3-70b] }    # an alias; the order is the fallback order
`;

describe('the promised example', () => {
  it('loads as it stands; only its secret file is moved to where a test may write', () => {
    const secret = put('openai-2', 'sk-from-a-file-0002\n');
    const text = PROMISED.replace('/run/secrets/openai-2', secret);
    const { config, keys, file } = load(
      { GATE_KEY: 'gate-key-of-the-example', OPENAI_API_KEY: 'sk-from-env-0001' },
      text,
    );
    expect(file).toBe(join(folder, 'headgate.yaml'));
    expect(config.server).toMatchObject({
      port: 8080,
      workers: 2,
      maxBodyBytes: 33_554_432,
      maxUploadBytes: 536_870_912,
      host: '0.0.0.0',
    });
    expect(config.auth).toEqual({ anonymous: false });
    expect(keys).toEqual([{ name: 'key-1', value: 'gate-key-of-the-example' }]);
    expect(config.providers.map((entry) => entry.name)).toEqual(['openai', 'local', 'claude-test']);
    expect(provider(config, 'openai')).toEqual({
      name: 'openai',
      vendor: 'openai',
      speaks: [
        { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
        { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
      ],
      baseUrl: 'https://api.openai.com/v1',
      kind: 'http',
      keys: [
        { value: 'sk-from-env-0001', weight: 2, models: ['gpt-4o-mini', 'gpt-4o'], alias: 'key-1' },
        { value: 'sk-from-a-file-0002', weight: 1, models: [], alias: 'key-2' },
      ],
      models: [...openai.modelPatterns],
      modelsDeclared: false,
      headers: {},
      lane: { concurrency: 200, queue: 600, queueTimeoutMs: 5000, onFull: 'shed' },
      timeouts: {
        connectMs: 5000,
        headersMs: 600_000,
        firstTokenMs: 300_000,
        betweenTokensMs: 120_000,
        totalMs: 900_000,
      },
      retries: { max: 2, backoffMs: 500, maxBackoffMs: 8000, maxAttempts: 5 },
      cooldown: { rateLimitMs: 30_000, overloadMs: 5000, maxMs: 86_400_000 },
      breaker: { failures: 5, openMs: 1_000, maxOpenMs: 20_000, slowStartMs: 10_000 },
      connections: { maxAgeMs: 300_000 },
      quirks: {
        streamUsage: true,
        legacyMaxTokens: false,
        keepsResponses: true,
        embeddingInputs: 2048,
      },
      endpoints: openai.endpoints,
    });
    expect(provider(config, 'local')).toMatchObject({
      baseUrl: 'http://127.0.0.1:9001/v1',
      speaks: [{ auth: { kind: 'none' } }],
      keys: [],
      models: ['*'],
      modelsDeclared: true,
      timeouts: {
        connectMs: 3000,
        headersMs: 60_000,
        firstTokenMs: 60_000,
        betweenTokensMs: 30_000,
        totalMs: 600_000,
      },
    });
    expect(provider(config, 'claude-test')).toMatchObject({
      speaks: [{ dialect: 'anthropic', auth: { kind: 'header', name: 'x-api-key' } }],
      keys: [{ value: 'sk-x', weight: 1, models: [], alias: 'key-1' }],
    });
    expect(config.models).toEqual({ fast: { targets: ['openai/gpt-4o-mini', 'local/llama-3.3-70b'] } });
  });

  it('without its secrets names each place and no value', () => {
    put('headgate.yaml', PROMISED);
    const found = problems({});
    expect(found).toContain('headgate.yaml:2:16: auth.keys[0]: environment variable `GATE_KEY` is not set');
    expect(found).toContain(
      'headgate.yaml:6:18: providers.openai.keys[0].value: environment variable `OPENAI_API_KEY` is not set',
    );
  });
});

describe('defaults', () => {
  it('serve a demo on loopback when nothing at all is configured', () => {
    const { config, file, notes } = load();
    expect(file).toBeNull();
    expect(config).toEqual({
      server: {
        port: 8080,
        host: '127.0.0.1',
        workers: 4,
        threads: 1,
        maxUploadBytes: 536_870_912,
        maxBodyBytes: 33_554_432,
        maxEventBytes: 16_777_216,
        maxSocketsPerKey: 1_000,
        maxConnectionsPerAddress: 0,
        receiveBufferBytes: 196_608,
        offloadBytes: DEFAULT_OFFLOAD_BYTES,
        drainTimeoutMs: 300_000,
        preStopMs: 0,
        clientProgressMs: 30_000,
        bodyTimeoutMs: 60_000,
        watchdogMs: 8_000,
        corsOrigins: ['loopback'],
        normaliseText: false,
        chatSocket: { maxConversations: 64, resumeMs: 60_000, maxKeptBytes: 33_554_432, ticketTtlMs: 60_000 },
        heartbeat: {
          intervalMs: 15_000,
          dialects: ['anthropic', 'openai-responses', 'gemini', 'cohere'],
          beforeAnswer: false,
        },
        ietfRateLimit: false,
      },
      log: { level: 'info', access: true, format: 'auto', bodies: [] },
      auth: { anonymous: true },
      timeouts: { routes: {} },
      providers: [
        expect.objectContaining({ name: 'demo', kind: 'demo', models: ['demo', '*'], baseUrl: '', keys: [] }),
      ],
      models: {},
      capabilities: {},
      rescue: { stallMs: 20_000, maxBytes: 262_144 },
      limits: [],
      redis: null,
      responses: {
        store: 'auto',
        ttlMs: 86_400_000,
        maxBytes: 67_108_864,
        unknown: 'refuse',
        maxBackground: 1_000,
      },
      overload: { waitMs: 500, loopDelayMs: 500, memory: 0.85 },
      batches: { poll: true, pollMs: 300_000, maxPollMs: 3_600_000, forMs: 176_400_000 },
      idempotency: { ttlMs: 86_400_000, maxAnswerBytes: 1_048_576, maxBytes: 67_108_864 },
      coalesce: { routes: [], maxAnswerBytes: 4_194_304 },
      dns: { servers: [], timeoutMs: 3000 },
      mediaFetch: DEFAULT_MEDIA_FETCH,
      notes,
    });
    expect(notes.join('\n')).toMatch(/demo/);
  });
});

describe('which file is read', () => {
  it('is the one named, then HEADGATE_CONFIG, then the default names in order', () => {
    const json = put('headgate.json', '{ "server": { "port": 3 } }');
    expect(load().config.server.port).toBe(3);
    put('headgate.yml', 'server: { port: 2 }');
    expect(load().config.server.port).toBe(2);
    const both = load({}, 'server: { port: 1 }');
    expect(both.config.server.port).toBe(1);
    expect(both.notes).toContain('headgate.yml is ignored: headgate.yaml comes first');
    expect(load({ HEADGATE_CONFIG: 'headgate.json' }).file).toBe(json);
    put('other.yaml', 'server: { port: 4 }');
    const named = loadConfig({ env: { HEADGATE_CONFIG: 'headgate.json' }, cwd: folder, file: 'other.yaml' });
    expect(named.config.server.port).toBe(4);
  });

  it('must exist when it was named', () => {
    expect(problems({ HEADGATE_CONFIG: 'absent.yaml' })).toEqual(['absent.yaml: there is no such file']);
  });

  it('may be empty or hold empty sections', () => {
    expect(load({}, '').config.server.port).toBe(8080);
    expect(
      load({ OPENAI_API_KEY: 'sk-1' }, 'server:\nproviders:\n  openai:\nmodels:\n').config.providers,
    ).toHaveLength(1);
  });
});

describe('precedence', () => {
  it('is environment over file over default', () => {
    const yaml = 'server: { port: 1000, threads: 3 }\nlog: { level: warn }';
    const { config } = load({ HEADGATE_PORT: '2000', HEADGATE_ACCESS_LOG: 'off' }, yaml);
    expect(config.server).toMatchObject({ port: 2000, threads: 3, preStopMs: 0 });
    expect(config.log).toEqual({ level: 'warn', access: false, format: 'auto', bodies: [] });
  });

  it('lets a provider state its own lane, clocks and retries over the shared ones of file and environment', () => {
    const yaml = `lane: { concurrency: 10, queueTimeoutMs: 700 }
retries: { max: 4 }
timeouts: { totalMs: 1000 }
providers:
  a: { dialect: openai-chat, baseUrl: "http://h/v1", lane: { concurrency: 5 }, timeouts: { totalMs: 2000 } }
  b: { dialect: openai-chat, baseUrl: "http://h/v1" }`;
    const { config } = load({ HEADGATE_CONCURRENCY: '20', HEADGATE_RETRIES: '0' }, yaml);
    expect(provider(config, 'a').lane).toEqual({
      concurrency: 5,
      queue: 15,
      queueTimeoutMs: 700,
      onFull: 'shed',
    });
    expect(provider(config, 'b').lane).toEqual({
      concurrency: 20,
      queue: 60,
      queueTimeoutMs: 700,
      onFull: 'shed',
    });
    expect(provider(config, 'a')).toMatchObject({
      timeouts: { totalMs: 2000, connectMs: 5000 },
      retries: { max: 0 },
    });
    expect(provider(config, 'b').timeouts.totalMs).toBe(1000);
    expect(load({ HEADGATE_QUEUE: '7' }).config.providers[0]?.lane.queue).toBe(7);
  });

  it('replaces the client keys of the file by those of the environment', () => {
    const { keys } = load(
      { HEADGATE_API_KEYS: 'key-of-the-environment' },
      'auth: { keys: [key-of-the-file] }',
    );
    expect(keys).toEqual([{ name: 'key-1', value: 'key-of-the-environment' }]);
  });
});

describe('routes', () => {
  it('have clocks of their own', () => {
    const { config } = load(
      {},
      'routes: { "/v1/messages": { timeouts: { totalMs: 5 } }, "/v1/chat/completions": {} }',
    );
    expect(config.timeouts.routes).toEqual({ '/v1/messages': { totalMs: 5 } });
  });
});

describe('references', () => {
  it('are followed in both spellings and from files, anywhere text is expected', () => {
    mkdirSync(join(folder, 'sub'));
    put('sub/key', 'sk-second-key-in-file\r\n');
    put(
      'sub/gate.yaml',
      `log: { level: env.LEVEL }
providers:
  a: { dialect: env.DIALECT, baseUrl: os.environ/BASE, models: [env.MODEL], headers: { x-team: env.TEAM }, keys: [os.environ/KEY, "file:key"] }`,
    );
    const env = {
      LEVEL: 'debug',
      DIALECT: 'anthropic',
      BASE: 'http://h',
      MODEL: 'm-*',
      TEAM: 'blue',
      KEY: 'sk-first-key',
    };
    const { config } = loadConfig({ env, cwd: folder, file: 'sub/gate.yaml' });
    expect(config.log.level).toBe('debug');
    expect(provider(config, 'a')).toMatchObject({
      speaks: [{ dialect: 'anthropic' }],
      baseUrl: 'http://h',
      models: ['m-*'],
      headers: { 'x-team': 'blue' },
      keys: [{ value: 'sk-first-key' }, { value: 'sk-second-key-in-file' }],
    });
  });

  it('that lead nowhere name the key path and are one problem each', () => {
    put('empty', '\n');
    put('big', 'x'.repeat(600_000));
    const yaml = `log: { level: env.LEVEL }
providers:
  a:
    dialect: anthropic
    baseUrl: env.BASE
    keys: [env.EMPTY, "file:absent", "file:.", "file:empty", "file:big"]`;
    expect(problems({ EMPTY: '' }, yaml)).toEqual([
      'headgate.yaml:1:15: log.level: environment variable `LEVEL` is not set',
      'headgate.yaml:5:14: providers.a.baseUrl: environment variable `BASE` is not set',
      'headgate.yaml:6:12: providers.a.keys[0]: environment variable `EMPTY` is empty',
      'headgate.yaml:6:23: providers.a.keys[1]: the file it names: there is no such file',
      'headgate.yaml:6:38: providers.a.keys[2]: the file it names: it is a folder, not a file',
      'headgate.yaml:6:48: providers.a.keys[3]: the file it names is empty',
      'headgate.yaml:6:62: providers.a.keys[4]: the file it names is larger than 524288 bytes',
    ]);
  });

  it('in text that only looks like one are left as text', () => {
    const { keys } = load({}, 'auth: { keys: ["env.not-a-name!", "environ/X-abc"] }');
    expect(keys.map((key) => key.value)).toEqual(['env.not-a-name!', 'environ/X-abc']);
  });
});

describe('problems', () => {
  it('of every section are listed at once, in the order of the file, the environment after it', () => {
    const yaml = `server: { prot: 1, workers: many }
providers:
  openai: { lane: { concurency: 3 } }
  opnai: { models: [x] }
  local: { dialect: openai-chat, baseUrl: "ftp://h" }
models:
  fast: { targets: [lokal/x, openai/y] }
bogus: 1`;
    expect(problems({ HEADGATE_PORT: 'abc', HEADGATE_RETRIES: '99' }, yaml)).toEqual([
      'headgate.yaml:1:11: server: unknown key `prot`; did you mean `port`?',
      'headgate.yaml:1:29: server.workers: expected a whole number from 1 to 512, got text',
      'headgate.yaml:3:21: providers.openai.lane: unknown key `concurency`; did you mean `concurrency`?',
      'headgate.yaml:4:10: providers.opnai: not a provider Headgate knows, so it also needs `dialect` and `baseUrl`; did you mean `openai`?',
      'headgate.yaml:5:43: providers.local.baseUrl: a base URL must begin with http:// or https://',
      'headgate.yaml:8:1: unknown key `bogus` (known here: server, log, auth, organizations, teams, users, projects, customers, admin, limits, budgets, unknownPrice, alerts, guardrails, guardrailSecret, plugins, redis, prices, priceChanges, usageCost, batches, lane, timeouts, retries, rescue, cooldown, breaker, connections, dns, mediaFetch, responses, cache, overload, idempotency, coalesce, telemetry, operations, routes, providers, models)',
      'HEADGATE_PORT: expected a whole number from 0 to 65535, got text',
      'HEADGATE_RETRIES: expected a whole number from 0 to 20, got a number outside that range',
    ]);
  });

  it('of an alias name the provider that was probably meant', () => {
    const yaml = `providers: { local: { dialect: openai-chat, baseUrl: "http://h/v1" } }
models: { fast: { targets: [lokal/x] }, slow: { targets: [zzz/x] } }`;
    expect(problems({}, yaml)).toEqual([
      'headgate.yaml:2:29: models.fast.targets[0]: no provider `lokal` is on; did you mean `local`?',
      'headgate.yaml:2:59: models.slow.targets[0]: no provider `zzz` is on (there are: local)',
    ]);
  });

  it('of what is said of a model name what is missing', () => {
    const yaml = `providers: { local: { dialect: openai-chat, baseUrl: "http://h/v1" } }
models: { "lokal/x": { capabilities: { stops: 0 } }, fast: {}, m: { capabilities: {} }, "n*": { targets: [local/x] } }`;
    expect(problems({}, yaml)).toEqual([
      'headgate.yaml:2:22: models["lokal/x"]: no provider `lokal` is on; did you mean `local`?',
      'headgate.yaml:2:60: models.fast: state `targets`, or `capabilities` of the model it names',
      'headgate.yaml:2:67: models.m: without `targets` it must name a model: `provider/model`',
      'headgate.yaml:2:95: models["n*"]: an alias is one name: no `*`',
    ]);
  });

  it('a model’s capabilities are kept apart from aliases, which may have their own', () => {
    const yaml = `providers: { local: { dialect: openai-chat, baseUrl: "http://h/v1" } }
models:
  "local/x*": { capabilities: { sampling: none, toolId: { max: 9 } } }
  fast: { targets: [local/y], capabilities: { stops: 0 } }`;
    const { models, capabilities } = load({}, yaml).config;
    expect(capabilities).toEqual({ 'local/x*': { sampling: 'none', toolId: { max: 9 } } });
    expect(models).toEqual({ fast: { targets: ['local/y'], capabilities: { stops: 0 } } });
  });

  it('that an alias may have at run time are noted', () => {
    const yaml = `providers:
  a: { dialect: openai-chat, baseUrl: "http://h/v1", models: ["x-*"], keys: [{ value: k, models: [x-1] }] }
models: { one: { targets: [a/y] }, two: { targets: [a/x-2] }, three: { targets: [a/x-1] } }`;
    expect(load({}, yaml).notes.filter((note) => note.startsWith('alias'))).toEqual([
      'alias one: the provider does not declare `a/y`',
      'alias two: no key of the provider may be used for `a/x-2`',
    ]);
  });

  it('in JSON have places too', () => {
    put('c.json', '{\n\t"server": { "prot": 1 }\n}');
    expect(problems({ HEADGATE_CONFIG: 'c.json' })).toEqual([
      'c.json:2:14: server: unknown key `prot`; did you mean `port`?',
    ]);
  });
});
