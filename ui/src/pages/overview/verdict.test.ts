import { expect, test } from 'vitest';
import { verdictOf } from './verdict.ts';

const none = { caller: 0, policy: 0, provider: 0, gateway: 0 };

test.each([
  [{ requests: 0, errors: none }, 'No calls.', 'idle'],
  [{ requests: 1, errors: none }, 'All is well: 1 call, none failed.', 'ok'],
  [
    { requests: 1000, errors: { ...none, caller: 400 } },
    '40 % of 1,000 calls failed; all of it by callers’ own requests.',
    'ok',
  ],
  [
    { requests: 1000, errors: { ...none, provider: 20, caller: 5 } },
    '2.5 % of 1,000 calls failed; 80 % of that by providers.',
    'warn',
  ],
  [
    { requests: 1000, errors: { ...none, provider: 60 } },
    '6 % of 1,000 calls failed; all of it by providers.',
    'bad',
  ],
  [
    { requests: 1000, errors: { ...none, gateway: 12 } },
    '1.2 % of 1,000 calls failed; all of it by this gateway.',
    'bad',
  ],
] as const)('%j', (total, words, state) => {
  expect(verdictOf(total, [])).toEqual({ words, state });
});

test('the most frequent kind is named', () => {
  const { words } = verdictOf({ requests: 10, errors: { ...none, provider: 1 } }, [
    { type: 'provider_rate_limit', count: 1 },
  ]);
  expect(words).toContain('most often provider rate limit');
});

test('the kind that is named is of whose failures they mostly are', () => {
  const types = [
    { type: 'caller_invalid_request', count: 40 },
    { type: 'provider_overloaded', count: 35 },
    { type: 'provider_rate_limit', count: 30 },
  ];
  const { words } = verdictOf({ requests: 1000, errors: { ...none, caller: 40, provider: 65 } }, types);
  expect(words).toContain('by providers, most often provider overloaded.');
  expect(verdictOf({ requests: 10, errors: { ...none, policy: 1 } }, types).words).toContain(
    'by your limits and rules.',
  );
});
