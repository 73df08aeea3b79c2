import { expect, test } from 'vitest';
import { draftOf, entryOf } from './draft.ts';

test('an entry comes out of its fields as it went in, with what has no field', () => {
  const entry = {
    strategy: 'weighted',
    targets: ['a/x', { model: 'b/y', weight: 3 }],
    fallbacks: [{ on: ['timeout'], to: 'big' }],
    gate: true,
    split: [{ to: 'c/z', percent: 10 }],
  };
  expect(entryOf(draftOf(entry))).toEqual(entry);
  expect(entryOf(draftOf({ targets: ['a/x'] }))).toEqual({ targets: ['a/x'] });
  expect(entryOf(draftOf({ capabilities: {} }))).toEqual({ capabilities: {} });
});

test('lines that were left empty are no targets', () => {
  const draft = {
    strategy: 'order',
    targets: [
      { model: ' a/x ', weight: '' },
      { model: '', weight: '2' },
    ],
    fallbacks: [{ to: '', on: ['error'] }],
    rest: {},
  };
  expect(entryOf(draft)).toEqual({ targets: ['a/x'] });
});
