import { STATUS_CODES } from 'node:http';
import { expect, test } from 'vitest';
import { statusLine } from './status.ts';

test('a status has the reason phrase that Node has for it', () => {
  const codes = Object.entries(STATUS_CODES);
  expect(codes.length).toBeGreaterThan(50);
  expect(codes.map(([code]) => statusLine(Number(code)))).toEqual(
    codes.map(([code, phrase]) => `${code} ${phrase}`),
  );
});

test('one that Node has no phrase for is a status line all the same', () => {
  expect([statusLine(529), statusLine(599)]).toEqual(['529 Overloaded', '599 Unknown']);
});
