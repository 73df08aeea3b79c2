import { describe, expect, it } from 'vitest';
import { matchesPattern } from '../names/pattern.ts';
import { operations } from '../registry/operations.ts';
import { PROVIDERS } from './registry.ts';

describe('provider records', () => {
  it('have names that no two share and that can stand in a path', () => {
    const names = PROVIDERS.map((record) => record.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
  });

  it.each(PROVIDERS.map((record) => [record.name, record] as const))(
    '%s states a usable base URL',
    (_, record) => {
      const url = new URL(record.baseUrl.replaceAll(/\{\w+\}/g, 'part'));
      const parts = record.baseUrl.match(/(?<=\{)\w+/g) ?? [];
      for (const part of parts) expect(record.parts?.map(({ name }) => name)).toContain(part);
      if (record.ending !== undefined) expect(record.baseUrl.endsWith(record.ending)).toBe(true);
      expect(record.baseUrl.endsWith('/')).toBe(false);
      expect(url.search + url.hash + url.username).toBe('');
      // Keys go only over TLS; what has no key variable of its own runs on this machine.
      const local = record.grpc === undefined ? 'http:' : 'grpc:';
      expect(url.protocol).toBe(record.keyEnv.length > 0 ? 'https:' : local);
      if (record.keyEnv.length === 0) expect(url.hostname).toBe('127.0.0.1');
      if (record.speaks[0]?.dialect === 'anthropic') expect(url.pathname).toBe('/');
    },
  );

  // Chat is what a provider is; tokens are counted where nobody else does it.
  const everywhere = ['chat', 'token-count'];
  it.each(Object.keys(operations).filter((name) => !everywhere.includes(name)))(
    'name %s among the endpoints of some provider, or nobody would be asked for it',
    (name) => {
      const serving = PROVIDERS.filter(({ endpoints }) => Object.hasOwn(endpoints ?? {}, name));
      expect(serving).not.toEqual([]);
    },
  );

  // Read in the vendors' own SDKs and pages: what is not in a record is refused before anybody is asked.
  it.each([
    ['groq', 'embeddings', true],
    ['nebius', 'rerank', true],
    ['nebius', 'fine-tuning', true],
    ['deepseek', 'file', true],
    ['openrouter', 'rerank', true],
    ['openrouter', 'transcription', false], // JSON there, and no form
    ['xai', 'image', true],
    ['xai', 'image-form', false], // likewise
    ['databricks', 'decision', false], // at another path, in another shape
  ] as const)('%s serves %s: %s', (name, operation, serves) => {
    const record = PROVIDERS.find((known) => known.name === name)!;
    expect(Object.hasOwn(record.endpoints!, operation)).toBe(serves);
  });

  it('use the key variables of the vendors, none for two providers', () => {
    const variables = PROVIDERS.flatMap((record) => record.keyEnv);
    expect(new Set(variables).size).toBe(variables.length);
    expect(variables).toEqual([
      'OPENAI_API_KEY',
      'ANTHROPIC_API_KEY',
      'GEMINI_API_KEY',
      'GOOGLE_API_KEY',
      'MISTRAL_API_KEY',
      'GROQ_API_KEY',
      'DEEPSEEK_API_KEY',
      'XAI_API_KEY',
      'OPENROUTER_API_KEY',
      'TOGETHER_API_KEY',
      'FIREWORKS_API_KEY',
      'CEREBRAS_API_KEY',
      'COHERE_API_KEY',
      'CO_API_KEY',
      'NEBIUS_API_KEY',
      'HF_TOKEN',
      'PERPLEXITY_API_KEY',
      'NVIDIA_API_KEY',
      'NVIDIA_RERANK_API_KEY',
      'AWS_BEARER_TOKEN_BEDROCK',
      'AZURE_OPENAI_API_KEY',
      'AZURE_API_KEY',
      'VERTEX_API_KEY',
      'DATABRICKS_TOKEN',
      'DATABRICKS_API_KEY',
      'CLOUDFLARE_API_TOKEN',
      'CLOUDFLARE_API_KEY',
      'GITHUB_MODELS_TOKEN',
      'GITHUB_MODELS_API_KEY',
    ]);
  });

  it('claim models by patterns whose only star is at the end, each pattern once', () => {
    const patterns = PROVIDERS.flatMap((record) => record.modelPatterns).filter((pattern) => pattern !== '*');
    for (const pattern of patterns) expect(pattern).toMatch(/^[^*\s]+\*?$/);
    expect(new Set(patterns).size).toBe(patterns.length);
  });

  it('list only models that they take by a bare name, where they claim bare names', () => {
    for (const { usualModels = [], modelPatterns } of PROVIDERS) {
      if (modelPatterns.length === 0) continue;
      for (const model of usualModels) {
        expect(modelPatterns.some((pattern) => matchesPattern(pattern, model))).toBe(true);
      }
    }
  });

  it('name max_completion_tokens for OpenAI’s own models alone', () => {
    expect(PROVIDERS.filter((record) => !record.quirks.legacyMaxTokens).map((record) => record.name)).toEqual(
      ['openai', 'bedrock', 'azure'],
    );
  });
});
