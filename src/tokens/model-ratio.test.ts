import { describe, expect, it } from 'vitest';
import { estimateTokens } from './estimate.ts';
import { ratioFor } from './model-ratio.ts';

describe('ratioFor', () => {
  it.each(['gpt-4o', 'openai/gpt-4o-mini', 'gpt-4.1', 'gpt-5.4-mini', 'o3', 'o4-mini', 'gpt-oss-120b'])(
    'is exact for %s',
    (model) => expect(ratioFor(model)).toEqual({ ratio: 1, exact: true }),
  );

  it.each([
    'gpt-4',
    'gpt-4-turbo',
    'gpt-3.5-turbo',
    'anthropic/claude-sonnet-4-5',
    'gemini-3-pro',
    'qwen3',
    'mine',
  ])('is an estimate on the high side for %s', (model) => {
    expect(ratioFor(model).exact).toBe(false);
    expect(ratioFor(model).ratio).toBeGreaterThan(1);
  });
});

describe('estimateTokens', () => {
  it('rounds up, so that a prompt is never free', () => {
    expect(estimateTokens(0)).toBe(0);
    expect(estimateTokens(1)).toBe(1);
    expect(estimateTokens(7000)).toBe(2000);
  });
});
