import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClassQueue } from './class-queue.ts';
import { Seat } from './seat.ts';

const host = { leave() {}, answered() {} };
const seatOf = (rank: number, since = 0): Seat => new Seat(host, { rank, onSlot() {}, onShed() {} }, since);

test('each class gets the part of its weight while all of them wait', () => {
  const queue = new ClassQueue<Seat>();
  for (let at = 0; at < 400; at++) for (const rank of [0, 1, 2, 3]) queue.push(seatOf(rank));
  const served = [0, 0, 0, 0];
  for (let at = 0; at < 300; at++) served[queue.shift()!.rank]!++;
  expect(served).toEqual([160, 80, 40, 20]);
});

test('who comes back gets its part from now on, and not what it did not ask for', () => {
  const queue = new ClassQueue<Seat>();
  for (let at = 0; at < 100; at++) queue.push(seatOf(3));
  for (let at = 0; at < 90; at++) queue.shift();
  for (let at = 0; at < 20; at++) queue.push(seatOf(0));
  const first = Array.from({ length: 18 }, () => queue.shift()!.rank);
  expect(first.filter((rank) => rank === 3).length).toBe(1);
});

test('O02: the last of the lowest class is the first to go', () => {
  const queue = new ClassQueue<Seat>();
  const [one, other, normal] = [seatOf(3), seatOf(3), seatOf(1)];
  for (const seat of [one, other, normal]) queue.push(seat);
  expect(queue.lowestBelow(0)).toBe(other);
  queue.remove(other);
  queue.remove(one);
  expect(queue.lowestBelow(0)).toBe(normal);
  expect(queue.lowestBelow(1)).toBeNull();
});

test('those that wait too long are found, whatever their class', () => {
  const queue = new ClassQueue<Seat>();
  queue.push(seatOf(0, 50));
  const old = seatOf(3, 10);
  queue.push(old);
  expect(queue.overdue(20)).toBe(old);
  expect(queue.overdue(5)).toBeNull();
});

test('nobody is lost, each class keeps its order, and a class that waits is served within 15 turns', () => {
  const step = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant('shift' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = new ClassQueue<Seat>();
      const waiting: Seat[][] = [[], [], [], []];
      const since = [0, 0, 0, 0];
      for (const now of steps) {
        if (now !== 'shift') {
          const seat = seatOf(now);
          queue.push(seat);
          waiting[now]!.push(seat);
          continue;
        }
        const seat = queue.shift();
        expect(seat === null).toBe(waiting.every(({ length }) => length === 0));
        if (seat === null) continue;
        expect(waiting[seat.rank]!.shift()).toBe(seat);
        for (const rank of [0, 1, 2, 3]) {
          since[rank] = rank === seat.rank || waiting[rank]!.length === 0 ? 0 : since[rank]! + 1;
          expect(since[rank]).toBeLessThanOrEqual(15);
        }
      }
      expect(queue.size).toBe(waiting.flat().length);
    }),
  );
});
