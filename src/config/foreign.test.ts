import { describe, expect, test } from 'vitest';
import { foreignAdvice } from './foreign.ts';

describe('the file of another gateway is recognised', () => {
  test.each<[string, object, string]>([
    ['LiteLLM', { model_list: [{ model_name: 'a', litellm_params: { model: 'openai/a' } }] }, 'model_list'],
    ['LiteLLM', { general_settings: { master_key: 'sk-secret' } }, 'general_settings'],
    ['LiteLLM', { model_list: [], litellm_settings: {}, router_settings: {} }, 'model_list'],
    ['Bifrost', { client: {}, config_store: { enabled: true }, providers: {} }, 'config_store'],
    ['Bifrost', { $schema: 'https://www.getbifrost.ai/schema', providers: {} }, '$schema'],
    [
      'Bifrost',
      { providers: { openai: { keys: [{ name: 'k', value: 'env.X', models: [], weight: 1 }] } } },
      'providers.*.keys[].name',
    ],
    [
      'Bifrost',
      { providers: { openai: { keys: [], network_config: { max_retries: 1 } } } },
      'network_config',
    ],
    ['Portkey', { strategy: { mode: 'fallback' }, targets: [] }, 'strategy'],
  ])('%s %j', (gateway, file, key) => {
    const advice = foreignAdvice(file);
    expect(advice?.[0]).toContain(gateway);
    expect(advice?.[0]).toContain(`\`${key}\``);
    expect(advice?.length).toBeGreaterThan(2);
    expect(advice?.join('\n')).not.toContain('sk-secret');
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a list', []],
    ['ours', { providers: { openai: { keys: ['env.X'] } }, models: { fast: { targets: ['openai/a'] } } }],
    ['keys with values only', { providers: { openai: { keys: [{ value: 'env.X', weight: 2 }] } } }],
    ['ours with a stray key', { models: { a: { targets: ['b/c'] } }, targets: ['b/c'] }],
    ['ours mistyped', { provider: { openai: {} } }],
  ])('but not %s', (_, file) => {
    expect(foreignAdvice(file)).toBeNull();
  });
});
