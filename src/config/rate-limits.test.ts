import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (text: string, env: Record<string, string> = {}) => {
  writeFileSync(join(folder, 'headgate.yaml'), text);
  return loadConfig({ env, cwd: folder, cores: 4 }).config;
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
    const { limits, auth } = load(`
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
    expect(auth.keys.map(({ name }) => name)).toEqual(['key-1', 'team-a']);
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
  - { per: user, requests: 5/min }
  - { per: key }
`),
    ).toEqual([
      expect.stringContaining('limits[0].requests: expected a rate such as `600/min`'),
      expect.stringContaining('limits[1].requests: expected a rate such as `600/min`'),
      expect.stringContaining('limits[2].tokens: expected a rate such as `600/min`'),
      expect.stringContaining('limits[3].concurrent: expected a whole number from 1'),
      expect.stringContaining('limits[4]: unknown key `request`; did you mean `requests`?'),
      expect.stringContaining('limits[5].per: expected `key`, `model`, `provider`, `gateway`'),
    ]);
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
    });
    expect(
      load('log: {}', { HEADGATE_REDIS_URL: 'rediss://h:1', HEADGATE_REDIS_MODE: 'strict' }).redis,
    ).toEqual({
      url: 'rediss://h:1',
      mode: 'strict',
      onFailure: 'open',
    });
  });

  it('does not repeat its password when it is refused', () => {
    const [problem] = problems('redis: { url: "http://:hunter2secret@h:1" }');
    expect(problem).toContain('redis.url: expected an address');
    expect(problem).not.toContain('hunter2');
  });
});
