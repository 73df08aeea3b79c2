import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../contracts/json.ts';
import { mergeUsage } from '../merge-usage.ts';
import { findUsage, readUsage, writeUsage } from './usage.ts';

const none = {
  input: null,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: null,
  reasoning: null,
};

describe('reading usage', () => {
  test('cache and reasoning are parts of input and output', () => {
    expect(
      readUsage({
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 20 },
      }),
    ).toEqual({
      input: 100,
      cacheRead: 60,
      cacheWriteShort: 10,
      cacheWriteLong: null,
      output: 50,
      reasoning: 20,
    });
  });

  test.each([
    ['Mistral', { num_cached_tokens: 60 }],
    ['Mistral, as it was', { prompt_token_details: { cached_tokens: 60 } }],
    ['DeepSeek', { prompt_cache_hit_tokens: 60, prompt_cache_miss_tokens: 40 }],
    ['Together', { cached_tokens: 60 }],
    ['Perplexity', { input_tokens_details: { cache_read_input_tokens: 60, cache_creation_input_tokens: 7 } }],
  ])('what was in the cache is read where %s tells it', (_, told) => {
    expect(readUsage({ prompt_tokens: 100, ...told })).toMatchObject({ input: 100, cacheRead: 60 });
  });

  test('the tier is told beside the usage, or in it', () => {
    const tier = (more: JsonObject, inside: JsonObject = {}) =>
      findUsage({ usage: { prompt_tokens: 1, ...inside }, ...more })?.tier;
    expect([tier({ service_tier: 'flex' }), tier({}, { service_tier: 'priority' }), tier({})]).toEqual([
      'flex',
      'priority',
      undefined,
    ]);
  });

  test('sound is a part of each side, priced apart, and said again', () => {
    const told = {
      prompt_tokens: 100,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 60, audio_tokens: 30 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 40 },
    };
    const usage = readUsage(told);
    expect(usage).toMatchObject({ input: 100, audioInput: 30, output: 50, audioOutput: 40 });
    expect(writeUsage(usage)).toMatchObject(told);
    expect(writeUsage({ ...none, audioInput: 3, audioOutput: 4 })).toMatchObject({
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 4 },
    });
    // Most answers say that there was none.
    const silent = { prompt_tokens: 1, prompt_tokens_details: { audio_tokens: 0 } };
    expect(readUsage(silent)).toEqual({ ...none, input: 1 });
  });

  test('what is not said is null, not 0', () => {
    expect(readUsage({})).toEqual(none);
    expect(readUsage({ prompt_tokens: 0, completion_tokens: 'many' })).toEqual({ ...none, input: 0 });
  });

  test("xAI's reasoning outside of completion_tokens is added, seen by the total or by its size", () => {
    const details = { completion_tokens_details: { reasoning_tokens: 30 } };
    expect(readUsage({ prompt_tokens: 10, completion_tokens: 50, total_tokens: 90, ...details }).output).toBe(
      80,
    );
    expect(readUsage({ completion_tokens: 5, ...details }).output).toBe(35);
    expect(readUsage({ prompt_tokens: 10, completion_tokens: 50, total_tokens: 60, ...details }).output).toBe(
      50,
    );
  });

  test('more cached than prompt tokens are added to them', () => {
    expect(readUsage({ prompt_tokens: 5, prompt_tokens_details: { cached_tokens: 60 } }).input).toBe(65);
  });

  test("DeepSeek's and Perplexity's places", () => {
    expect(readUsage({ prompt_cache_hit_tokens: 7, reasoning_tokens: 3 })).toMatchObject({
      cacheRead: 7,
      reasoning: 3,
    });
  });

  test('a body without usage has none', () => {
    expect(findUsage({ usage: null })).toBe(null);
    expect(findUsage({ x_groq: { id: 'r' } })).toBe(null);
    expect(findUsage({ x_groq: { usage: { prompt_tokens: 3 } } })?.input).toBe(3);
  });
});

describe('writing usage', () => {
  test('unknown counts are 0, since clients add them up without asking', () => {
    expect(writeUsage({ ...none, output: 3 })).toEqual({
      prompt_tokens: 0,
      completion_tokens: 3,
      total_tokens: 3,
    });
  });

  test('a later count replaces an earlier one, a missing one does not', () => {
    const merged = mergeUsage({ ...none, input: 10, output: 1 }, { ...none, output: 6 });
    expect(merged).toEqual({ ...none, input: 10, output: 6 });
    expect(mergeUsage(null, null)).toBe(null);
  });

  test('a later 0 replaces nothing', () => {
    const told = { ...none, input: 10, cacheRead: 4, output: 0 };
    expect(mergeUsage(told, { ...none, input: 0, cacheRead: 0, output: 0 })).toEqual(told);
    expect(mergeUsage(none, { ...none, output: 0 })).toEqual({ ...none, output: 0 });
  });

  const counts = { prompt_tokens: 50, completion_tokens: 2 };
  test.each([
    ['a choice', { choices: [{ index: 0, delta: {}, usage: counts }] }],
    ["a choice's delta", { choices: [{ index: 0, delta: { usage: counts } }] }],
    ['x_groq', { choices: [], x_groq: { usage: counts } }],
    [
      'x_groq, beside zeros',
      { usage: { prompt_tokens: 0, completion_tokens: 0 }, x_groq: { usage: counts } },
    ],
    ['the names of other dialects', { usage: { input_tokens: 50, output_tokens: 2 } }],
    [
      "Bedrock's metrics",
      { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 50, outputTokenCount: 2 } },
    ],
  ])('is found in %s', (_, body) => {
    expect(findUsage(body as JsonObject)).toMatchObject({ input: 50, output: 2 });
  });
});
