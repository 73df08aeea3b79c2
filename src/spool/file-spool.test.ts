import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSpools } from './file-spool.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'headgate-spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('gives back what was written, in order, while more is written', async () => {
  const spool = createSpools(folder)(() => expect.unreachable());
  const pieces = Array.from({ length: 30 }, (_, at) => Buffer.alloc(40_000, at));
  const got: Buffer[] = [];
  for (const [at, piece] of pieces.entries()) {
    spool.write(piece);
    if (at % 7 === 3) got.push((await spool.read())!);
  }
  for (let bytes = await spool.read(); bytes !== null; bytes = await spool.read()) got.push(bytes);
  expect(Buffer.concat(got).equals(Buffer.concat(pieces))).toBe(true);
  spool.close();
  spool.close();
});

it('leaves nothing in the folder, not even while it is open', async () => {
  const spool = createSpools(folder)(() => expect.unreachable());
  spool.write(Buffer.from('a'));
  await spool.read();
  expect(await readdir(folder)).toEqual([]);
  spool.close();
});

it('says when it has enough, and when it wants more', async () => {
  const spool = createSpools(folder)(() => expect.unreachable());
  const drained = vi.fn();
  spool.drained = drained;
  expect(spool.write(Buffer.alloc(500_000))).toBe(true);
  expect(spool.write(Buffer.alloc(600_000))).toBe(false);
  await vi.waitFor(() => expect(drained).toHaveBeenCalledTimes(1));
  expect(spool.write(Buffer.alloc(1))).toBe(true);
  spool.close();
});

it('says so once it cannot be written', async () => {
  const failed = vi.fn();
  const spool = createSpools(path.join(folder, 'nowhere'))(failed);
  spool.write(Buffer.from('a'));
  await vi.waitFor(() => expect(failed).toHaveBeenCalled());
  await expect(spool.read()).rejects.toThrow('ENOENT');
  spool.close();
});
