import { expect, it, vi } from 'vitest';
import type { ObjectOwner } from '../contracts/objects.ts';
import { createObjectBook, NO_RECORDS } from './book.ts';

const mine: ObjectOwner = { owner: 'me', provider: 'oa' };

it('tells what it notes, once, and knows it at once', () => {
  const tell = vi.fn();
  const book = createObjectBook({ ...NO_RECORDS, tell });
  book.note('a', mine);
  book.note('a', { ...mine });
  expect(tell.mock.calls).toEqual([['a', mine]]);
  expect(book.find('a')).toEqual(mine);
  book.note('a', { ...mine, owner: 'you' });
  expect(tell).toHaveBeenCalledTimes(2);
});

it('asks for what it does not know, and keeps what it is told', async () => {
  const ask = vi.fn((ids: readonly string[]) => Promise.resolve(ids.map((id) => (id === 'b' ? mine : null))));
  const book = createObjectBook({ tell: () => {}, ask });
  book.note('a', mine);
  expect(await book.many(['a', 'b', 'c'])).toEqual([mine, mine, null]);
  expect(ask.mock.calls).toEqual([[['b', 'c']]]);
  expect(book.find('b')).toEqual(mine);
  expect(await book.find('c')).toBeNull();
  expect(await book.many([])).toEqual([]);
});

it('claims what nobody here knows, and asks who has it afterwards', async () => {
  const tell = vi.fn();
  const yours = { ...mine, owner: 'you' };
  const book = createObjectBook({ tell, ask: (ids) => Promise.resolve(ids.map(() => yours)) });
  book.claim('a', mine);
  expect(tell.mock.calls).toEqual([['a', mine, true]]);
  // Somebody had it before.
  expect(await book.find('a')).toEqual(yours);
  book.claim('a', mine);
  expect(tell).toHaveBeenCalledTimes(1);
});

it('forgets what was not looked at for the longest time', () => {
  const book = createObjectBook(NO_RECORDS, 2);
  book.note('a', mine);
  book.note('b', mine);
  void book.find('a');
  book.note('c', mine);
  expect(book.find('a')).toEqual(mine);
  expect(book.find('b')).toBeInstanceOf(Promise);
});
