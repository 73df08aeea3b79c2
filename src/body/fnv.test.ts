import { expect, test } from 'vitest';
import { hashBytes, hashText } from './fnv.ts';

// From the authors' own list of test vectors.
test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('%o', (text, hash) => {
  expect(hashText(text)).toBe(hash);
  expect(hashBytes(Buffer.from(text))).toBe(hash);
});
