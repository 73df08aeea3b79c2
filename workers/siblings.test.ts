import { expect, test } from 'vitest';
import type { ToPrimary } from '../src/contracts/ipc.ts';
import { createSiblings } from './siblings.ts';

test('an answer goes to the question it belongs to', async () => {
  const sent: ToPrimary[] = [];
  const siblings = createSiblings({ connected: true, send: (message) => void sent.push(message) });
  const one = siblings.ask('read', 'a', ['x']);
  const two = siblings.ask('drop', 'a', ['y']);
  expect(sent).toEqual([
    { t: 'seek', id: 1, wish: 'read', owner: 'a', ids: ['x'] },
    { t: 'seek', id: 2, wish: 'drop', owner: 'a', ids: ['y'] },
  ]);
  siblings.found(2, ['second']);
  siblings.found(1, ['first']);
  siblings.found(9, ['nobody asked']);
  expect(await Promise.all([one, two])).toEqual([['first'], ['second']]);
});

test('without a primary, and where nobody answers, there is nothing', async () => {
  const alone = createSiblings({ connected: false, send: () => undefined });
  expect(await alone.ask('read', 'a', ['x', 'y'])).toEqual([null, null]);
  const silent = createSiblings({ connected: true, send: () => undefined }, 1);
  expect(await silent.ask('read', 'a', ['x'])).toEqual([null]);
});
