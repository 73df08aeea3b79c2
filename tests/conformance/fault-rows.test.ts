// Every row of the fault catalogue has a test that names it: upstreams (U), overload (O), processes (P), clients and protocol (C).
// A title begins with the ids it stands for (`U02 U03 FB02: …`); a row whose last test is renamed or gone is found here.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
/** How many rows the catalogue has of each kind. */
const ROWS = { U: 23, O: 6, P: 11, C: 19 };
const FOLDERS = ['src', 'cluster', 'workers', 'gatehouse', 'tests/faults', 'tests/integration', 'tests/fuzz'];

/** A text that begins with ids, or the id of a case whose title is made of it. */
const TITLE = /(?:['"`]|id: ')((?:(?:[UOPC]\d\d|FB\d\d)[ :'] ?)+)/g;

function namedIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => {
      const text = readFileSync(path.join(root, folder, name), 'utf8');
      return [...text.matchAll(TITLE)].flatMap(([, ids]) => ids!.match(/[UOPC]\d\d/g) ?? []);
    });
}

const named = new Set(FOLDERS.flatMap(namedIn));
const rows = Object.entries(ROWS).flatMap(([kind, count]) =>
  Array.from({ length: count }, (_, at) => `${kind}${String(at + 1).padStart(2, '0')}`),
);

test.each(rows)('%s has a test by its name', (id) => {
  expect([...named]).toContain(id);
});

test('no test names a row that the catalogue has not', () => {
  expect([...named].filter((id) => !rows.includes(id))).toEqual([]);
});
