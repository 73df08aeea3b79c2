import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { inAscii } from './small-bundle.ts';

test('a program in ASCII says what it said', () => {
  const code = String.raw`['don\u2019t…', "\é \\é", /[。！？😀]/u.test('😀'), /\é/.test('é'), 'ſ'.length]`;
  const ascii = inAscii(code);
  expect(Math.max(...Buffer.from(ascii))).toBeLessThan(0x80);
  expect(runInThisContext(ascii)).toEqual(runInThisContext(code));
});

test('a text that is told as it is written is not changed behind its back', () => {
  expect(() => inAscii('String.raw`é`')).toThrow('String.raw');
});
