// Who calls, as the file says it: keys, and what they belong to.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientKey } from '../contracts/directory.ts';
import { createPrincipalMaker } from '../governance/principal.ts';
import { type LoadedConfig, loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-who-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string, env: Record<string, string> = {}): LoadedConfig {
  writeFileSync(join(folder, 'headgate.yaml'), yaml);
  return loadConfig({ env, cwd: folder, cores: 1 });
}

function problems(yaml: string): string {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
  return '';
}

const VALUE = 'client-key-0123456789';
const keyOf = (entry: string, rest = ''): ClientKey =>
  load(`auth: { keys: [{ name: app, value: ${VALUE}, ${entry} }] }\n${rest}`).keys[0]!;

describe('a key of the file', () => {
  it('says who has it and what it may', () => {
    const key = keyOf(
      'organization: acme, team: blue, user: ada, customer: c1, project: moon, tags: [a, b], priority: low, ' +
        'service: true, expiresAt: "2027-01-31T18:00:00Z", models: ["openai/*", "!*-mini"], providers: [openai], ' +
        'endpoints: [chat], ips: [10.0.0.0/8, "2001:db8::/32"], fallbacks: [gpt-4o]',
    );
    expect(key).toEqual({
      name: 'app',
      value: VALUE,
      organization: 'acme',
      team: 'blue',
      user: 'ada',
      customer: 'c1',
      project: 'moon',
      tags: ['a', 'b'],
      priority: 'low',
      service: true,
      expiresAtMs: Date.parse('2027-01-31T18:00:00Z'),
      fallbacks: ['gpt-4o'],
      grants: [
        {
          models: ['openai/*', '!*-mini'],
          providers: ['openai'],
          endpoints: ['chat'],
          ips: ['10.0.0.0/8', '2001:db8::/32'],
        },
      ],
    });
  });

  it('that says nothing is what it was before there was anything to say', () => {
    expect(load(`auth: { keys: [${VALUE}, { value: other-${VALUE} }] }`).keys).toEqual([
      { name: 'key-1', value: VALUE },
      { name: 'key-2', value: `other-${VALUE}` },
    ]);
  });

  it('inherits of its team, user, project and organization, whose grants stand beside its own', () => {
    const key = keyOf(
      'team: blue, user: ada, models: [fast], tags: [own]',
      `
organizations: { acme: { providers: ["!xai"], priority: batch, tags: [all] } }
teams: { blue: { organization: acme, models: ["openai/*"], tags: [own, team], priority: low, fallbacks: [m2] } }
users: { ada: { ips: [10.0.0.0/8], aliases: { fast: openai/gpt-4o, slow: [a/m, b/m] } } }
`,
    );
    expect(key).toMatchObject({
      organization: 'acme',
      tags: ['own', 'team', 'all'],
      priority: 'low',
      fallbacks: ['m2'],
      aliases: { fast: ['openai/gpt-4o'], slow: ['a/m', 'b/m'] },
    });
    expect(key.grants).toEqual([
      // Who may use the name may use what it stands for.
      { models: ['fast', 'openai/gpt-4o'] },
      { ips: ['10.0.0.0/8'] },
      { models: ['openai/*'] },
      { providers: ['!xai'] },
    ]);
    const { permits } = createPrincipalMaker()(key);
    expect(permits?.mayUse('openai/gpt-4o', 'openai', 'gpt-4o')).toBe(true);
    expect(permits?.mayUse('openai/gpt-4o-mini', 'openai', 'gpt-4o-mini')).toBe(false);
  });

  it('is blocked with what it belongs to, and has the team of its user or project', () => {
    expect(keyOf('team: blue', 'teams: { blue: { blocked: true } }')).toMatchObject({ blocked: true });
    expect(
      keyOf('user: ada', 'users: { ada: { team: blue } }\nteams: { blue: { blocked: yes } }'),
    ).toMatchObject({ team: 'blue', blocked: true });
    expect(keyOf('project: moon', 'projects: { moon: { team: red } }')).toMatchObject({ team: 'red' });
    expect(keyOf('team: blue', 'teams: { blue: { blocked: false } }')).not.toHaveProperty('blocked');
  });

  it('with an empty list may nothing of it; a list that was left out after its name is a mistake', () => {
    expect(keyOf('models: []').grants).toEqual([{ models: [] }]);
    expect(problems(`auth: { keys: [{ value: ${VALUE}, models: }] }`)).toContain(
      'models: expected a list, got nothing',
    );
    expect(problems('teams: { blue: { ips: ~ } }')).toContain('ips: expected a list, got nothing');
  });

  it.each([
    [`auth: { keys: [{ value: ${VALUE}, team: bleu }] }\nteams: { blue: {} }`, 'did you mean `blue`?'],
    ['teams: { blue: { organization: acmo } }\norganizations: { acme: {} }', 'did you mean `acme`?'],
    [`auth: { keys: [{ value: ${VALUE}, model: [a] }] }`, 'unknown key `model`; did you mean `models`?'],
    ['teams: { blue: { limit: [] } }', 'did you mean `limits`?'],
    [`auth: { keys: [{ value: ${VALUE}, ips: [10.0.0.0/40] }] }`, 'neither an address nor a network'],
    ['users: { ada: { ips: [10.0.0.0.0] } }', 'neither an address nor a network'],
    ['server: { trustedProxies: [10.0.0.0/99] }', 'trustedProxies[0]: this is neither'],
    [`auth: { keys: [{ value: ${VALUE}, expiresAt: tomorrow }] }`, 'expected a date such as'],
    [`auth: { keys: [{ value: ${VALUE}, expiresAt: 2027-13-01 }] }`, 'no such day'],
    [`auth: { keys: [{ value: ${VALUE}, priority: hihg }] }`, 'did you mean `high`?'],
    ['customers: { acme: { models: [a] } }', 'unknown key `models`'],
  ])('%s is refused', (yaml, message) => {
    expect(problems(yaml)).toContain(message);
  });
});

