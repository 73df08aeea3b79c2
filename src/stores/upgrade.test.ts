// A version that comes after another one, and the way back.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Shape, STORE_SHAPE } from './shape.ts';
import { openSqlite } from './sqlite.ts';
import type { SqlDriver, SqlRow, SqlWork } from './sql-driver.ts';

const older: Shape = STORE_SHAPE;
const newer: Shape = {
  ...STORE_SHAPE,
  sqlite: [
    ...STORE_SHAPE.sqlite,
    ['ALTER TABLE used ADD COLUMN place TEXT', "UPDATE used SET place = 'here'"],
  ],
};
let folder: string;
let file: string;
const open: SqlDriver[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-upgrade-'));
  file = path.join(folder, 'store.db');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((driver) => driver.close()));
  rmSync(folder, { recursive: true, force: true });
});

function opened(at: string, shape: Shape): SqlDriver {
  const driver = openSqlite(at, shape);
  open.push(driver);
  return driver;
}
const put = (driver: SqlDriver, id: string): Promise<void> =>
  driver.write(function* () {
    yield { text: 'INSERT INTO used (id, at) VALUES (?, ?)', values: [id, 1] };
  });
const rows = (driver: SqlDriver): Promise<unknown> =>
  driver.read(function* (): SqlWork<readonly SqlRow[]> {
    return yield { text: 'SELECT * FROM used ORDER BY id', values: [] };
  });

it('the newer one takes the data over, and the older one goes back by the copy that was kept', async () => {
  const before = opened(file, older);
  await put(before, 'a');
  await before.close();
  open.pop();
  const after = opened(file, newer);
  expect(await rows(after)).toMatchObject([{ id: 'a', place: 'here' }]);
  await put(after, 'b');
  await after.close();
  open.pop();
  // It would not know what it writes into.
  expect(() => openSqlite(file, older)).toThrow(/schema version/);
  const copy = `${file}.schema-${older.sqlite.length}`;
  expect(await rows(opened(copy, older))).toMatchObject([{ id: 'a' }]);
  // And up once more.
  expect(await rows(opened(file, newer))).toMatchObject([{ id: 'a' }, { id: 'b' }]);
});

it('keeps no copy where nothing changes, nor of what may be large', async () => {
  await put(opened(file, older), 'a');
  opened(file, older);
  expect(existsSync(`${file}.schema-${older.sqlite.length}`)).toBe(false);
  opened(file, { ...newer, copied: false });
  expect(existsSync(`${file}.schema-${older.sqlite.length}`)).toBe(false);
});
