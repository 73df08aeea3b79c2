// Files of other gateways become ours: what they say is in force, and what has no counterpart is named with its place.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../load.ts';
import { importConfig } from './run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-import-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The result as a value, as loaded, and the report. */
function imported(gateway: string, name: string, text: string, env: Record<string, string> = {}) {
  writeFileSync(join(folder, name), text);
  const made = importConfig(gateway, name, folder, Date.now());
  writeFileSync(join(folder, 'headgate.yaml'), made.text);
  const { config, keys } = loadConfig({ env: { HOME: folder, ...env }, cwd: folder, cores: 1 });
  return { file: parse(made.text) as Record<string, unknown>, config, keys, report: made.report };
}

const LITELLM = `model_list:
  - model_name: fast
    litellm_params:
      model: openai/gpt-4o-mini
      api_key: os.environ/OPENAI_API_KEY
      rpm: 100
      weight: 3
    model_info: { id: one, input_cost_per_token: 0.1 }
  - model_name: fast
    litellm_params: { model: azure/my-deployment, api_base: https://west.openai.azure.com, api_version: "2024-10-21", api_key: os.environ/AZURE_KEY }
  - model_name: claude
    litellm_params: { model: bedrock/converse/anthropic.claude-x, aws_region_name: eu-west-1, aws_role_name: "arn:aws:iam::1:role/r" }
  - model_name: gemini
    litellm_params: { model: vertex_ai/gemini-2.5-pro, vertex_project: p, vertex_location: us-east5, vertex_credentials: sa.json, timeout: 30 }
  - model_name: other
    litellm_params: { model: openai/gpt-4o, api_key: os.environ/OTHER_KEY }
  - model_name: own
    litellm_params: { model: openai/llama, api_base: "http://127.0.0.1:8000/v1" }
  - model_name: strange
    litellm_params: { model: sagemaker/x }
  - { model_name: "openai/*", litellm_params: { model: "openai/*", api_key: os.environ/OPENAI_API_KEY } }
router_settings:
  routing_strategy: least-busy
  num_retries: 2
  timeout: 60
  allowed_fails: 3
  fallbacks: [{ fast: [claude] }, { nobody: [claude] }]
  model_group_alias: { quick: fast }
litellm_settings:
  context_window_fallbacks: [{ fast: [gemini] }]
  callbacks: [langfuse]
general_settings:
  master_key: sk-the-master-key-0123456789
  database_url: postgres://x
`;

