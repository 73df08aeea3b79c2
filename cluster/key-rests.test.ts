import { expect, test } from 'vitest';
import { createKeyRests } from './key-rests.ts';

const rest = (key: string, forMs: number) => ({ lane: 'openai', key, model: 'm', forMs });

test('a key rests for what is left of its longest rest, then no more', () => {
  let now = 0;
  const rests = createKeyRests(() => now);
  rests.add(rest('a', 1000));
  now = 400;
  rests.add(rest('a', 100));
  rests.add(rest('b', 5000));
  expect(rests.current()).toEqual([rest('a', 600), rest('b', 5000)]);
  now = 1000;
  expect(rests.current()).toEqual([rest('b', 4400)]);
  now = 9000;
  expect(rests.current()).toEqual([]);
});

test('the book is bounded: what ends first goes first', () => {
  const rests = createKeyRests(() => 0);
  for (let n = 0; n < 1001; n++) rests.add(rest(`k${n}`, 1000 + n));
  const kept = rests.current().map(({ key }) => key);
  expect(kept).toHaveLength(1000);
  expect(kept).not.toContain('k0');
});
