import { expect, test } from 'vitest';
import { makerOf } from './maker.ts';

test.each([
  ['anthropic', 'claude-opus-5-5', 'anthropic'],
  ['bedrock', 'eu.anthropic.claude-sonnet-4-5-v1:0', 'anthropic'],
  ['openrouter', 'google/gemini-3-pro', 'google'],
  ['azure', 'my-deployment', 'openai'],
  ['openrouter', 'openai/gpt-5.4', 'openai'],
  ['openai', 'o4-mini', 'openai'],
  ['custom', 'gpt-oss-120b', 'openai'],
  ['xai', 'grok-5', 'xai'],
  ['deepseek', 'deepseek-reasoner', 'deepseek'],
  ['my-servers', 'qwen3', 'my-servers'],
  ['groq', 'llama-gpteacher', 'groq'],
])('at %s %s is of %s', (vendor, model, maker) => {
  expect(makerOf(vendor, model)).toBe(maker);
});
