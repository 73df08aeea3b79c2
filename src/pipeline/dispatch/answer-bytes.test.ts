import { expect, test } from 'vitest';
import { AnswerBytes } from './answer-bytes.ts';

const MAX = 64 * 1024 * 1024;

test.each([
  ['nothing', []],
  ['one piece', [5]],
  ['small pieces', [1, 0, 700, 3]],
  ['pieces that grow large', [600_000, 600_000, 1, 9_000_000, 70_000]],
  ['one large piece', [3_000_000]],
  ['nothing before what is large', [0, 3_000_000, 0, 5]],
  ['exactly what is large', [1024 * 1024, 1]],
])('%s: what was added, in order', (_what, sizes) => {
  const length = sizes.reduce((sum, size) => sum + size, 0);
  for (const told of [null, length, length - 1, length + 5, 0, MAX + 1]) checkOf(sizes, told);
});

function checkOf(sizes: readonly number[], told: number | null): void {
  const bytes = new AnswerBytes(MAX);
  if (told !== null) bytes.expect({ 'content-length': String(told) });
  const added = sizes.map((size, at) => Buffer.alloc(size, at + 1));
  // What is copied is freed.
  const whole = Buffer.concat(added);
  for (const piece of added) bytes.add(piece);
  expect(bytes.length).toBe(whole.length);
  expect(bytes.whole().equals(whole)).toBe(true);
}

test('what is copied into a block is freed with the next piece, unless it lies on a block of others', () => {
  const bytes = new AnswerBytes(MAX);
  const read = Buffer.alloc(600_000, 1);
  const [first, second] = [Buffer.alloc(600_000, 2), Buffer.alloc(20_000, 3)];
  const part = Buffer.alloc(40_000, 4).subarray(0, 20_000);
  for (const piece of [read, first, second, part]) bytes.add(piece);
  expect([read, first, second, part].map(({ length }) => length)).toEqual([0, 0, 0, 20_000]);
  bytes.add(Buffer.alloc(1));
  expect(part.length).toBe(20_000);
  expect(bytes.whole()).toHaveLength(1_240_001);
});

test('an answer whose length was told has one block of that, and is never moved', () => {
  const before = process.memoryUsage().arrayBuffers;
  const bytes = new AnswerBytes(MAX);
  bytes.expect({ 'content-length': String(9_000_000) });
  for (let at = 0; at < 9; at++) bytes.add(Buffer.alloc(1_000_000));
  expect(bytes.whole().buffer.byteLength).toBe(9_000_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
  // Of a coded one it says nothing.
  const coded = new AnswerBytes(MAX);
  coded.expect({ 'content-length': '2000000', 'content-encoding': 'gzip' });
  for (let at = 0; at < 3; at++) coded.add(Buffer.alloc(1_000_000));
  expect(coded.whole().length).toBe(3_000_000);
});
