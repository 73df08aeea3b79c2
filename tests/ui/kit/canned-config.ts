// A managed configuration as the API would tell it.
import { MEAN } from './mean.ts';

export function configState(): object {
  const managed = {
    providers: { openai: { keys: [{ alias: 'openai-1', value: '***' }] } },
    models: {
      fast: {
        targets: ['openai/gpt-5-mini', 'vertex/gemini-3-flash'],
        fallbacks: [{ on: ['rate_limit', 'timeout'], to: 'split' }],
        shadow: { to: 'mistral/mistral-large', percent: 5 },
      },
      split: {
        strategy: 'weighted',
        targets: [
          { model: 'openai/gpt-5', weight: 3 },
          { model: `anthropic/${MEAN}`, weight: 1 },
        ],
      },
    },
  };
  return {
    version: 4,
    managed,
    file: { providers: ['anthropic', 'azure-eu'], models: [] },
    effective: {
      ...managed,
      server: { port: 8080 },
      guardrails: [
        { name: 'pii', action: 'redact', checks: [{ type: 'pii' }, { type: 'secrets' }] },
        { name: MEAN, on: ['output'], action: 'block', checks: [{ type: 'regex' }], when: { teams: [MEAN] } },
      ],
    },
  };
}

export function history(now: number): object[] {
  return [4, 3].map((version) => ({
    version,
    at: new Date(now - version * 60_000).toISOString(),
    by: 'admin:ada',
    action: 'config.apply',
    target: 'config',
  }));
}

/** Of every second model nobody knows what it costs. */
export function prices(models: string): object {
  const part = { tier: null, over: 0, ttl: null, size: null };
  return {
    items: models.split(',').map((model, index) =>
      index % 2 === 1
        ? { model, source: null, components: [], managed: null, statedAs: null, shadowed: [], changes: [] }
        : {
            model,
            source: 'genai-prices 0.2.3',
            ...{ managed: null, statedAs: null, shadowed: [], changes: [] },
            components: [
              { ...part, kind: 'input', unit: 'token', usd: 0.00000025 },
              { ...part, kind: 'output', unit: 'token', usd: 0.000002 },
              { ...part, kind: 'cache_read', unit: 'token', usd: 0.000000025, tier: 'flex' },
              { ...part, kind: 'input', unit: 'search', usd: 0.01, size: MEAN },
            ],
          },
    ),
  };
}
