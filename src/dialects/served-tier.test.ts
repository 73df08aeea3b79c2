import { expect, it } from 'vitest';
import { decodeUsage } from './bedrock/usage.ts';
import { UsageReader } from './anthropic/usage.ts';
import { readUsage as readGemini } from './gemini/usage.ts';
import { mergeUsage } from './merge-usage.ts';
import { findUsage } from './openai-chat/usage.ts';
import { usageOf } from './openai-responses/usage.ts';

const usage = { prompt_tokens: 3, completion_tokens: 2 };

it('is read where each vendor says it, and is not there where it is the standard one', () => {
  expect(findUsage({ usage, service_tier: 'flex' })?.tier).toBe('flex');
  expect(findUsage({ usage, service_tier: 'priority' })?.tier).toBe('priority');
  for (const tier of ['default', 'auto', 'scale', null, 7, undefined])
    expect(findUsage({ usage, ...(tier === undefined ? {} : { service_tier: tier }) })).not.toHaveProperty(
      'tier',
    );
  expect(usageOf({ usage: { input_tokens: 1, output_tokens: 1 }, service_tier: 'priority' })?.tier).toBe(
    'priority',
  );
  expect(decodeUsage({ inputTokens: 1, outputTokens: 1 }, { type: 'flex' })?.tier).toBe('flex');
  expect(decodeUsage({ inputTokens: 1 }, { type: 'default' })).not.toHaveProperty('tier');
  const gemini = (more: object) => readGemini({ usageMetadata: { promptTokenCount: 1, ...more } });
  expect(gemini({ trafficType: 'ON_DEMAND_FLEX' })?.tier).toBe('flex');
  expect(gemini({ serviceTier: 'PRIORITY' })?.tier).toBe('priority');
  expect(gemini({ trafficType: 'ON_DEMAND' })).not.toHaveProperty('tier');
});

it('of Anthropic has a region and a speed beside it', () => {
  const reader = new UsageReader();
  reader.add({ input_tokens: 5, service_tier: 'batch', inference_geo: 'us' });
  reader.add({ output_tokens: 7 });
  expect(reader.usage).toMatchObject({ tier: 'batch', factors: ['us'] });
  const plain = new UsageReader();
  plain.add({ input_tokens: 5, service_tier: 'priority' });
  expect(plain.usage).not.toHaveProperty('tier');
});

it('is kept, like the part that was sound, where usage is told in pieces', () => {
  const none = {
    input: 1,
    output: 1,
    cacheRead: null,
    cacheWriteShort: null,
    cacheWriteLong: null,
    reasoning: null,
  };
  expect(mergeUsage({ ...none, tier: 'flex', audioInput: 4 }, { ...none, output: 9 })).toMatchObject({
    output: 9,
    tier: 'flex',
    audioInput: 4,
  });
  expect(mergeUsage(none, none)).toEqual(none);
});
