// Keys that are credentials which expire, as the file and the vendors' own variables state them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { describeConfig } from './describe.ts';
import { type LoadedConfig, loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-sources-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(yaml: string, env: Record<string, string> = {}): LoadedConfig {
  writeFileSync(join(folder, 'headgate.yaml'), yaml);
  // No login of this machine's own user is found.
  return loadConfig({ env: { HOME: folder, ...env }, cwd: folder, cores: 1 });
}
const first = (yaml: string, env: Record<string, string> = {}): ProviderConfig =>
  load(`providers: { ${yaml} }`, env).config.providers[0]!;
const sourceOf = (yaml: string, env: Record<string, string> = {}) =>
  first(yaml, env).keys[0]?.credential?.source;
function problems(yaml: string, env: Record<string, string> = {}): string {
  try {
    load(`providers: { ${yaml} }`, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
  return '';
}

describe('vertex', () => {
  const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

  test('signs in as Google’s tools do where it has no key', () => {
    const { config, notes } = load('providers: { vertex: { project: p } }');
    expect(config.providers[0]?.keys[0]?.credential?.source).toEqual({ kind: 'google', scopes });
    expect(notes.join('\n')).toContain(
      'provider vertex: no key, so it signs in by Google’s application default credentials',
    );
  });

  test('takes its project from a credentials file', () => {
    const account = join(folder, 'sa.json');
    writeFileSync(
      account,
      JSON.stringify({ type: 'service_account', project_id: 'of-the-file', private_key: 'k' }),
    );
    const below = '/v1/projects/of-the-file/locations/global/publishers/google';
    const url = (provider: ProviderConfig) => new URL(provider.baseUrl).pathname + provider.speaks[0]!.path;
    const byFile = first('vertex: { keys: [{ google: { file: sa.json } }] }');
    expect(url(byFile)).toBe(below);
    expect(byFile.keys[0]?.credential?.source).toEqual({ kind: 'google', file: account, scopes });
    expect(url(first('vertex: { keys: [{ google: { credentials: "file:sa.json" } }] }'))).toBe(below);
    expect(url(first('vertex: {}', { GOOGLE_APPLICATION_CREDENTIALS: account }))).toBe(below);
    expect(url(first('vertex: { project: mine }', { GOOGLE_APPLICATION_CREDENTIALS: account }))).toContain(
      '/mine/',
    );
  });

  test('without a project has an API key alone', () => {
    expect(problems('vertex: {}')).toContain('`project` is missing: state it, or set GOOGLE_CLOUD_PROJECT');
    expect(problems('vertex: { keys: [AIza-key] }')).toBe('');
  });
});

describe('azure', () => {
  const usual = {
    authority: 'https://login.microsoftonline.com',
    scope: 'https://cognitiveservices.azure.com/.default',
  };
  const env = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c' };

  test('signs in by a secret, a token file, or the machine, as its variables say', () => {
    const yaml = 'azure: { resource: r }';
    expect(sourceOf(yaml)).toEqual({ kind: 'azure', ...usual });
    expect(sourceOf(yaml, { ...env, AZURE_CLIENT_SECRET: 's' })).toEqual({
      kind: 'azure',
      tenantId: 't',
      clientId: 'c',
      clientSecret: 's',
      ...usual,
    });
    const workload = {
      ...env,
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/token',
      AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn',
    };
    expect(sourceOf(yaml, workload)).toMatchObject({
      tokenFile: '/var/run/token',
      authority: 'https://login.chinacloudapi.cn',
    });
  });

  test('needs no resource where its address is stated', () => {
    expect(problems('azure: { baseUrl: "http://127.0.0.1:1" }')).toBe('');
  });

  test('takes what its entry states before that', () => {
    const yaml =
      'azure: { resource: r, keys: [{ azure: { tenantId: mine, clientId: me, tokenFile: token } }] }';
    expect(sourceOf(yaml, { ...env, AZURE_CLIENT_SECRET: 's' })).toEqual({
      kind: 'azure',
      tenantId: 'mine',
      clientId: 'me',
      tokenFile: join(folder, 'token'),
      ...usual,
    });
    expect(problems('azure: { resource: r, keys: [{ azure: { clientSecret: s, clientId: c } }] }')).toContain(
      '`tenantId` is missing beside a secret or a token file',
    );
  });
});

test('databricks signs in as a service principal, or says that it has no key', () => {
  const yaml = 'databricks: { workspace: w.cloud.databricks.com }';
  expect(sourceOf(yaml, { DATABRICKS_CLIENT_ID: 'c', DATABRICKS_CLIENT_SECRET: 's' })).toEqual({
    kind: 'oauth',
    tokenUrl: 'https://w.cloud.databricks.com/oidc/v1/token',
    clientId: 'c',
    clientSecret: 's',
    scope: 'all-apis',
  });
  expect(problems(yaml)).toContain('no key: set DATABRICKS_TOKEN or DATABRICKS_API_KEY');
});

describe('a credential', () => {
  const oauth =
    '{ oauth: { tokenUrl: "https://sso.example/token", clientId: c, clientSecret: the-secret-of-oauth } }';

  test('may stand among other keys of any provider, and has the same id as long as its source is the same', () => {
    const yaml = `own: { dialect: openai-chat, baseUrl: "http://h/v1", keys: [plain-key, ${oauth}] }`;
    const [plain, moving] = first(yaml).keys;
    expect(plain).toMatchObject({ value: 'plain-key' });
    expect(moving).toMatchObject({ alias: 'key-2', credential: { source: { kind: 'oauth' } } });
    expect(first(yaml).keys[1]?.value).toBe(moving?.value);
    expect(first(yaml.replace('clientId: c', 'clientId: d')).keys[1]?.value).not.toBe(moving?.value);
    expect(first(yaml.replace('own:', 'other:')).keys[1]?.value).not.toBe(moving?.value);
  });

  test('is of one kind', () => {
    expect(problems('azure: { resource: r, keys: [{ azure: {}, google: {} }] }')).toContain(
      '`google` and `azure`: one of them at most',
    );
  });

  test('shows no secret', () => {
    const { config, notes } = load(
      `providers: { own: { dialect: openai-chat, baseUrl: "http://h/v1", keys: [${oauth}] } }`,
    );
    const shown = describeConfig(config, []);
    expect(shown).toContain('key-1 (renewed, by oauth)');
    expect(`${shown}${notes.join()}`).not.toContain('the-secret');
  });
});
