// A whole ProviderConfig for tests: what they do not care about is in order, and nothing in it needs a network.
import type { ProviderConfig } from '../../src/contracts/provider-config.ts';

/** @param change what the test is about. The provider speaks openai-chat and has one key unless that says otherwise. */
export function makeProvider(name: string, change: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name,
    speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
    baseUrl: 'http://127.0.0.1:1/v1',
    kind: 'http',
    keys: [{ value: `sk-secret-${name}`, weight: 1, models: [], alias: `${name}-1` }],
    models: ['*'],
    modelsDeclared: true,
    headers: {},
    lane: { concurrency: 1, queue: 1, queueTimeoutMs: 1000, onFull: 'shed' },
    timeouts: {
      connectMs: 1000,
      headersMs: 2000,
      firstTokenMs: 3000,
      betweenTokensMs: 1000,
      totalMs: 60_000,
    },
    retries: { max: 1, backoffMs: 10, maxBackoffMs: 10, maxAttempts: 5 },
    cooldown: { rateLimitMs: 30_000, overloadMs: 5_000, maxMs: 86_400_000 },
    breaker: { failures: 5, openMs: 1_000, maxOpenMs: 20_000, slowStartMs: 10_000 },
    quirks: { streamUsage: true, legacyMaxTokens: false },
    ...change,
  };
}