describe('LiteLLM', () => {
  const env = { OPENAI_API_KEY: 'sk-1', OTHER_KEY: 'sk-2', AZURE_KEY: 'az-1' };

  test('its providers keep their keys, addresses and clocks', () => {
    const { file, config } = imported('litellm', 'config.yaml', LITELLM, env);
    expect(file['providers']).toEqual({
      openai: {
        keys: ['os.environ/OPENAI_API_KEY', { value: 'os.environ/OTHER_KEY', models: ['gpt-4o'] }],
      },
      azure: {
        baseUrl: 'https://west.openai.azure.com',
        apiVersion: '2024-10-21',
        keys: ['os.environ/AZURE_KEY'],
      },
      bedrock: { region: 'eu-west-1', keys: [{ aws: { roleArn: 'arn:aws:iam::1:role/r' } }] },
      vertex: {
        region: 'us-east5',
        project: 'p',
        timeouts: { totalMs: 30_000 },
        keys: [{ google: { file: 'sa.json' } }],
      },
      custom: { dialect: 'openai-chat', baseUrl: 'http://127.0.0.1:8000/v1' },
    });
    expect(config.providers.map(({ name }) => name)).toEqual([
      'openai',
      'azure',
      'bedrock',
      'vertex',
      'custom',
    ]);
  });

  test('its models are aliases, balanced and with fallbacks by cause', () => {
    const { file, keys } = imported('litellm', 'config.yaml', LITELLM, env);
    const fast = {
      strategy: 'least-busy',
      targets: [{ model: 'openai/gpt-4o-mini', weight: 3 }, { model: 'azure/my-deployment' }],
      fallbacks: [
        { on: ['error'], to: 'claude' },
        { on: ['context_window'], to: 'gemini' },
      ],
    };
    expect(file['models']).toEqual({
      fast,
      claude: { targets: ['bedrock/anthropic.claude-x'] },
      gemini: { targets: ['vertex/gemini-2.5-pro'] },
      other: { targets: ['openai/gpt-4o'] },
      own: { targets: ['custom/llama'] },
      quick: fast,
    });
    expect(file).toMatchObject({
      limits: [{ per: 'model', match: { model: 'openai/gpt-4o-mini' }, requests: '100/min' }],
      retries: { max: 2 },
      timeouts: { totalMs: 60_000 },
    });
    expect(keys.map(({ value }) => value)).toEqual(['sk-the-master-key-0123456789']);
  });

  test('what has no counterpart is named, with its place and without its value', () => {
    const { report } = imported('litellm', 'config.yaml', LITELLM, env);
    expect(report.map((line) => line.replace(/^config\.yaml:\d+:\d+: /, ''))).toEqual([
      'model_list[0].model_info: has no counterpart here and is left out',
      expect.stringMatching(/^model_list\[6\]\.litellm_params\.model: `sagemaker\/x` is of a provider/),
      'router_settings.allowed_fails: has no counterpart here and is left out',
      'router_settings.fallbacks[1].nobody: names a model that the file does not have, and is left out',
      'litellm_settings.callbacks: has no counterpart here and is left out',
      'general_settings.database_url: Headgate takes it from `HEADGATE_DATABASE_URL`, with a database of its own',
    ]);
    expect(report[0]).toMatch(/^config\.yaml:8:5: /);
    expect(report.join()).not.toContain('postgres://x');
  });

  test('its Redis and its kept answers are ours', () => {
    const stores = (more: string) =>
      imported(
        'litellm',
        'c.yaml',
        `model_list: [{ model_name: a, litellm_params: { model: openai/gpt-4o, api_key: k } }]\n${more}`,
      );
    const apart = stores(`router_settings: { redis_host: r.local, redis_port: 6380, redis_password: "p@ss" }
litellm_settings: { cache: true, cache_params: { type: redis, ttl: 600 } }
`);
    expect(apart.file).toMatchObject({
      redis: { url: 'redis://:p%40ss@r.local:6380' },
      cache: { exact: { ttlMs: 600_000 } },
    });
    expect(apart.report).toEqual([]);
    expect(apart.config.redis).not.toBeNull();
    const cached = stores(
      'litellm_settings: { cache: true, cache_params: { type: redis, host: c.local, ssl: true } }\n',
    );
    expect(cached.file).toMatchObject({ redis: { url: 'rediss://c.local:6379' }, cache: { exact: {} } });
    const whole = stores('router_settings: { redis_url: "redis://u:p@h:1/2" }\n');
    expect(whole.file).toMatchObject({ redis: { url: 'redis://u:p@h:1/2' } });
    expect(whole.file['cache']).toBeUndefined();
    const secret = stores('router_settings: { redis_host: os.environ/RH, redis_port: 6379 }\n');
    expect(secret.file['redis']).toBeUndefined();
    expect(secret.report[0]).toMatch(/router_settings\.redis_host: is made of references/);
    const alike = stores('litellm_settings: { cache: true, cache_params: { type: redis-semantic } }\n');
    expect(alike.file['cache']).toBeUndefined();
    expect(alike.report).toHaveLength(1);
  });

  test('a second account of a provider says whose it is', () => {
    const { file } = imported(
      'litellm',
      'c.yaml',
      `model_list:
  - { model_name: a, litellm_params: { model: azure/d, api_base: https://a.openai.azure.com, api_key: key-a } }
  - { model_name: a, litellm_params: { model: azure/d, api_base: https://b.openai.azure.com, api_key: key-b } }
`,
    );
    expect(file['providers']).toEqual({
      azure: { baseUrl: 'https://a.openai.azure.com', keys: ['key-a'] },
      'azure-2': { vendor: 'azure', baseUrl: 'https://b.openai.azure.com', keys: ['key-b'] },
    });
    expect(file['models']).toEqual({ a: { strategy: 'weighted', targets: ['azure/d', 'azure-2/d'] } });
  });
});

