import { expect, it } from 'vitest';
import { BytePages, NOWHERE } from './byte-pages.ts';

const PAGE = 256 * 1024;
const fill = (pages: BytePages, count: number, length: number): number[] =>
  Array.from({ length: count }, (_, at) => pages.put(Buffer.alloc(length, at)));

it('pages that are empty go, and others take their place', () => {
  const pages = new BytePages(4 * PAGE);
  const small = fill(pages, 4 * 256, 900);
  expect(small).not.toContain(NOWHERE);
  expect(pages.heldBytes).toBe(4 * PAGE);
  expect(pages.put(Buffer.alloc(3_000))).toBe(NOWHERE);
  for (const place of small.slice(0, 3 * 256)) pages.giveBack(place);
  // One is kept: who gives back and puts by turns needs none anew.
  expect(pages.heldBytes).toBe(2 * PAGE);
  const large = fill(pages, 2 * 64, 3_000);
  expect(large).not.toContain(NOWHERE);
  for (const [at, place] of large.entries())
    expect(pages.read(place, 3_000)).toEqual(Buffer.alloc(3_000, at));
  for (const [at, place] of small.slice(3 * 256).entries())
    expect(pages.read(place, 900)).toEqual(Buffer.alloc(900, at + 3 * 256));
  for (const place of [...large, ...small.slice(3 * 256)]) pages.giveBack(place);
  expect(pages.heldBytes).toBe(2 * PAGE);
});

it('a page is not made anew for each record that comes and goes', () => {
  const pages = new BytePages(2 * PAGE);
  const places = new Set(
    Array.from({ length: 1_000 }, () => {
      const place = pages.put(Buffer.alloc(10));
      pages.giveBack(place);
      return place;
    }),
  );
  expect([places.size, pages.heldBytes]).toEqual([1, PAGE]);
});
