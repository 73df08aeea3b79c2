import { expect, it } from 'vitest';
import { rulesOf } from './rules.ts';

it('guardrails are told as the configuration has them, whatever is left out', () => {
  expect(
    rulesOf([
      {
        name: 'pii',
        on: ['input'],
        action: 'redact',
        checks: [{ type: 'pii' }, { type: 'secrets' }],
        when: { teams: ['a', 'b'], models: ['m*'] },
      },
      { name: 'short', checks: [{ type: 'length', maxChars: 5 }] },
    ]),
  ).toEqual([
    {
      name: 'pii',
      on: ['input'],
      action: 'redact',
      checks: ['pii', 'secrets'],
      who: 'teams a, b; models m*',
    },
    { name: 'short', on: [], action: 'block', checks: ['length'], who: '' },
  ]);
  expect(rulesOf(undefined)).toEqual([]);
});