describe('Bifrost', () => {
  const BIFROST = JSON.stringify({
    $schema: 'https://www.getbifrost.ai/schema',
    version: 2,
    client: {
      drop_excess_requests: true,
      allowed_origins: ['https://a.example'],
      max_request_body_size_mb: 10,
      enable_logging: true,
    },
    providers: {
      openai: {
        keys: [
          { name: 'first key', value: 'env.OPENAI_API_KEY', models: ['gpt-4o'], weight: 0.7 },
          { name: 'second', value: 'sk-2', models: ['*'], weight: 0.3 },
        ],
        network_config: {
          default_request_timeout_in_seconds: 30,
          max_retries: 1,
          retry_backoff_initial: 100,
        },
        concurrency_and_buffer_size: { concurrency: 20, buffer_size: 50 },
      },
      azure: {
        keys: [
          {
            name: 'a',
            value: 'az',
            azure_key_config: {
              endpoint: 'https://w.openai.azure.com',
              api_version: '2024-10-21',
              deployments: { x: 'y' },
            },
          },
        ],
      },
      vertex: {
        keys: [{ vertex_key_config: { project_id: 'p', region: 'us-east5', auth_credentials: '{}' } }],
      },
      bedrock: {
        keys: [{ bedrock_key_config: { access_key: 'AKIA', secret_key: 'secret', region: 'us-west-2' } }],
      },
      mine: {
        keys: [{ value: 'k' }],
        network_config: { base_url: 'http://127.0.0.1:9/api' },
        custom_provider_config: { base_provider_type: 'openai' },
      },
      replicate: { keys: [{ value: 'r' }] },
    },
    governance: {
      virtual_keys: [
        { id: 'vk1', name: 'team', value: 'sk-bf-0123456789abcdef', is_active: true },
        { id: 'vk2', name: 'old', value: 'sk-bf-0123456789abcdee', is_active: false },
        { id: 'vk3', name: 'hidden' },
      ],
      budgets: [{ id: 'b' }],
    },
    config_store: { enabled: true },
  });

  test('its providers, keys and clients are ours', () => {
    const { file, config, keys } = imported('bifrost', 'config.json', BIFROST, { OPENAI_API_KEY: 'sk-1' });
    expect(file).toEqual({
      server: { maxBodyBytes: 10_485_760, corsOrigins: ['https://a.example'] },
      auth: { keys: [{ name: 'team', value: 'sk-bf-0123456789abcdef' }] },
      lane: { onFull: 'shed' },
      models: { 'azure/x': { targets: ['azure/y'] } },
      providers: {
        openai: {
          keys: [
            { value: 'env.OPENAI_API_KEY', alias: 'first-key', weight: 0.7, models: ['gpt-4o'] },
            { value: 'sk-2', alias: 'second', weight: 0.3 },
          ],
          lane: { concurrency: 20, queue: 50 },
          retries: { max: 1, backoffMs: 100 },
          timeouts: { totalMs: 30_000 },
        },
        azure: {
          baseUrl: 'https://w.openai.azure.com',
          apiVersion: '2024-10-21',
          keys: [{ value: 'az', alias: 'a' }],
        },
        vertex: { project: 'p', region: 'us-east5', keys: [{ google: { credentials: '{}' } }] },
        bedrock: { region: 'us-west-2', keys: [{ accessKeyId: 'AKIA', secretAccessKey: 'secret' }] },
        mine: { dialect: 'openai-chat', baseUrl: 'http://127.0.0.1:9/api/v1', keys: [{ value: 'k' }] },
      },
    });
    expect(config.providers).toHaveLength(5);
    expect(keys.map(({ name }) => name)).toEqual(['team']);
  });

  test('what has no counterpart is named', () => {
    const { report } = imported('bifrost', 'config.json', BIFROST, { OPENAI_API_KEY: 'sk-1' });
    const text = report.join('\n');
    for (const place of [
      'client.enable_logging',
      'providers.replicate: is a provider',
      'governance.virtual_keys[1]: is not active',
      'governance.virtual_keys[2]: has no `value`',
      'governance.budgets',
      'config_store',
    ])
      expect(text).toContain(place);
    expect(report).toHaveLength(6);
  });
});

