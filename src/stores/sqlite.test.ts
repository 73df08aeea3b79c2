import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Shape } from './shape.ts';
import { type SqlDriver, type SqlRow, type SqlWork, statement } from './sql-driver.ts';
import { openSqlite } from './sqlite.ts';

const SHAPE: Shape = {
  sqlite: [['CREATE TABLE t (n INTEGER PRIMARY KEY)']],
  postgres: [],
  versionTable: 't_schema',
  lock: 1,
  cacheKiB: 1_000,
  answerMs: 1_000,
};
let folder: string;
let driver: SqlDriver;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-sqlite-'));
  driver = openSqlite(path.join(folder, 'a.db'), SHAPE);
});
afterEach(async () => {
  await driver.close();
  rmSync(folder, { recursive: true, force: true });
});

const add = (n: number) =>
  function* work(): SqlWork<void> {
    yield statement('INSERT INTO t VALUES (?)', n);
  };
const numbers = async (): Promise<number[]> => {
  const rows = await driver.read(function* work(): SqlWork<readonly SqlRow[]> {
    return yield statement('SELECT n FROM t ORDER BY n');
  });
  return rows.map((row) => Number(row['n']));
};

/** Goes on until it is told. */
function lasting(end: (rounds: number) => void = () => undefined) {
  const state = { over: false };
  const done = driver.writeLong(function* work() {
    yield* add(1)();
    for (let rounds = 0; !state.over; rounds++) {
      end(rounds);
      yield statement('SELECT 1');
    }
    yield* add(2)();
    return 'written';
  });
  return { done, finish: () => (state.over = true) };
}

describe('a long write to SQLite', () => {
  it('is seen whole or not at all by who reads meanwhile, and others write behind it', async () => {
    const { done, finish } = lasting();
    expect(await numbers()).toEqual([]);
    const order: string[] = [];
    const other = driver.write(add(3)).then(() => order.push('other'));
    const long = driver.writeLong(add(4)).then(() => order.push('long'));
    expect(await numbers()).toEqual([]);
    finish();
    expect(await done).toBe('written');
    await Promise.all([other, long]);
    expect(await numbers()).toEqual([1, 2, 3, 4]);
    expect(order.sort()).toEqual(['long', 'other']);
  });

  it('that fails leaves nothing, and the next may begin', async () => {
    const { done } = lasting((rounds) => {
      if (rounds === 1_000) throw new Error('no more');
    });
    await expect(done).rejects.toThrow('no more');
    expect(await numbers()).toEqual([]);
    await driver.write(add(5));
    expect(await numbers()).toEqual([5]);
  });

  it('waits for that of another process, and neither is lost', async () => {
    const other = openSqlite(path.join(folder, 'a.db'), SHAPE);
    const { done, finish } = lasting();
    const behind = other.writeLong(add(3));
    // Its readers see what there is meanwhile.
    const seen = await other.read(function* work(): SqlWork<readonly SqlRow[]> {
      return yield statement('SELECT n FROM t');
    });
    expect(seen).toEqual([]);
    finish();
    await Promise.all([done, behind]);
    expect(await numbers()).toEqual([1, 2, 3]);
    await other.close();
  });

  it('is ended before the file is closed', async () => {
    const { done, finish } = lasting();
    const closed = driver.close();
    finish();
    expect(await done).toBe('written');
    await closed;
    driver = openSqlite(path.join(folder, 'b.db'), SHAPE);
  });
});