describe('limits of what keys belong to', () => {
  it('are rules of their own, for all keys of it together', () => {
    const { limits } = load(
      `
organizations: { acme: { limits: [{ requests: 900/min }] } }
teams: { blue: { limits: [{ requests: 600/min, concurrent: 5 }, { name: nightly, tokens: 1000/h }] } }
users: { ada@x.org: { limits: [{ requests: 60/min }] } }
projects: { moon: { limits: [{ requests: 6/min }] } }
customers: { "c 1": { limits: [] }, acme/eu: { limits: [{ requests: 1/s }] } }
`.replace('"c 1": { limits: [] }, ', ''),
    ).config;
    expect(limits.map(({ name, per, match }) => [name, per, { ...match }])).toMatchObject([
      ['organization-acme.requests', ['organization'], { organization: 'acme', key: null }],
      ['team-blue.requests', ['team'], { team: 'blue' }],
      ['team-blue.concurrent', ['team'], { team: 'blue' }],
      ['nightly.tokens', ['team'], { team: 'blue' }],
      ['user-ada_x_org.requests', ['user'], { user: 'ada@x.org' }],
      ['project-moon.requests', ['project'], { project: 'moon' }],
      ['customer-acme_eu.requests', ['customer'], { customer: 'acme/eu' }],
    ]);
  });

  it('may be counted per any of them, what callers choose last', () => {
    const { config } = load(
      'limits: [{ per: [customer, team], match: { tag: prod, team: "b*" }, requests: 1/s }, { per: tag, requests: 1/s }]',
    );
    expect(config.limits.map(({ per }) => per)).toEqual([['team', 'customer'], ['tag']]);
    expect(config.limits[0]!.match).toMatchObject({ tag: 'prod', team: 'b*' });
  });
});

it('the header of customers and the proxies in front are set by file or environment', () => {
  const { config } = load('auth: { customerHeader: x-end-user }', {
    HEADGATE_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
  });
  expect(config.auth).toEqual({ anonymous: true, customerHeader: 'x-end-user' });
  expect(config.server.trustedProxies).toEqual(['10.0.0.0/8', '::1']);
});
