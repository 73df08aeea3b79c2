import { describe, expect, test } from 'vitest';
import { PROVIDERS } from '../providers/registry.ts';
import { missingText, placeOfRecord } from './provider-address.ts';
import type { ProviderEntry } from './schema/provider.ts';

function placeOf(
  name: string,
  entry: Partial<ProviderEntry> = {},
  stated?: string,
  env: Record<string, string> = {},
) {
  const record = PROVIDERS.find((known) => known.name === name)!;
  return placeOfRecord(record, entry as ProviderEntry, stated, { env, folder: '/nowhere' });
}
/** Whole addresses, `dialect url`, as a call would have them. */
function addresses(...args: Parameters<typeof placeOf>): string[] {
  const { url, speaks } = placeOf(...args);
  const [base, query] = url.split('?');
  return speaks.map(
    ({ dialect, path }) => `${dialect} ${base}${path}${query === undefined ? '' : `?${query}`}`,
  );
}

describe('azure', () => {
  test('has the v1 surface of its resource, and Claude at the root', () => {
    const v1 = [
      'openai-chat https://west.openai.azure.com/openai/v1',
      'openai-responses https://west.openai.azure.com/openai/v1',
      'anthropic https://west.openai.azure.com/anthropic',
    ];
    expect(addresses('azure', { resource: 'west' })).toEqual(v1);
    expect(addresses('azure', {}, undefined, { AZURE_RESOURCE_NAME: 'west' })).toEqual(v1);
    for (const stated of ['', '/', '/openai', '/openai/v1', '/openai/v1/', '/anthropic']) {
      expect(addresses('azure', {}, `https://west.openai.azure.com${stated}`)).toEqual(v1);
    }
    const env = { AZURE_OPENAI_ENDPOINT: 'https://west.openai.azure.com/' };
    expect(addresses('azure', { apiVersion: 'v1' }, undefined, env)).toEqual(v1);
    expect(addresses('azure', { resource: 'west', apiVersion: 'preview' })[0]).toBe(
      `${v1[0]}?api-version=preview`,
    );
  });

  test('has a path per deployment for a version by date', () => {
    const apiVersion = '2024-10-21';
    const old = [
      'openai-chat http://h:1/azure/openai/deployments/{model}?api-version=2024-10-21',
      'openai-responses http://h:1/azure/openai?api-version=2024-10-21',
    ];
    expect(addresses('azure', { apiVersion }, 'http://h:1/azure')).toEqual(old);
    expect(addresses('azure', { apiVersion }, 'http://h:1/azure/openai?api-version=2024-10-21')).toEqual(old);
  });

  test('is left as it is where the address names a deployment', () => {
    const whole = 'https://west.openai.azure.com/openai/deployments/d?api-version=2024-10-21';
    expect(addresses('azure', {}, whole)[0]).toBe(`openai-chat ${whole}`);
  });

  test('says what is missing', () => {
    const { missing } = placeOf('azure');
    expect(missing?.name).toBe('resource');
    expect(missingText(missing!)).toBe(
      '`resource` is missing: state it, or set AZURE_RESOURCE_NAME or AZURE_OPENAI_RESOURCE',
    );
  });
});

test.each([
  ['eu-west-1', 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
  ['eusc-de-east-1', 'https://bedrock-runtime.eusc-de-east-1.amazonaws.eu'],
  ['cn-north-1', 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn'],
])('bedrock in %s is in its partition', (region, url) => {
  expect(addresses('bedrock', { region })[0]).toBe(`bedrock ${url}`);
});

describe('vertex', () => {
  const below = (region: string) => `/v1/projects/p/locations/${region}`;

  test.each([
    ['global', 'https://aiplatform.googleapis.com'],
    ['us', 'https://aiplatform.us.rep.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
  ])('in %s is at %s', (region, host) => {
    expect(addresses('vertex', { region, project: 'p' })).toEqual([
      `gemini ${host}${below(region)}/publishers/google`,
      `anthropic ${host}${below(region)}/publishers/anthropic`,
      `openai-chat ${host}${below(region)}/endpoints/openapi`,
    ]);
  });

  test('takes the variables of Google’s own tools, and any address', () => {
    const env = { GOOGLE_CLOUD_PROJECT: 'p', CLOUD_ML_REGION: 'us-east5' };
    expect(addresses('vertex', {}, 'http://h:1', env)[0]).toBe(
      `gemini http://h:1${below('us-east5')}/publishers/google`,
    );
    expect(addresses('vertex', {}, 'http://h:1/v1beta1', env)[0]).toContain('http://h:1/v1beta1/projects/p');
  });

  test('has Gemini alone without a project', () => {
    expect(addresses('vertex')).toEqual(['gemini https://aiplatform.googleapis.com/v1/publishers/google']);
  });
});

test.each([
  [
    'databricks',
    { workspace: 'w.cloud.databricks.com' },
    undefined,
    'https://w.cloud.databricks.com/serving-endpoints',
  ],
  ['databricks', {}, 'https://w.azuredatabricks.net', 'https://w.azuredatabricks.net/serving-endpoints'],
  ['databricks', {}, 'https://gate.databricks.com/mlflow/v1', 'https://gate.databricks.com/mlflow/v1'],
  ['cloudflare', { account: 'a1' }, undefined, 'https://api.cloudflare.com/client/v4/accounts/a1/ai/v1'],
  ['github-models', {}, undefined, 'https://models.github.ai/inference'],
  ['bedrock', {}, undefined, 'https://bedrock-runtime.us-east-1.amazonaws.com'],
  ['bedrock', { region: 'eu-west-1' }, undefined, 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
  ['ollama', {}, 'http://h:11434/v1', 'http://h:11434/v1'],
  ['ollama', {}, 'http://h/behind/a/proxy', 'http://h/behind/a/proxy'],
] as const)('%s with %j at %s', (name, entry, stated, first) => {
  expect(addresses(name, entry, stated)[0]?.split(' ')[1]).toBe(first);
});

test('a dialect at the root needs an address whose root is known', () => {
  expect(addresses('vllm', {}, 'http://h:1/v1')).toContain('anthropic http://h:1');
  expect(addresses('vllm', {}, 'http://h:1/llm').join()).not.toContain('anthropic');
});

test('the workspace of Databricks may be its URL', () => {
  const env = { DATABRICKS_HOST: 'https://w.cloud.databricks.com/' };
  expect(placeOf('databricks', {}, undefined, env).url).toBe(
    'https://w.cloud.databricks.com/serving-endpoints',
  );
});

test('every record is somewhere once its parts are known, with no part left open but the model', () => {
  for (const record of PROVIDERS) {
    const entry = Object.fromEntries((record.parts ?? []).map(({ name }) => [name, `my-${name}`]));
    const place = placeOfRecord(record, entry as ProviderEntry, undefined, { env: {}, folder: '/nowhere' });
    expect(place.missing).toBeUndefined();
    expect(place.speaks.map(({ dialect }) => dialect)).toEqual(record.speaks.map(({ dialect }) => dialect));
    expect(JSON.stringify(place).replaceAll('{model}', '')).not.toMatch(/\{\w+\}/);
  }
});
