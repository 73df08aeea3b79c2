// Key pairs of AWS: towards a provider, and issued to callers.
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
  folder = mkdtempSync(join(tmpdir(), 'headgate-aws-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(yaml: string, env: Record<string, string> = {}): LoadedConfig {
  writeFileSync(join(folder, 'headgate.yaml'), yaml);
  return loadConfig({ env, cwd: folder, cores: 2 });
}
const bedrock = (yaml: string, env: Record<string, string> = {}): ProviderConfig =>
  load(`providers: { bedrock: ${yaml} }`, env).config.providers[0]!;
function problems(yaml: string, env: Record<string, string> = {}): readonly string[] {
  try {
    load(yaml, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const PAIR = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'secret-of-env' };

describe('Bedrock', () => {
  test('is on by its API key, in the region of AWS’s own variables', () => {
    const env = { AWS_BEARER_TOKEN_BEDROCK: 'api-key', AWS_REGION: 'eu-west-1' };
    const { config } = load('{}', env);
    expect(config.providers).toMatchObject([
      {
        name: 'bedrock',
        baseUrl: 'https://bedrock-runtime.eu-west-1.amazonaws.com',
        region: 'eu-west-1',
        keys: [{ value: 'api-key' }],
        speaks: [
          { dialect: 'bedrock' },
          { dialect: 'bedrock-invoke' },
          { dialect: 'openai-chat', path: '/openai/v1', auth: { kind: 'aws' } },
          { dialect: 'openai-responses', path: '/openai/v1' },
        ],
      },
    ]);
  });

  test('of another place is all routes of its runtime, unless a list says which', () => {
    const spoken = (dialect: string): unknown =>
      load(
        `providers: { mine: { dialect: ${dialect}, baseUrl: 'http://127.0.0.1:9', auth: none, paths: { bedrock: /b } } }`,
      ).config.providers[0]?.speaks;
    expect(spoken('bedrock')).toMatchObject([
      { dialect: 'bedrock', path: '/b' },
      { dialect: 'bedrock-invoke', path: '/b' },
    ]);
    expect(spoken('[bedrock]')).toMatchObject([{ dialect: 'bedrock', path: '/b' }]);
  });

  test('is not on by a key pair alone: most machines have one for other ends', () => {
    expect(load('{}', PAIR).config.providers.map(({ name }) => name)).toEqual(['demo']);
  });

  test('takes the pair of the environment where it is configured', () => {
    expect(bedrock('{ region: us-west-2 }', { ...PAIR, AWS_SESSION_TOKEN: 'token' })).toMatchObject({
      baseUrl: 'https://bedrock-runtime.us-west-2.amazonaws.com',
      keys: [
        {
          value: 'secret-of-env',
          aws: { accessKeyId: 'AKIAENV', secretAccessKey: 'secret-of-env', sessionToken: 'token' },
        },
      ],
    });
    expect(bedrock('{}', PAIR).keys[0]?.aws).not.toHaveProperty('sessionToken');
    expect(bedrock('{}', PAIR).baseUrl).toContain('us-east-1');
  });

  test('takes pairs of the file, by reference like any secret', () => {
    writeFileSync(join(folder, 'secret'), 'of-a-file\n');
    const stated =
      '{ keys: [{ accessKeyId: env.ID, secretAccessKey: "file:secret", weight: 2, alias: prod }, plain] }';
    expect(bedrock(stated, { ID: 'AKIA1' }).keys).toEqual([
      {
        value: 'of-a-file',
        aws: { accessKeyId: 'AKIA1', secretAccessKey: 'of-a-file' },
        weight: 2,
        models: [],
        alias: 'prod',
      },
      { value: 'plain', weight: 1, models: [], alias: 'key-2' },
    ]);
  });

  test('without any key takes what AWS’s own chain finds, in its region', () => {
    const [key, ...more] = bedrock('{ region: eu-west-1 }').keys;
    expect(more).toEqual([]);
    expect(key).toMatchObject({
      alias: 'key-1',
      credential: { source: { kind: 'aws', region: 'eu-west-1' } },
    });
    expect(key?.value).toBe(key?.credential?.id);
    const roleArn = 'arn:aws:iam::123456789012:role/gate';
    expect(
      bedrock(`{ keys: [{ aws: { profile: lab, roleArn: "${roleArn}" }, weight: 2 }] }`).keys,
    ).toMatchObject([
      { weight: 2, credential: { source: { kind: 'aws', profile: 'lab', roleArn, region: 'us-east-1' } } },
    ]);
  });

  test('shows nothing of a pair but the ends of a long secret', () => {
    const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
    const { config } = load(
      `providers: { bedrock: { keys: [{ accessKeyId: AKIA1, secretAccessKey: "${secret}", sessionToken: a-long-token-of-some-hours }] } }`,
    );
    const shown = describeConfig(config, []);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain('a-long-token');
  });

  test.each([
    ['{ keys: [{ accessKeyId: a }] }', 'providers.bedrock.keys[0]: `secretAccessKey` is missing'],
    ['{ keys: [{ secretAccessKey: a }] }', 'providers.bedrock.keys[0]: `accessKeyId` is missing'],
    ['{ keys: [{ weight: 1 }] }', 'providers.bedrock.keys[0]: `value` is missing'],
    [
      '{ keys: [{ value: a, accessKeyId: b, secretAccessKey: c }] }',
      '`value` does not go together with a key pair',
    ],
    [
      '{ keys: [{ accessKeyId: "a b", secretAccessKey: c }] }',
      'keys[0].accessKeyId: the key contains white space',
    ],
    ['{ auth: bearer, keys: [{ accessKeyId: a, secretAccessKey: c }] }', 'a key pair needs `auth: aws`'],
    ['{ region: Mars, keys: [a] }', 'a region such as `eu-west-1`'],
    ['{ keys: [{ aws: { tokenFile: f } }] }', '`tokenFile` needs the `roleArn`'],
    ['{ keys: [{ value: v, aws: {} }] }', '`value` does not go together with `aws`'],
    ['{ auth: bearer, keys: [{ aws: {} }] }', 'a key pair needs `auth: aws`'],
  ])('%s: %s', (stated, problem) => {
    expect(problems(`providers: { bedrock: ${stated} }`).join('\n')).toContain(problem);
  });

  test('a provider of another name signs for the region it states', () => {
    const { config } = load(
      'providers: { mine: { dialect: bedrock, baseUrl: "http://127.0.0.1:1", region: eu-north-1, keys: [{ accessKeyId: a, secretAccessKey: b }] } }',
    );
    expect(config.providers[0]).toMatchObject({
      region: 'eu-north-1',
      speaks: [{ auth: { kind: 'aws' } }, { auth: { kind: 'aws' } }],
    });
  });
});

describe('a key of a caller', () => {
  test('may be the secret of a pair', () => {
    const { keys } = load(
      'auth: { keys: [{ name: a, value: a-key-of-twenty-letters, accessKeyId: HG1 }, another-key-of-twenty-2] }',
    );
    expect(keys).toEqual([
      { name: 'a', value: 'a-key-of-twenty-letters', accessKeyId: 'HG1' },
      { name: 'key-2', value: 'another-key-of-twenty-2' },
    ]);
  });

  test('has an access key id of its own', () => {
    const twice =
      'auth: { keys: [{ value: a-key-of-twenty-letters, accessKeyId: HG1 }, { value: b-key-of-twenty-letters, accessKeyId: HG1 }] }';
    expect(problems(twice).join()).toContain('this access key id stands twice');
  });
});
