import { expect, it } from 'vitest';
import { NOTHING_MANAGED } from '../../src/contracts/managed-config.ts';
import { readDocument } from './document.ts';

const price = { input_cost_per_token: 1e-6 };
const read = (given: unknown) => readDocument(given, NOTHING_MANAGED, new Set(['openai']), ['oa/*']);

it('prices of names that the file has none of are the document’s', () => {
  const { managed, problems } = read({ prices: { 'oa/big': price } });
  expect(problems).toEqual([]);
  expect(managed?.sections).toEqual({ prices: { 'oa/big': price } });
});

it('those of the file are a problem, with their place: they would not count', () => {
  const text = `prices:\n  "oa/big": { input_cost_per_token: 0.000001 }\n  "oa/*": { input_cost_per_token: 0.000001 }\n`;
  const { managed, problems } = read(text);
  expect(managed).toBeNull();
  expect(problems).toEqual([
    {
      ...{ path: 'prices["oa/*"]', line: 3, source: 'document' },
      message: 'it stands in the file: change it there',
    },
  ]);
});
