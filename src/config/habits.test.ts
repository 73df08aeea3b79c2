// Files and variables as templates, env files and people leave them: what can be meant in one way only is taken so, and
// real mistakes stay problems that say what is wrong.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../contracts/config.ts';
import { type LoadedConfig, loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-habits-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function loadAll(yaml: string, env: Record<string, string> = {}): LoadedConfig {
  writeFileSync(join(folder, 'headgate.yaml'), yaml);
  return loadConfig({ env, cwd: folder, cores: 1 });
}

const load = (yaml: string, env?: Record<string, string>): Config => loadAll(yaml, env).config;

function problems(yaml: string, env: Record<string, string> = {}): readonly string[] {
  try {
    load(yaml, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const KEY = 'client-key-0123456789';

describe('anchors', () => {
  it('are merged by `<<`: what is stated wins, then the first of several, whatever the order of the lines', () => {
    const { providers } = load(`
x-defaults: &d { dialect: openai-chat, models: [m], retries: { max: 4 } }
x-slow: &slow
  timeouts: { totalMs: 1000 }
  retries: { max: 7 }
providers:
  a: { <<: *d, baseUrl: "http://h/v1" }
  b:
    models: [own]
    <<: [*slow, *d]
    baseUrl: http://h/v1
  c: { baseUrl: "http://h/v1", <<: [*d, { models: [inline] }], retries: { <<: { max: 1, backoffMs: 5 }, max: 9 } }
`);
    expect(providers.map(({ models }) => models)).toEqual([['m'], ['own'], ['m']]);
    expect(providers.map(({ retries }) => retries.max)).toEqual([4, 7, 9]);
    expect(providers[1]?.timeouts.totalMs).toBe(1_000);
    expect(providers[2]?.retries.backoffMs).toBe(5);
  });

  it('merge nothing where a template had nothing', () => {
    expect(load('server:\n  <<:\n  port: 1\nlog: { <<: ~, level: warn }').server.port).toBe(1);
  });

  it('that are wrong are named, and a quoted `<<` is a key like any other', () => {
    expect(problems('server: { <<: 5 }')[0]).toContain('`<<` takes a mapping or a list of mappings');
    expect(problems('server: { <<: [1] }')[0]).toContain('`<<` takes a mapping or a list of mappings');
    expect(problems('server: { <<: *none }')[0]).toContain('this alias names no anchor');
    expect(problems('server: &s { <<: *s }')[0]).toContain('this alias contains itself');
    expect(problems('x-a: &l [{ <<: *l }]')[0]).toContain('this alias contains itself');
    expect(problems('server: { "<<": { port: 1 } }')[0]).toContain('unknown key');
    expect(problems('x-d: &d { porrt: 1 }\nserver: { <<: *d }')[0]).toMatch(
      /headgate.yaml:1:11: .*did you mean `port`/,
    );
  });

  it('have a home in `x-` blocks, which are not read: not their shape, not their references', () => {
    const { server } = load('x-any: [1, env.NOT_SET, "file:/nowhere"]\nx-p: &p 81\nserver: { port: *p }');
    expect(server.port).toBe(81);
    expect(problems('server: { x-port: 1 }')[0]).toContain('unknown key');
    expect(problems('xserver: {}')[0]).toContain('unknown key');
  });
});

describe('values in the file', () => {
  it('may be quoted as a template leaves them', () => {
    const { server, log, providers } = load(`
server: { port: "8081", workers: '2', maxBodyBytes: "3.3554432e+07", normaliseText: "True", drainTimeoutMs: 30s }
log: { level: INFO, access: "no" }
lane: { concurrency: "12 ", onFull: Block }
timeouts: { totalMs: "5m", connectMs: 1.5s, headersMs: 250ms, firstTokenMs: "0" }
providers: { a: { enabled: "yes", dialect: openai-chat, baseUrl: "http://h/v1\\n", keys: ["sk-abcdef\\n"] } }
`);
    expect(server).toMatchObject({ port: 8081, workers: 2, maxBodyBytes: 33_554_432, normaliseText: true });
    expect(server.drainTimeoutMs).toBe(30_000);
    expect(log).toMatchObject({ level: 'info', access: false });
    expect(providers[0]?.lane).toMatchObject({ concurrency: 12, onFull: 'block' });
    expect(providers[0]?.timeouts).toMatchObject({ totalMs: 300_000, connectMs: 1_500, headersMs: 250 });
    expect(providers[0]?.timeouts.firstTokenMs).toBe(0);
    expect(providers[0]?.baseUrl).toBe('http://h/v1');
    expect(providers[0]?.keys[0]?.value).toBe('sk-abcdef');
  });

  it('that were left empty are as if they were not there', () => {
    const { server, providers, limits } = load(`
server: { port: , host: ~ }
log:
limits:
models:
routes:
redis:
providers:
  a: { dialect: openai-chat, baseUrl: "http://h/v1", lane: , headers: , models: }
`);
    expect(server.port).toBe(8080);
    expect(limits).toEqual([]);
    expect(providers[0]?.models).toEqual(['*']);
  });

  it('that were left empty where a secret belongs are a problem: nobody is let in by a template that failed', () => {
    expect(problems('auth: { keys: }')[0]).toContain('auth.keys: expected a list, got nothing');
    expect(problems(`auth: { keys: [~, ${KEY}] }`)[0]).toContain('auth.keys[0]');
    expect(problems('redis: { url: }')[0]).toContain('redis.url');
    expect(problems('providers: { openai: { keys: } }')[0]).toContain('providers.openai.keys');
  });

  it.each([
    ['server: { port: "80 80" }', 'a whole number from 0 to 65535, got text'],
    ['server: { port: "8080.5" }', 'a whole number from 0 to 65535'],
    ['server: { port: "99999" }', 'a whole number from 0 to 65535'],
    ['server: { port: 30s }', 'a whole number from 0 to 65535, got text'],
    ['server: { drainTimeoutMs: 5 minutes }', 'a whole number'],
    ['server: { drainTimeoutMs: 2d }', 'a whole number'],
    ['server: { maxBodyBytes: 32MB }', 'a whole number'],
    ['server: { normaliseText: "maybe" }', 'expected `true` or `false`'],
    ['server: { host: "" }', 'got empty text'],
    ['log: { level: loud }', 'expected one of'],
    ['providers: { openai: { keys: sk-abcdef } }', 'expected a list'],
  ])('%s is still a problem', (yaml, message) => {
    expect(problems(yaml).join('\n')).toContain(message);
  });

  it('may name a variable as shells do', () => {
    const { keys } = loadAll(`auth: { keys: ["\${GATE}"] }`, { GATE: KEY });
    expect(keys[0]?.value).toBe(KEY);
    expect(problems(`auth: { keys: ["\${GATE}"] }`)[0]).toContain('environment variable `GATE` is not set');
    expect(problems(`auth: { keys: ["\${GATE:-none}"] }`)[0]).toContain(
      'the name of one variable and nothing else',
    );
  });

  it('of the usual slips say what is wrong', () => {
    const provider = (url: string) => `providers: { a: { dialect: openai-chat, baseUrl: "${url}" } }`;
    expect(problems(provider('http://h/v1/chat/completions'))[0]).toContain('leave /chat/completions out');
    expect(problems(provider('http://h/v1/messages/'))[0]).toContain('leave /messages out');
    expect(problems(provider('http://h/chat/v1'))).toEqual([]);
    expect(problems('redis: { url: "redis://u:p@ss/w@host" }')[0]).toContain('percent-encoded');
    for (const password of ['pa/ss', 'p@ss', 'p@s/s']) {
      expect(problems(`redis: { url: "redis://u:${password}@host" }`)[0], password).toContain(
        'percent-encoded',
      );
    }
    expect(problems('redis: { url: "http://host" }')[0]).toContain('must begin with redis://');
  });

  it('may write an IPv6 host in brackets', () => {
    expect(load(`server: { host: "[::]" }\nauth: { keys: [${KEY}] }`).server.host).toBe('::');
    expect(problems('server: { host: "[h]" }')[0]).toContain('server.host');
  });
});

describe('variables', () => {
  it('lose the quotes of env files, the carriage return of Windows, the space of shells', () => {
    const { config, keys } = loadAll('', {
      HEADGATE_PORT: '"8082"',
      HEADGATE_HOST: "'127.0.0.1'\r",
      HEADGATE_DRAIN_TIMEOUT_MS: ' 45s\r\n',
      HEADGATE_LOG_LEVEL: 'WARN',
      HEADGATE_ACCESS_LOG: 'False',
      HEADGATE_API_KEYS: `"app=${KEY}", '${KEY}-2'`,
      OPENAI_API_KEY: '"sk-openai-0123456789"\r',
      HEADGATE_OPENAI_BASE_URL: '"http://h/v1"',
    });
    const { server, log, providers } = config;
    expect(server).toMatchObject({ port: 8082, host: '127.0.0.1', drainTimeoutMs: 45_000 });
    expect(log).toMatchObject({ level: 'warn', access: false });
    expect(keys).toEqual([
      { name: 'app', value: KEY },
      { name: 'key-2', value: `${KEY}-2` },
    ]);
    expect(providers[0]?.keys[0]?.value).toBe('sk-openai-0123456789');
    expect(providers[0]?.baseUrl).toBe('http://h/v1');
  });

  it('that are empty, also in quotes, are not set', () => {
    const { config, keys } = loadAll('', {
      HEADGATE_PORT: '""',
      HEADGATE_WORKERS: '',
      HEADGATE_CONFIG: "''",
      OPENAI_API_KEY: '" "',
      HEADGATE_API_KEYS: ' ',
    });
    expect(config.server.port).toBe(8080);
    expect(config.providers.map(({ name }) => name)).toEqual(['demo']);
    expect(keys).toEqual([]);
  });

  it('that a reference names lose them too', () => {
    const { keys } = loadAll('auth: { keys: [env.GATE] }', { GATE: `"${KEY}"\r` });
    expect(keys[0]?.value).toBe(KEY);
  });
});

it('white space at the end of a secret file is no part of the secret', () => {
  writeFileSync(join(folder, 'key'), `\ufeff${KEY} \r\n\r\n`);
  expect(loadAll('auth: { keys: ["file:key"] }').keys[0]?.value).toBe(KEY);
});
