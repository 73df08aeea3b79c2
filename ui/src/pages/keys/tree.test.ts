import { expect, test } from 'vitest';
import type { Managed } from './objects.ts';
import { found, treeOf } from './tree.ts';

const one = (id: string, more: Partial<Managed> = {}): Managed => ({ id, name: id, managed: 'db', ...more });
const book = {
  organizations: [one('acme')],
  teams: [one('search', { organization: 'acme' }), one('lone')],
  users: [one('ada', { team: 'search' }), one('bob', { team: 'gone' })],
  keys: [
    one('k-ada', { user: 'ada', team: 'search' }),
    one('k-team', { team: 'search' }),
    one('k-org', { organization: 'acme' }),
    one('k-free'),
  ],
};
const shape = (rows: ReturnType<typeof found>): string[] =>
  rows.map(({ object, depth, keys, kind }) => `${'  '.repeat(depth)}${kind} ${object.id} ${keys}`);

test('every object has one place, what belongs to nobody at the end', () => {
  expect(shape(treeOf(book))).toEqual([
    'organization acme 3',
    '  team search 2',
    '    user ada 1',
    '      key k-ada 1',
    '    key k-team 1',
    '  key k-org 1',
    'team lone 0',
    'user bob 0',
    'key k-free 1',
  ]);
});

test('a search keeps what the found is in', () => {
  expect(shape(found(treeOf(book), 'K-ADA'))).toEqual([
    'organization acme 3',
    '  team search 2',
    '    user ada 1',
    '      key k-ada 1',
  ]);
  expect(found(treeOf(book), 'nothing')).toEqual([]);
});
