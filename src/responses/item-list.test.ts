import { expect, test } from 'vitest';
import { pageOf, shownItems } from './item-list.ts';

const items = shownItems(
  ['a', 'b', 'c', 'd'].map((content) => ({ role: 'user', content })),
  'resp_1',
);
const ids = items.map(({ id }) => id);
const page = (query: string) => {
  const { data, has_more, first_id, last_id } = pageOf(items, query);
  const found = (data as { id: string }[]).map(({ id }) => ids.indexOf(id));
  expect([first_id, last_id]).toEqual([ids[found[0]!] ?? null, ids[found.at(-1)!] ?? null]);
  return [found, has_more];
};

test.each<[string, number[], boolean]>([
  ['', [3, 2, 1, 0], false],
  ['order=asc', [0, 1, 2, 3], false],
  ['limit=3', [3, 2, 1], true],
  ['order=asc&limit=2', [0, 1], true],
  [`order=asc&after=${ids[1]}`, [2, 3], false],
  [`after=${ids[1]}`, [0], false],
  [`order=asc&before=${ids[3]}&limit=2`, [1, 2], true],
  [`order=asc&after=${ids[0]}&before=${ids[3]}`, [1, 2], false],
  [`order=asc&after=${ids[3]}`, [], false],
])('%s is a page', (query, found, more) => {
  expect(page(query)).toEqual([found, more]);
});

test.each(['order=up', 'limit=0', 'limit=101', 'limit=x', 'after=nobody', 'before=nobody'])(
  '%s is refused',
  (query) => {
    expect(() => pageOf(items, query)).toThrow();
  },
);

test('items are shown with ids that stay, and texts as parts', () => {
  expect(shownItems([{ role: 'user', content: 'a' }], 'resp_1')[0]).toEqual(items[0]);
  expect(shownItems([{ role: 'user', content: 'a' }], 'resp_2')[0]!['id']).not.toBe(ids[0]);
  const call = { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}' };
  expect(shownItems([call], 'x')).toEqual([call]);
  expect(shownItems([{ role: 'assistant', content: 'said' }], 'x')[0]).toMatchObject({
    type: 'message',
    status: 'completed',
    content: [{ type: 'output_text', text: 'said' }],
  });
});
