// What answers tell beside tokens of text, in each dialect's words: tokens of pictures, and searches of the web.
import { expect, test } from 'vitest';
import type { JsonObject } from '../contracts/json.ts';
import { decodeUsage } from './anthropic/usage.ts';
import { readUsage as readCohere } from './cohere/usage.ts';
import { readUsage as readGemini } from './gemini/usage.ts';
import { mergeUsage } from './merge-usage.ts';
import { findUsage } from './openai-chat/usage.ts';
import { usageOf } from './openai-responses/usage.ts';

test('OpenAI and those that speak like it', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 7 };
  const read = (more: JsonObject) => findUsage({ usage: { ...usage, ...more } });
  expect(
    read({ prompt_tokens_details: { image_tokens: 4 }, completion_tokens_details: { image_tokens: 5 } }),
  ).toMatchObject({ imageInput: 4, imageOutput: 5 });
  expect(read({ server_tool_use: { web_search_requests: 2 } })).toMatchObject({ webSearches: 2 });
  expect(read({ search_context_size: 'low' })).toMatchObject({ webSearches: 1, searchSize: 'low' });
  expect(read({ search_context_size: 'low', num_search_queries: 30 })).toMatchObject({ webSearches: 30 });
  expect(Object.keys(read({ server_tool_use: null })!)).not.toContain('webSearches');
});

test('Responses: a page that is opened is no search', () => {
  const output = [
    { type: 'web_search_call', action: { type: 'search', query: 'x' } },
    { type: 'web_search_call' },
    { type: 'web_search_call', action: { type: 'open_page', url: 'https://x' } },
    { type: 'message', content: [] },
  ];
  expect(usageOf({ output, usage: { input_tokens: 9 } })?.webSearches).toBe(2);
  expect(usageOf({ output: [], usage: { input_tokens: 9 } })).not.toHaveProperty('webSearches');
});

test('Anthropic', () => {
  const usage = { input_tokens: 9, output_tokens: 7, server_tool_use: { web_search_requests: 2 } };
  expect(decodeUsage(usage)?.webSearches).toBe(2);
  expect(decodeUsage({ ...usage, server_tool_use: { web_search_requests: 0 } })).not.toHaveProperty(
    'webSearches',
  );
});

test('Gemini: by the prompt at first, and by the search since its third generation', () => {
  const answer = (modelVersion: string) => ({
    modelVersion,
    candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b'] } }, {}],
    usageMetadata: {
      promptTokenCount: 9,
      candidatesTokenCount: 7,
      promptTokensDetails: [{ modality: 'IMAGE', tokenCount: 4 }],
      candidatesTokensDetails: [
        { modality: 'TEXT', tokenCount: 2 },
        { modality: 'IMAGE', tokenCount: 5 },
      ],
    },
  });
  expect(readGemini(answer('gemini-2.5-flash'))).toMatchObject({
    webSearches: 1,
    imageInput: 4,
    imageOutput: 5,
  });
  expect(readGemini(answer('gemini-3.5-flash'))?.webSearches).toBe(2);
});

test('Cohere: pictures are counted beside texts', () => {
  const billed = { billed_units: { input_tokens: 9, image_tokens: 4 } };
  expect(readCohere(billed)).toMatchObject({ input: 13, imageInput: 4 });
  expect(readCohere({ billed_units: { input_tokens: 9 } })).not.toHaveProperty('imageInput');
});

test('what one event of a stream tells the next ones do not take back', () => {
  const none = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };
  const first = { ...none, input: 9, output: 1, webSearches: 2, imageOutput: 5, searchSize: 'low' };
  expect(mergeUsage(first, { ...none, input: 9, output: 7 })).toMatchObject({
    output: 7,
    webSearches: 2,
    imageOutput: 5,
    searchSize: 'low',
  });
});
