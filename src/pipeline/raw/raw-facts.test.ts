import { expect, test } from 'vitest';
import { rawFacts } from './raw-facts.ts';

const quantities = (answer: object) => rawFacts(JSON.stringify(answer))?.quantities;

test('pages, classes and seconds are what vendors bill by, and nothing else is told of them', () => {
  expect(quantities({ pages: [{}], usage_info: { pages_processed: 3, doc_size_bytes: 9 } })).toMatchObject({
    pages: 3,
    seconds: null,
  });
  expect(quantities({ meta: { billed_units: { classifications: 4 } } })).toMatchObject({ searches: 4 });
  expect(quantities({ usage: { type: 'duration', seconds: 5 } })).toMatchObject({ seconds: 5 });
  expect(quantities({ usage_info: { pages_processed: 'many' }, meta: null })).toBeUndefined();
});
