import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkLayers } from './check.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** A small tree of sources with these files in it. */
function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'headgate-layers-'));
  roots.push(root);
  for (const folder of ['src', 'workers', 'cluster', 'gatehouse']) mkdirSync(join(root, folder));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

const problemsOf = (files: Record<string, string>): string[] => checkLayers(tree(files)).problems;

test('this checkout holds to the rules', () => {
  const { files, problems } = checkLayers(resolve(import.meta.dirname, '../..'));
  expect(problems).toEqual([]);
  expect(files).toBeGreaterThan(300);
});

test('a comment that holds /* hides no import behind it', () => {
  const problems = problemsOf({
    'src/contracts/a.ts': "// as dialects/*/errors.ts say\nimport './b.ts';\n/** Ends here. */\n",
    'src/contracts/b.ts': "import type { A } from './a.ts';\nexport type B = A;\n",
  });
  expect(problems).toEqual([
    'circle of files: src/contracts/a.ts -> src/contracts/b.ts -> src/contracts/a.ts',
  ]);
});

test('what stands in a comment or a string is no import', () => {
  expect(
    problemsOf({
      'src/contracts/a.ts': "// import '../http/x.ts';\nexport const text = `import 'piscina'`;\n",
      'src/http/x.ts': "import '../contracts/a.ts';\n",
    }),
  ).toEqual([]);
});

test.each([
  ['a static import', "import { x } from '../http/x.ts';\nexport const y = x;"],
  ['a type import', "import type { X } from '../http/x.ts';\nexport type Y = X;"],
  ['a bare import', "import '../http/x.ts';"],
  ['a re-export', "export { x } from '../http/x.ts';"],
  ['a re-export of all', "export * from '../http/x.ts';"],
  ['a dynamic import', "export const load = () => import('../http/x.ts');"],
  ['an import type', "export type Y = import('../http/x.ts').X;"],
])('%s from a lower layer to a higher one is seen', (_, text) => {
  expect(problemsOf({ 'src/body/a.ts': text, 'src/http/x.ts': 'export const x = 1;' })).toEqual([
    'src/body/a.ts: imports upwards src/http/x.ts',
  ]);
});

test('folders of one layer that import each other are a circle, even when no files are', () => {
  const problems = problemsOf({
    'src/config/a.ts': "import '../routing/b.ts';",
    'src/routing/b.ts': 'export {};',
    'src/routing/c.ts': "import '../config/d.ts';",
    'src/config/d.ts': 'export {};',
  });
  expect(problems).toEqual(['circle of folders: src/config -> src/routing -> src/config']);
});

test('a folder and a folder in it that import each other are a circle', () => {
  const problems = problemsOf({
    'src/dialects/list.ts': "import './one/dialect.ts';",
    'src/dialects/read.ts': 'export {};',
    'src/dialects/one/dialect.ts': "import '../read.ts';",
  });
  expect(problems).toEqual(['circle of folders: src/dialects -> src/dialects/one -> src/dialects']);
});

test('a vendor is imported by its own file only', () => {
  const problems = problemsOf({
    'src/lanes/a.ts': "import { Redis } from 'ioredis';\nimport 'undici';\nexport const r = Redis;",
  });
  expect(problems).toEqual([
    'src/lanes/a.ts: imports ioredis, which belongs to src/redis/client.ts, src/redis/connectors.ts',
    'src/lanes/a.ts: imports undici, which belongs to nobody',
  ]);
});

test('a module that is kept for some is imported by nobody else', () => {
  const problems = problemsOf({
    'src/pipeline/count.ts': "import '../routing/retry.ts';",
    'src/pipeline/dispatch/after-failure.ts': "import '../../routing/retry.ts';",
    'src/routing/retry.ts': 'export {};',
  });
  expect(problems).toEqual([
    'src/pipeline/count.ts: imports src/routing/retry.ts, kept for src/pipeline/dispatch/after-failure.ts: one loop retries and falls back, no second one hides elsewhere',
  ]);
});

test('process entries do not import each other', () => {
  expect(problemsOf({ 'workers/a.ts': "import '../cluster/b.ts';", 'cluster/b.ts': 'export {};' })).toEqual([
    'workers/a.ts: imports cluster/b.ts; they speak by contracts/ipc.ts only',
  ]);
});

test('a folder without a layer and a file that does not parse are told', () => {
  expect(problemsOf({ 'src/new/a.ts': 'export {};' })).toEqual([
    'src/new/a.ts: belongs to no layer; add its folder to scripts/layers/rules.ts',
  ]);
  expect(() => problemsOf({ 'src/body/a.ts': 'export const = 1;' })).toThrow('src/body/a.ts');
});
