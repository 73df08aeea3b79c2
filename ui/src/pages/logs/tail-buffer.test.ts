import { expect, test } from 'vitest';
import type { LogRow } from '../../api/logs.ts';
import { createTailBuffer } from './tail-buffer.ts';

const row = (id: number): LogRow => ({ id }) as LogRow; // of a row the buffer reads nothing
const ids = (rows: readonly LogRow[]): number[] => rows.map(({ id }) => id);

test('the newest is first, and only so many are kept', () => {
  const tail = createTailBuffer(3);
  for (let id = 1; id <= 100; id += 1) tail.take(row(id));
  expect(ids(tail.rows)).toEqual([100, 99, 98]);
  const same = tail.rows;
  expect(tail.rows).toBe(same);
});

test('what comes while somebody reads waits, is counted, and comes at once when they are back', () => {
  const tail = createTailBuffer(5);
  tail.take(row(1));
  tail.hold(true);
  for (let id = 2; id <= 30; id += 1) tail.take(row(id));
  expect(ids(tail.rows)).toEqual([1]);
  expect(tail.waiting).toBe(5);
  tail.hold(false);
  expect(ids(tail.rows)).toEqual([30, 29, 28, 27, 26]);
  expect(tail.waiting).toBe(0);
});

test('what the gateway left out is added up', () => {
  const tail = createTailBuffer();
  const { version } = tail;
  tail.skipped(300);
  tail.skipped(20);
  expect(tail.leftOut).toBe(320);
  expect(tail.version).toBeGreaterThan(version);
});
