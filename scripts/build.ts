// Plain JavaScript of everything that runs, into .cache/build, for scripts/start (docs/decisions/0008). Node's own type
// stripping blanks types out and moves nothing, so lines and columns of a stack trace are those of the source.
// The package and the image are built by tsc instead (package.json, Dockerfile).
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { takeAway } from './take-away.ts';

const root = path.resolve(import.meta.dirname, '..');

/** Folders of what runs; scripts/start looks at the same ones for what has changed. */
const FOLDERS = ['src', 'workers', 'cluster', 'gatehouse'];

/** Written last: a build without it is no build. Its time is that of the begin, so that an edit meanwhile counts. */
const STAMP = 'made';

/** Specifiers of our own files, in `from '…'`, `import '…'` and `import('…')`. */
const OWN = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"\n]+)\.ts\2/g;

/** What Node would run for a source file, importing `.js` where that imports `.ts`. */
export function stripped(source: string): string {
  return stripTypeScriptTypes(source).replace(OWN, '$1$2$3.js$2');
}

/** Builds whole; files that have no source any more go. Safe beside a running gateway and beside another build. */
export function build(from: string, to: string): void {
  for (const folder of FOLDERS) mkdirSync(path.join(to, folder), { recursive: true });
  const begin = path.join(to, `${STAMP}.${process.pid}`);
  writeFileSync(begin, '');
  try {
    // Made of what was here before (scripts/small-bundle.ts).
    takeAway(path.join(to, 'small'));
    // The bundles themselves may be those of a gateway that runs.
    rmSync(path.join(to, 'quick/current'), { force: true });
    fill(from, to);
    renameSync(begin, path.join(to, STAMP));
  } finally {
    rmSync(begin, { force: true });
  }
}

function fill(from: string, to: string): void {
  const wanted = new Set<string>();
  for (const file of FOLDERS.flatMap((folder) => sources(from, folder))) {
    const target = file.replace(/\.ts$/, '.js');
    wanted.add(target);
    replace(path.join(to, target), stripped(readFileSync(path.join(from, file), 'utf8')));
  }
  // Data that a module reads from beside it.
  for (const file of FOLDERS.flatMap((folder) => files(from, folder)).filter((name) =>
    name.endsWith('.json'),
  )) {
    wanted.add(file);
    replace(path.join(to, file), readFileSync(path.join(from, file), 'utf8'));
  }
  // The version is read from beside the folders.
  replace(path.join(to, 'package.json'), readFileSync(path.join(from, 'package.json'), 'utf8'));
  for (const folder of FOLDERS) {
    const old = files(to, folder).filter((file) => /\.js(?:on)?$/.test(file) && !wanted.has(file));
    for (const file of old) rmSync(path.join(to, file), { force: true });
  }
}

function sources(from: string, folder: string): string[] {
  return files(from, folder).filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file));
}

/** Files below a folder, as paths from `from`. */
function files(from: string, folder: string): string[] {
  return readdirSync(path.join(from, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(from, path.join(entry.parentPath, entry.name)));
}

/** Nobody ever reads half a file. */
function replace(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const half = `${file}.${process.pid}`;
  writeFileSync(half, text);
  renameSync(half, file);
}

if (import.meta.main) build(root, path.join(root, '.cache/build'));