describe('budgets', () => {
  test('of LiteLLM: thirty days are a month, and prices stay what they are', () => {
    const { file, config } = imported(
      'litellm',
      'config.yaml',
      `model_list:
  - model_name: own
    litellm_params: { model: openai/llama, api_base: "http://127.0.0.1:8000/v1", input_cost_per_token: 0.000001, max_budget: 5, budget_duration: 7d }
litellm_settings: { max_budget: 100, budget_duration: 30d, max_end_user_budget: 2 }
router_settings:
  provider_budget_config: { openai: { budget_limit: 10, time_period: 1d } }
`,
    );
    expect(file['budgets']).toEqual([
      { per: 'model', match: { model: 'custom/llama' }, amountUsd: 5, window: '1w' },
      { per: 'gateway', amountUsd: 100, window: '1M' },
      { per: 'customer', amountUsd: 2, window: 'never' },
      { per: 'provider', match: { provider: 'openai' }, amountUsd: 10, window: '1d' },
    ]);
    expect(file['prices']).toEqual({ 'custom/llama': { input_cost_per_token: 0.000001 } });
    expect(config.limits.filter(({ dimension }) => dimension === 'cost')).toHaveLength(4);
  });

  test('of Bifrost: those of a virtual key, wherever they stand', () => {
    const governance = {
      virtual_keys: [
        {
          id: 'v',
          name: 'team',
          value: 'sk-bf-0123456789abcdef',
          budget_id: 'a',
          budgets: [{ max_limit: 1, reset_duration: '1d', calendar_aligned: true }],
        },
      ],
      budgets: [
        { id: 'a', max_limit: 9, reset_duration: '1M' },
        { id: 'b', virtual_key_id: 'v', max_limit: 2, reset_duration: '1w', calendar_aligned: true },
        { id: 'c', max_limit: 3, reset_duration: '1h' },
      ],
    };
    const { file, report } = imported(
      'bifrost',
      'config.json',
      JSON.stringify({ providers: {}, governance }),
    );
    expect(file['auth']).toEqual({
      keys: [
        {
          name: 'team',
          value: 'sk-bf-0123456789abcdef',
          budgets: [
            { amountUsd: 9, window: '1M', align: 'rolling' },
            { amountUsd: 2, window: '1w' },
            { amountUsd: 1, window: '1d' },
          ],
        },
      ],
    });
    expect(report.join('\n')).toContain('governance.budgets[2]');
  });

  test('of Bifrost: keys of several places are providers of their own, and their models lead there', () => {
    const azure = (id: string, endpoint: string, models: string[], deployments: object) => ({
      ...{ id, name: id, value: `secret-${id}`, weight: 1, models },
      azure_key_config: { endpoint: `https://${endpoint}.openai.azure.com`, deployments },
    });
    const bedrock = (id: string, region: string) => ({
      ...{ id, name: id, models: ['*'] },
      bedrock_key_config: { access_key: `AK${id}`, secret_key: 's', region },
    });
    const key = (name: string, provider_configs: object[]) => ({
      ...{ id: name, name, value: `sk-bf-${name}-0123456789`, provider_configs },
    });
    const { file, config, report } = imported(
      'bifrost',
      'config.json',
      JSON.stringify({
        providers: {
          azure: {
            network_config: { max_retries: 1 },
            keys: [
              azure('us-1', 'us', ['gpt-4.1', 'gpt-5'], { 'gpt-4.1': 'gpt-4.1' }),
              azure('us-2', 'us', ['gpt-4.1'], {}),
              azure('eu', 'eu', ['gpt-4.1'], { 'gpt-4.1': 'gpt-4.1-eu' }),
            ],
          },
          bedrock: { keys: [bedrock('east', 'us-east-1'), bedrock('west', 'us-west-2')] },
        },
        governance: {
          virtual_keys: [
            key('eu', [{ provider: 'azure', allowed_models: ['*'], key_ids: ['eu'] }]),
            key('part', [{ provider: 'azure', allowed_models: ['*'], key_ids: ['us-1'] }]),
            key('all', [
              {
                ...{ provider: 'bedrock', allowed_models: ['*'], key_ids: ['*'] },
                budgets: [{ max_limit: 3, reset_duration: '1d' }],
              },
            ]),
          ],
        },
      }),
    );
    expect(file['providers']).toMatchObject({
      azure: { baseUrl: 'https://us.openai.azure.com', keys: [{ alias: 'us-1' }, { alias: 'us-2' }] },
      'azure-2': { vendor: 'azure', baseUrl: 'https://eu.openai.azure.com', keys: [{ alias: 'eu' }] },
      bedrock: { region: 'us-east-1', keys: [{ accessKeyId: 'AKeast' }] },
      'bedrock-2': { vendor: 'bedrock', region: 'us-west-2', keys: [{ accessKeyId: 'AKwest' }] },
    });
    expect(config.providers.map(({ retries }) => retries.max).slice(0, 2)).toEqual([1, 1]);
    expect(file['models']).toEqual({
      'azure/gpt-4.1': { strategy: 'weighted', targets: ['azure/gpt-4.1', 'azure-2/gpt-4.1-eu'] },
    });
    expect(file['auth']).toMatchObject({
      keys: [
        { models: ['azure-2/*'] },
        { models: ['azure/*', '!azure-2/*'] },
        { models: ['bedrock/*', 'bedrock-2/*'] },
      ],
    });
    expect(file['budgets']).toEqual([
      {
        per: ['key'],
        match: { key: 'all', provider: 'bedrock*' },
        amountUsd: 3,
        window: '1d',
        align: 'rolling',
      },
    ]);
    expect(report).toHaveLength(2);
    expect(report.join('\n')).toMatch(/providers.bedrock.keys: .*`bedrock-2`/);
    // One of two keys of a place: here both may be used.
    expect(report.join('\n')).toContain('virtual_keys[1].provider_configs[0].key_ids');
  });

  test('of LiteLLM: of a section that stands twice the last counts, and an entry without a model is said', () => {
    const { file, report } = imported(
      'litellm',
      'config.yaml',
      `litellm_settings:
  num_retries: 5
model_list:
  - model_name: a
    litellm_params: { model: openai/gpt-4o, api_key: sk-1 }
  - model_name: b
    litellm_provider: vllm
    litellm_params: {}
litellm_settings:
  num_retries: 2
`,
    );
    expect(file['retries']).toEqual({ max: 2 });
    expect(file['models']).toEqual({ a: { targets: ['openai/gpt-4o'] } });
    expect(report[0]).toMatch(/config.yaml:1:1: this key stands once more/);
    expect(report.join('\n')).toContain('model_list[1].litellm_params: names no `model`');
  });

  test('of Bifrost: teams, customers, rate limits, and what a key may use', () => {
    const governance = {
      customers: [{ id: 'c', name: 'Acme Inc', budget_id: 'month' }],
      teams: [{ id: 't', name: 'red', customer_id: 'c', rate_limit_id: 'r' }],
      virtual_keys: [
        {
          ...{
            id: 'v',
            name: 'app one',
            value: 'sk-bf-0123456789abcdef',
            team_id: 't',
            rate_limit_id: 'odd',
          },
          provider_configs: [
            {
              provider: 'openai',
              allowed_models: ['gpt-4o'],
              budgets: [{ max_limit: 3, reset_duration: '1d' }],
            },
            { provider: 'sgl', blacklisted_models: ['bad'], weight: 0.5 },
            { provider: 'anthropic', allowed_models: [] },
          ],
        },
      ],
      budgets: [
        {
          ...{
            id: 'month',
            max_limit: 9,
            reset_duration: '1M',
            override_amount: 20,
            override_mode: 'cycles',
          },
          ...{ override_cycles_total: 3, override_anchor_reset: '2026-11-01T00:00:00Z' },
        },
        {
          id: 'own',
          team_id: 't',
          max_limit: 4,
          reset_duration: '1w',
          override_amount: 9,
          override_mode: 'cycles',
        },
      ],
      rate_limits: [
        {
          id: 'r',
          request_max_limit: 60,
          request_reset_duration: '1m',
          token_max_limit: 5,
          token_reset_duration: '1h',
        },
        { id: 'odd', request_max_limit: 7, request_reset_duration: '5m' },
      ],
    };
    const { file, config, report } = imported(
      'bifrost',
      'config.json',
      JSON.stringify({ providers: {}, governance }),
    );
    expect(file).toMatchObject({
      auth: {
        keys: [
          {
            ...{ name: 'app-one', team: 'red' },
            models: ['openai/gpt-4o', 'sglang/*', '!sglang/bad'],
          },
        ],
      },
      organizations: {
        'Acme-Inc': {
          budgets: [
            { amountUsd: 9, window: '1M', align: 'rolling', override: { amountUsd: 20, windows: 3 } },
          ],
        },
      },
      teams: {
        red: {
          organization: 'Acme-Inc',
          budgets: [{ amountUsd: 4, window: '1w', align: 'rolling' }],
          limits: [{ requests: '60/min' }, { tokens: '5/h' }],
        },
      },
      budgets: [
        {
          ...{ per: ['key', 'provider'], match: { key: 'app-one', provider: 'openai' } },
          ...{ amountUsd: 3, window: '1d', align: 'rolling' },
        },
      ],
    });
    expect(config.limits).toHaveLength(5);
    expect(report.slice(1)).toEqual([
      expect.stringContaining('allows no model'),
      expect.stringContaining('since when is not said'),
      expect.stringContaining('request_reset_duration: is no second'),
    ]);
  });

  test('of Bifrost: what is spent of a window that runs is taken off its amount', () => {
    const now = Date.now();
    const day = 86_400_000;
    const at = (ms: number): string => new Date(now + ms).toISOString();
    const budget = (id: string, more: object) => ({ id, max_limit: 9, reset_duration: '1d', ...more });
    const governance = {
      teams: [
        {
          ...{ id: 't', name: 'red' },
          budgets: [
            budget('runs', { current_usage: 2.1, last_reset: at(-day / 2) }),
            budget('over', { current_usage: 2, last_reset: at(-2 * day) }),
            budget('unsaid', { current_usage: 12 }),
            budget('good', { reset_duration: undefined, current_usage: 4, last_reset: at(-900 * day) }),
            budget('other', { current_usage: 1, override_amount: 20 }),
            budget('none', { current_usage: 0 }),
          ],
        },
      ],
    };
    const { file, report } = imported(
      'bifrost',
      'config.json',
      JSON.stringify({ providers: {}, governance }),
    );
    const { budgets } = (file as { teams: Record<string, { budgets: Record<string, unknown>[] }> }).teams[
      'red'
    ]!;
    const overrides = budgets.map(({ override }) => override as { amountUsd: number } | undefined);
    expect(overrides.map((one) => one?.amountUsd)).toEqual([6.9, undefined, 0, 5, 20, undefined]);
    expect(overrides[0]).toMatchObject({ windows: 1 });
    expect(overrides[3]).toEqual({ amountUsd: 5 });
    expect(
      report.filter((line) => line.includes('current_usage')).map((line) => line.split(': ').at(-1)),
    ).toEqual([
      'is taken off the amount of the window that runs',
      'is taken off the amount of the window that runs',
      'is taken off the amount of the window that runs',
      'is spent, and is not taken off the amount of its override',
    ]);
  });

  test('of Bifrost: who has a name that cannot be one here, or that another has already, keeps what is theirs', () => {
    const governance = {
      customers: [{ id: 'c-1', name: '客户', budgets: [{ max_limit: 9, reset_duration: '1d' }] }],
      teams: [
        { id: 't-1', name: '研发部', customer_id: 'c-1' },
        { id: 't-2', name: 'red team', budgets: [{ max_limit: 1, reset_duration: '1d' }] },
        { id: 't-3', name: 'red/team', budgets: [{ max_limit: 2, reset_duration: '1d' }] },
      ],
      virtual_keys: [
        { id: 'v-1', name: '应用', value: 'sk-bf-0123456789abcdef', team_id: 't-1' },
        { id: 'v-2', name: 'app', value: 'sk-bf-0123456789abcdee', team_id: 't-2' },
        {
          ...{ id: 'v-3', name: 'app', value: 'sk-bf-0123456789abcded', team_id: 't-3' },
          provider_configs: [{ provider: 'openai', budgets: [{ max_limit: 3, reset_duration: '1d' }] }],
        },
      ],
    };
    const { file, keys, report } = imported(
      'bifrost',
      'config.json',
      JSON.stringify({ providers: {}, governance }),
    );
    const budget = (amountUsd: number) => [{ amountUsd, window: '1d', align: 'rolling' }];
    expect(file).toMatchObject({
      organizations: { 'c-1': { budgets: budget(9) } },
      teams: {
        't-1': { organization: 'c-1' },
        'red-team': { budgets: budget(1) },
        'red-team-2': { budgets: budget(2) },
      },
      budgets: [{ match: { key: 'app-2', provider: 'openai' }, amountUsd: 3 }],
    });
    expect(keys.map(({ name, team }) => [name, team])).toEqual([
      ['v-1', 't-1'],
      ['app', 'red-team'],
      ['app-2', 'red-team-2'],
    ]);
    expect(report.filter((line) => line.endsWith('` here'))).toHaveLength(5);
  });
});
