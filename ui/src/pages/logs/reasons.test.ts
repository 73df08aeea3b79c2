import { expect, test } from 'vitest';
import { whyOf } from './reasons.ts';

const call = {
  requestedModel: 'fast',
  model: 'fast',
  cache: '',
  cacheType: '',
  outcome: 'ok',
  rescued: '',
  error: '',
  errorType: '',
} as const;
const attempt = {
  attempt: 1,
  provider: 'openai',
  upstreamModel: 'gpt-5',
  outcome: 'ok',
  errorType: '',
  status: 200,
} as const;

test('the way of a call through its plan', () => {
  expect(
    whyOf({ ...call, requestedModel: 'quick' }, [
      { ...attempt, outcome: 'error', errorType: 'provider_rate_limit', status: 429 },
      { ...attempt, outcome: 'error', errorType: 'provider_timeout', status: 0 },
      { ...attempt, provider: 'azure' },
    ]),
  ).toEqual([
    '“quick” was asked for and stands for “fast”.',
    'The plan’s first choice was openai with gpt-5: provider rate limit (429).',
    'It was asked again: openai with gpt-5: provider timeout.',
    'The next choice was azure with gpt-5, which answered.',
  ]);
});

test('a hit of the cache, and a refusal before any attempt', () => {
  expect(whyOf({ ...call, cache: 'hit', cacheType: 'semantic' }, [])).toContain(
    'The semantic cache had the answer: no provider was asked.',
  );
  expect(whyOf({ ...call, outcome: 'error', errorType: 'rate_limit' }, [])).toContain(
    'It was refused before any provider was asked: rate limit.',
  );
});
