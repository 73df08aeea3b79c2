import { expect, test } from 'vitest';
import { deedsOf } from './deeds.ts';

test('deeds are counted by name, place and action, with the newest call of each', () => {
  const pii = { name: 'pii', at: 'input', action: 'mask' };
  const word = { name: 'words', at: 'output', action: 'block' };
  expect(
    deedsOf([
      { call: 'c3', guardrails: [pii] },
      { call: 'c2', guardrails: [pii, word] },
      { call: 'c1', guardrails: [] },
    ]),
  ).toEqual([
    { ...pii, count: 2, call: 'c3' },
    { ...word, count: 1, call: 'c2' },
  ]);
});
