// The gateway in a few files, for `headgate sidecar`: a module costs V8 and Node 6 KB beside its own text, and there are a thousand. What runs is
// the same code in the same order; what is loaded later stays apart, in files of its own.
//   node scripts/small/bundle.ts DIST   writes DIST/small
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type SmallModule, smallModule } from './modules.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** The process, and the worker that it loads into itself. */
const ENTRIES = { sidecar: 'cluster/sidecar-entry.js', worker: 'workers/main.js' } as const;

/** What the first file begins with: a registry of modules that run when they are first asked for. */
const RUNTIME = `'use strict';
const waiting = new Map(), done = new Map(), chunks = new Map();
const define = (id, run) => { if (!waiting.has(id) && !done.has(id)) waiting.set(id, run); };
const $ = (id) => {
  let found = done.get(id);
  if (found === undefined) {
    const run = waiting.get(id);
    waiting.delete(id);
    found = run($);
    done.set(id, found);
  }
  return found;
};
$.later = async (id) => {
  if (chunks.has(id)) require(chunks.get(id));
  return $(id);
};
$.meta = (id) => {
  const { resolve, dirname } = process.getBuiltinModule('node:path');
  const filename = resolve(__dirname, '..', id);
  return { url: process.getBuiltinModule('node:url').pathToFileURL(filename).href, filename, dirname: dirname(filename) };
};
module.exports = { define, $ };
`;

/** @param from folder of the sources. @param to the built program, whose files of data are used; the bundle goes into its folder `small`. */
export function bundle(from: string, to: string): void {
  const modules = new Map<string, SmallModule>();
  // Numbers: a path stands at each import, and there are six thousand.
  const keys = new Map<string, string>();
  const key = (id: string): string => {
    const known = keys.get(id) ?? String(keys.size);
    keys.set(id, known);
    return known;
  };
  const module = (id: string): SmallModule => {
    let found = modules.get(id);
    if (found === undefined) {
      found = smallModule(id, readFileSync(path.join(from, id.replace(/\.js$/, '.ts')), 'utf8'), key);
      modules.set(id, found);
    }
    return found;
  };
  const closure = (id: string, into = new Set<string>()): Set<string> => {
    if (into.has(id)) return into;
    into.add(id);
    for (const one of module(id).imports) closure(one, into);
    return into;
  };
  const main = new Set([...closure(ENTRIES.sidecar), ...closure(ENTRIES.worker)]);
  const apart = new Map<string, Set<string>>();
  const find = (ids: Iterable<string>): void => {
    for (const id of ids)
      for (const target of module(id).later) {
        if (main.has(target) || apart.has(target)) continue;
        const own = new Set([...closure(target)].filter((one) => !main.has(one)));
        apart.set(target, own);
        find(own);
      }
  };
  find(main);

  const folder = path.join(to, 'small');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const fileOf = (id: string): string => `${id.replace(/\.js$/, '').replaceAll('/', '-')}.cjs`;
  const text = (ids: Iterable<string>): string =>
    [...ids].map((id) => `define(${key(id)}, ${module(id).text});`).join('\n');
  const write = (file: string, content: string): void => writeFileSync(path.join(folder, file), content);
  const places = [...apart.keys()].map((id) => `chunks.set(${key(id)}, './${fileOf(id)}');`);
  const first = `$(${key(ENTRIES.sidecar)});`;
  write('sidecar.cjs', [RUNTIME, ...places, text(main), first, ''].join('\n'));
  write('worker.cjs', `require('./sidecar.cjs').$(${key(ENTRIES.worker)});\n`);
  const apartHead = `'use strict';\nconst { define } = require('./sidecar.cjs');\n`;
  for (const [id, own] of apart) write(fileOf(id), `${apartHead}${text(own)}\n`);
}

if (import.meta.main) bundle(root, path.resolve(process.argv[2] ?? path.join(root, '.cache/build')));
