import { expect, test } from 'vitest';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import { createClaimBook } from './claims.ts';
import { Life } from '../crew/life.ts';

const MINE = { kind: 'mine' };
const bytes = (text: string) => Buffer.from(text);

function setUp(maxBytes = 100) {
  const clock = { time: 0 };
  const got: [worker: number, id: number, claimed: object][] = [];
  const crew = [0, 1, 2].map((index) => {
    const life = new Life(index + 1, index, 0);
    const send = (message: ToWorker): void => {
      if (message.t === 'claimed') got.push([index, message.id, message.claimed]);
    };
    life.process = { pid: 1, send, kill: () => undefined };
    return life;
  });
  const book = createClaimBook(
    () => maxBytes,
    () => clock.time,
  );
  const claim = (worker: number, id: number, name = 'n', print = 'p') =>
    book.claim(crew[worker]!, id, name, print);
  return { clock, got, book, claim, crew };
}

test('one makes it, the others wait and get what it made, later ones too', () => {
  const { got, book, claim, crew, clock } = setUp();
  claim(0, 1);
  claim(1, 2);
  claim(2, 3);
  expect(got).toEqual([[0, 1, MINE]]);
  book.settle(crew[0]!, 'n', bytes('answer'), 1_000);
  const made = { kind: 'made', answer: bytes('answer') };
  expect(got.slice(1)).toEqual([
    [1, 2, made],
    [2, 3, made],
  ]);
  claim(1, 4);
  expect(got.at(-1)).toEqual([1, 4, made]);
  clock.time = 1_000;
  claim(1, 5);
  expect(got.at(-1)).toEqual([1, 5, MINE]);
});

test('another request of that name is told so, whether or not it is made', () => {
  const { got, book, claim, crew } = setUp();
  claim(0, 1);
  claim(1, 2, 'n', 'another');
  book.settle(crew[0]!, 'n', bytes('answer'), 1_000);
  claim(1, 3, 'n', 'another');
  expect(got.slice(1)).toEqual([
    [1, 2, { kind: 'other' }],
    [1, 3, { kind: 'other' }],
  ]);
});

test('what failed is made by who waited longest; nobody else can settle it', () => {
  const { got, book, claim, crew } = setUp();
  claim(0, 1);
  claim(1, 2);
  claim(2, 3);
  book.settle(crew[2]!, 'n', bytes('not mine'), 1_000);
  book.settle(crew[0]!, 'n', null, 1_000);
  expect(got.slice(1)).toEqual([[1, 2, MINE]]);
  book.settle(crew[1]!, 'n', null, 1_000);
  expect(got.slice(2)).toEqual([[2, 3, MINE]]);
  book.settle(crew[2]!, 'n', null, 1_000);
  claim(0, 4);
  expect(got.at(-1)).toEqual([0, 4, MINE]);
});

test('what a worker made that is gone is made by another', () => {
  const { got, book, claim, crew } = setUp();
  claim(0, 1);
  claim(1, 2);
  claim(2, 3);
  book.leave(crew[1]!);
  book.leave(crew[0]!);
  expect(got.slice(1)).toEqual([[2, 3, MINE]]);
});

test('an answer for those that wait alone is not kept', () => {
  const { got, book, claim, crew } = setUp();
  claim(0, 1);
  claim(1, 2);
  book.settle(crew[0]!, 'n', bytes('answer'), 0);
  expect(got.at(-1)).toMatchObject([1, 2, { kind: 'made' }]);
  expect(book.bytes).toBe(0);
  claim(1, 3);
  expect(got.at(-1)).toEqual([1, 3, MINE]);
});

test('beyond the bound the first made go first, and those under way never', () => {
  const { got, book, claim, crew } = setUp(100);
  claim(0, 1, 'open');
  for (let at = 0; at < 5; at++) {
    claim(0, 10 + at, `n${at}`);
    book.settle(crew[0]!, `n${at}`, Buffer.alloc(40), 1_000);
  }
  expect(book.bytes).toBeLessThanOrEqual(100);
  claim(1, 20, 'n4');
  expect(got.at(-1)).toMatchObject([1, 20, { kind: 'made' }]);
  claim(1, 21, 'n0');
  expect(got.at(-1)).toEqual([1, 21, MINE]);
  claim(1, 22, 'open');
  book.settle(crew[0]!, 'open', Buffer.alloc(101), 1_000);
  expect(got.at(-1)).toMatchObject([1, 22, { kind: 'made' }]);
  expect(book.bytes).toBeLessThanOrEqual(100);
});

test('who waited hears when it was made, where it is for those alone; who comes later makes it', () => {
  const { got, book, claim, crew } = setUp();
  claim(0, 1);
  claim(1, 2);
  book.settle(crew[0]!, 'n', bytes('answer'), 0, 77);
  expect(got.at(-1)).toEqual([1, 2, { kind: 'made', answer: bytes('answer'), madeAt: 77 }]);
  claim(1, 3);
  expect(got.at(-1)).toEqual([1, 3, MINE]);
});
