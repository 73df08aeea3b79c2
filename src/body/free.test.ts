import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { freeBlock, freeBody } from './free.ts';

test('the body of a call gives its memory back from 16 KB on', () => {
  const small = Buffer.allocUnsafeSlow(8 * 1024);
  const body = Buffer.allocUnsafeSlow(16 * 1024);
  freeBody(small);
  freeBody(body);
  expect([small.length, body.length]).toEqual([8 * 1024, 0]);
});

test('nothing goes beside which others may lie, unless it is large', () => {
  const block = Buffer.allocUnsafeSlow(48 * 1024);
  freeBody(block.subarray(0, 40 * 1024));
  expect(block.length).toBe(48 * 1024);
  const large = Buffer.allocUnsafeSlow(128 * 1024);
  freeBody(large.subarray(1));
  expect(large.length).toBe(0);
});

test('other blocks stay below 64 KB', () => {
  const block = Buffer.allocUnsafeSlow(48 * 1024);
  freeBlock(block);
  expect(block.length).toBe(48 * 1024);
});
