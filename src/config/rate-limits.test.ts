import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const loadAll = (text: string, env: Record<string, string> = {}) => {
  writeFileSync(join(folder, 'headgate.yaml'), text);
  return loadConfig({ env, cwd: folder, cores: 4 });
};
const load = (text: string, env?: Record<string, string>) => loadAll(text, env).config;
const envProblems = (env: Record<string, string>): readonly string[] => {
  try {
    load('log: {}', env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};
const problems = (text: string): readonly string[] => {
  try {
    load(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('limits in the configuration', () => {
  it('are the rules that the issue shows, one for each dimension', () => {
    const { config, keys } = loadAll(`
auth:
  keys:
    - bare-key-0123456789abcdef
    - { name: team-a, value: key-0123456789abcdef, limits: [{ requests: 600/min, tokens: 200000/min, concurrent: 50 }] }
limits:
  - { per: key, requests: 50/s, burst: 20 }
  - { per: [key, model], tokens: 100000/min }
  - { per: provider, match: { provider: openai }, requests: 10000/min }
  - { per: "header:x-end-user", requests: 60/min }
  - { per: gateway, concurrent: 5000 }
`);
    const { limits } = config;
    expect(keys.map(({ name }) => name)).toEqual(['key-1', 'team-a']);
    expect(
      limits.map(({ name, per, limit, periodMs, burst }) => [name, per.join('+'), limit, periodMs, burst]),
    ).toEqual([
      ['limit-1.requests', 'key', 50, 1_000, 20],
      ['limit-2.tokens', 'key+model', 100_000, 60_000, 2_000],
      ['limit-3.requests', 'provider', 10_000, 60_000, 200],
      ['limit-4.requests', 'header:x-end-user', 60, 60_000, 3],
      ['limit-5.concurrent', '', 5_000, 0, 0],
      ['team-a.requests', 'key', 600, 60_000, 12],
      ['team-a.tokens', 'key', 200_000, 60_000, 4_000],
      ['team-a.concurrent', 'key', 50, 0, 0],
    ]);
    expect(limits[2]!.match.provider).toBe('openai');
    expect(limits[5]!.match.key).toBe('team-a');
  });

  it('M07: are refused where a number is none, and the place and the nearest key are named', () => {
    expect(
      problems(`
limits:
  - { per: key, requests: 10 }
  - { per: key, requests: -5/min }
  - { per: key, tokens: 1e309/min }
  - { per: key, concurrent: 0 }
  - { per: key, request: 5/min }
  - { per: usr, requests: 5/min }
  - { per: key }
`),
    ).toEqual([
      expect.stringContaining('limits[0].requests: expected a rate such as `600/min`'),
      expect.stringContaining('limits[1].requests: expected a rate such as `600/min`'),
      expect.stringContaining('limits[2].tokens: expected a rate such as `600/min`'),
      expect.stringContaining('limits[3].concurrent: expected a whole number from 1'),
      expect.stringContaining('limits[4]: unknown key `request`; did you mean `requests`?'),
      expect.stringContaining('limits[5].per: expected `key`, `organization`, `team`, `user`, `customer`'),
    ]);
  });

  it('M07: are refused for every number, unit, scope and name that is none', () => {
    const wrong: [entry: string, path: string][] = [
      ['requests: 0/min', 'requests'],
      ['requests: "10/fortnight"', 'requests'],
      ['requests: 10/minute', 'requests'],
      ['requests: "1e3/min"', 'requests'],
      ['requests: "NaN/s"', 'requests'],
      ['requests: .nan', 'requests'],
      ['requests: 1.5/s', 'requests'],
      ['requests: "10/"', 'requests'],
      ['tokens: "1000000000000000/s"', 'tokens'],
      ['tokens: [1/s]', 'tokens'],
      ['concurrent: -1', 'concurrent'],
      ['concurrent: 1.5', 'concurrent'],
      ['concurrent: .inf', 'concurrent'],
      ['concurrent: "five"', 'concurrent'],
      ['requests: 5/s, burst: 0', 'burst'],
      ['requests: 5/s, burst: -3', 'burst'],
      ['requests: 5/s, burst: .nan', 'burst'],
      ['requests: 5/s, per: []', 'per'],
      ['requests: 5/s, per: [key, key]', 'per'],
      ['requests: 5/s, per: header', 'per'],
      ['requests: 5/s, per: "header:"', 'per'],
      ['requests: 5/s, per: "header:X-End-User"', 'per'],
      ['requests: 5/s, per: "header:a b"', 'per'],
      ['requests: 5/s, per: "header:a:b"', 'per'],
      ['requests: 5/s, per: "header:a\\r\\nb"', 'per'],
      ['requests: 5/s, per: "header:\u00fc"', 'per'],
      [`requests: 5/s, per: "header:${'a'.repeat(65)}"`, 'per'],
      ['requests: 5/s, per: [key, usr]', 'per[1]'],
      ['requests: 5/s, match: { key: "a*b" }', 'match.key'],
      ['requests: 5/s, match: { model: "" }', 'match.model'],
      ['requests: 5/s, name: "a b"', 'name'],
      ['requests: 5/s, name: "a|b"', 'name'],
    ];
    for (const [entry, path] of wrong) {
      const found = problems(`limits:\n  - { ${entry} }\n`);
      expect(found.length, entry).toBe(1);
      expect(found[0], entry).toMatch(/^headgate\.yaml:2:\d+/);
      expect(found[0], entry).toContain(`limits[0].${path}`);
    }
  });

  it('need something to limit and a name of their own', () => {
    expect(
      problems(`
limits:
  - { per: key }
  - { name: a, requests: 5/min }
  - { name: a, requests: 6/min }
  - { concurrent: 5, burst: 2 }
  - { per: [gateway, key], requests: 5/min }
`),
    ).toEqual([
      expect.stringContaining('nothing is limited: state `requests`, `tokens` or `concurrent`'),
      expect.stringContaining('two limits are called `a.requests`'),
      expect.stringContaining('a burst belongs to `requests` or `tokens`'),
      expect.stringContaining('`gateway` stands alone'),
    ]);
  });
});

describe('redis in the configuration', () => {
  it('is off without a URL, and comes from file or environment', () => {
    expect(load('log: {}').redis).toBeNull();
    expect(
      load('redis: { url: env.R, mode: strict, onFailure: closed }', { R: 'redis://h:1' }).redis,
    ).toEqual({
      url: 'redis://h:1',
      mode: 'strict',
      onFailure: 'closed',
      timeoutMs: 50,
    });
    expect(
      load('log: {}', { HEADGATE_REDIS_URL: 'rediss://h:1', HEADGATE_REDIS_MODE: 'strict' }).redis,
    ).toEqual({
      url: 'rediss://h:1',
      mode: 'strict',
      onFailure: 'open',
      timeoutMs: 50,
    });
    expect(load('redis: { url: "redis://h", timeoutMs: 300 }').redis?.timeoutMs).toBe(300);
    expect(problems('redis: { url: "redis://h", timeoutMs: 0 }')[0]).toContain('redis.timeoutMs');
  });

  it('is read whole: what the client could not use is a problem of the file, with its line and no password', () => {
    const wrong: [url: string, says: string][] = [
      ['http://:hunter2secret@h:1', 'must begin with redis://'],
      ['redis://:hunter2secret@h:99999', 'a host of the Redis URL is none'],
      ['redis://:hunter2secret@h/seven', 'the number of a database'],
      ['redis://:hunter2secret@a,b', 'several hosts need redis-sentinel:// or redis-cluster://'],
      ['redis://:hunter2secret%zz@h', 'must be written %25'],
      ['redis://:hunter2secret@h?timeout=5', 'knows the parameters sentinel_user, sentinel_password, prefix'],
      ['redis-sentinel://:hunter2secret@a,b', 'ends with the name of the master'],
      ['redis-cluster://:hunter2secret@a/3', 'no database but 0'],
    ];
    for (const [url, says] of wrong) {
      const [problem, ...more] = problems(`log: {}\nredis:\n  mode: strict\n  url: "${url}"\n`);
      expect(problem, url).toMatch(/headgate\.yaml:4:\d+/);
      expect(problem).toContain(`redis.url: `);
      expect(problem).toContain(says);
      expect(problem).not.toContain('hunter2');
      expect(more).toEqual([]);
    }
    expect(envProblems({ HEADGATE_REDIS_URL: 'redis://:hunter2secret@h/x' })).toEqual([
      expect.stringMatching(/^HEADGATE_REDIS_URL: .*number of a database/),
    ]);
  });

  it('takes certificates for TLS from a file, and says what is none', () => {
    const pem = rootCertificates[0]!;
    writeFileSync(join(folder, 'ca.pem'), `# ours\n${pem}\n${rootCertificates[1]!}\n`);
    writeFileSync(join(folder, 'key.pem'), pem.replaceAll('CERTIFICATE', 'PRIVATE KEY'));
    writeFileSync(join(folder, 'torn.pem'), pem.slice(0, 400));
    writeFileSync(join(folder, 'odd.pem'), pem.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'));
    const tls = (ca: string, scheme = 'rediss'): string => `redis: { url: "${scheme}://h", ca: "${ca}" }`;
    expect(load(tls('file:ca.pem')).redis?.ca).toContain(pem);
    expect(
      load('redis: { url: "rediss://h" }', { HEADGATE_REDIS_CA: `file:${folder}/ca.pem` }).redis?.ca,
    ).toContain(pem);
    expect(problems(tls('/etc/ca.pem'))[0]).toContain(
      'redis.ca: expected certificates in PEM, such as `file:',
    );
    for (const file of ['key.pem', 'torn.pem', 'odd.pem'])
      expect(problems(tls(`file:${file}`))[0], file).toMatch(/redis\.ca: .*certificate/);
    expect(problems(tls('file:none.pem'))).toHaveLength(1);
    expect(problems(tls('file:ca.pem', 'redis'))[0]).toContain('only a `rediss` URL speaks TLS');
    expect(problems('redis: { ca: "file:ca.pem" }')[0]).toContain('without `url`');
  });
});
