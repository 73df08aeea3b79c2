import { expect, it } from 'vitest';
import type { IssuedRow } from '../src/contracts/gatehouse-ipc.ts';
import { IssuedKeys } from '../src/pipeline/issued-keys.ts';
import { createIssuedKeys, ROWS_A_MESSAGE } from './issued-keys.ts';

const secret = Buffer.alloc(32, 7).toString('base64');
const row = (hash: string, name = hash): IssuedRow => [hash, JSON.stringify({ name })];
const message = (
  put: [string, IssuedRow[]][],
  drop: string[] = [],
  over: { reset?: boolean; last?: boolean } = {},
) => ({ t: 'issued', put, drop, secret, reset: false, last: true, ...over }) as const;

it('tells of a change alone what changed, the hashes that a key lost included', () => {
  const keys = createIssuedKeys(false);
  keys.learn(message([['a', [row('a1')]]], [], { reset: true }));
  expect(keys.learn(message([['a', [row('a2'), row('a1')]]]))[0]).toMatchObject({ drop: [] });
  const [told] = keys.learn(message([['a', [row('a2')]]]));
  expect(told).toMatchObject({ put: [row('a2')], drop: ['a1'] });
  expect(keys.learn(message([], ['a']))[0]).toMatchObject({ put: [], drop: ['a2'] });
  expect(keys.learn(message([], ['a']))).toEqual([]);
});

it('of a whole list that comes anew tells the difference, and only once all of it has come', () => {
  const keys = createIssuedKeys(false);
  keys.learn(
    message(
      [
        ['a', [row('a')]],
        ['b', [row('b')]],
      ],
      [],
      { reset: true },
    ),
  );
  expect(keys.learn(message([['a', [row('a')]]], [], { reset: true, last: false }))).toEqual([]);
  const [told, ...more] = keys.learn(message([['c', [row('c')]]]));
  expect(more).toEqual([]);
  expect(told).toMatchObject({ put: [row('c')], drop: ['b'] });
  expect(keys.size).toBe(2);
});

it('gives a worker that comes later everything, in messages of a bounded size', () => {
  const keys = createIssuedKeys(true);
  expect(keys.all()).toEqual([]);
  const many = Array.from({ length: ROWS_A_MESSAGE + 1 }, (_, n): [string, IssuedRow[]] => [
    `k${n}`,
    [row(`h${n}`)],
  ]);
  keys.learn(message(many, [], { reset: true }));
  const told = keys.all();
  expect(told.map(({ put }) => put.length)).toEqual([ROWS_A_MESSAGE, 1]);
  const worker = new IssuedKeys();
  for (const { put, drop, secret: of } of told) worker.learn(put, drop, of);
  expect(worker.size).toBe(ROWS_A_MESSAGE + 1);
});
