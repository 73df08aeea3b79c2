import { expect, test } from 'vitest';
import { AnswerBytes } from './answer-bytes.ts';

const MAX = 64 * 1024 * 1024;

test.each([
  ['nothing', []],
  ['one piece', [5]],
  ['small pieces', [1, 0, 700, 3]],
  ['pieces that grow large', [600_000, 600_000, 1, 9_000_000, 70_000]],
  ['one large piece', [3_000_000]],
  ['exactly what is large', [1024 * 1024, 1]],
])('%s: what was added, in order', (_what, sizes) => {
  const bytes = new AnswerBytes(MAX);
  const added = sizes.map((size, at) => Buffer.alloc(size, at + 1));
  for (const piece of added) bytes.add(piece);
  const whole = Buffer.concat(added);
  expect(bytes.length).toBe(whole.length);
  expect(bytes.whole().equals(whole)).toBe(true);
});
