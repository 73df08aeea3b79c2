import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOnceBook, type OnceBook } from './once-book.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-once-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const deps = {
  clock: { now: () => 0, wall: () => 0 },
  log: { warn: () => undefined, error: () => undefined },
};
const opened = (max?: number): OnceBook => createOnceBook(deps as never, folder, max); // all that is used of them

it('lets the first do it, and of two ways the first', async () => {
  const book = opened();
  const asked = await Promise.all([book.take('a', null), book.take('a', null), book.take('b', null)]);
  expect(asked).toEqual([true, false, true]);
  expect(await book.take('file', 'read')).toBe(true);
  expect(await book.take('file', 'told')).toBe(false);
  expect(await book.take('file', 'read')).toBe(true);
  book.close();
});

it('remembers over a restart, and forgets what was done first', async () => {
  const before = opened();
  await before.take('a', null);
  await before.take('file', 'told');
  before.close();
  const after = opened(3);
  expect(await after.take('a', null)).toBe(false);
  expect(await after.take('file', 'read')).toBe(false);
  expect(await after.take('c', null)).toBe(true);
  expect(await after.take('d', null)).toBe(true);
  expect(await after.take('a', null)).toBe(true);
  after.close();
});
