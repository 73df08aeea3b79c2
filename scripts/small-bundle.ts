// The gateway in a few files: a module costs V8 and Node 6 KB beside its own text and half a millisecond of a start, and there are a thousand.
// What runs is the same code; what is loaded later stays apart, in files of its own.
//   node scripts/small-bundle.ts DIST   writes DIST/small, for `headgate sidecar`, and DIST/quick, for `headgate start`; the files of data
//                                       that modules read stay where they are in DIST
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type InputOptions, type OutputOptions, type Plugin, rolldown } from 'rolldown';
import { placesOf } from './bundle-places.ts';
import { packLate } from './late-pack.ts';
import { prune, takeAway, takeLeft } from './take-away.ts';

const root = path.resolve(import.meta.dirname, '..');

/** The process, the worker that it loads into itself, what has to be said to V8 before anything else is loaded, and what reads late.pack. */
const SMALL = {
  heap: 'cluster/sidecar/small-heap.ts',
  main: 'cluster/sidecar/sidecar-entry.ts',
  worker: 'workers/main.ts',
  late: 'cluster/crew/late-chunks.ts',
} as const;

/** What `headgate start` loads and forks (cluster/crew/bundled.ts), and what reads late.pack. Readable, as what goes wrong there is told with its stack. */
const QUICK = {
  primary: 'cluster/primary/start-command.ts',
  worker: 'workers/main.ts',
  gatehouse: 'gatehouse/main.ts',
  late: 'cluster/crew/late-chunks.ts',
} as const;

/** Of gateways that run still, or will as soon as they are started: they start a worker anew with what they began with. */
const KEPT = 3;

/** What every bundle is made of. */
export const SOURCES: InputOptions = {
  platform: 'node',
  // Packages stay packages.
  external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
};

/** How it is written. */
export const FILES: OutputOptions = {
  format: 'cjs',
  // As modules are: by itself rolldown says so only where a source does.
  strict: true,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
  comments: false,
};

/** `import.meta` is that of the module in DIST, not of the bundle: data lies beside modules. @param up from the bundle to DIST */
const placesBelow = (up: string): Plugin => ({
  name: 'places',
  transform(code, id) {
    if (!code.includes('import.meta')) return null;
    const module = JSON.stringify(path.relative(root, id).replace(/\.ts$/, '.js'));
    const file = `process.getBuiltinModule('node:path').resolve(__dirname, '${up}', ${module})`;
    const placed = code
      .replaceAll(/\bimport\.meta\.filename\b/g, file)
      .replaceAll(/\bimport\.meta\.dirname\b/g, `process.getBuiltinModule('node:path').dirname(${file})`)
      .replaceAll(
        /\bimport\.meta\.url\b/g,
        `process.getBuiltinModule('node:url').pathToFileURL(${file}).href`,
      );
    // Lines stay lines.
    return { code: placed, map: null };
  },
});

/** @param to the built program. @param kept of its bundles for starts, this one included. @throws what rolldown finds wrong */
export async function bundle(to: string, kept = KEPT): Promise<void> {
  await writeSmall(path.join(to, 'small'));
  await writeQuick(path.join(to, 'quick'), kept);
  takeLeft(to);
}

async function writeSmall(small: string): Promise<void> {
  const half = `${small}.${process.pid}`;
  try {
    await write(SMALL, ['main', 'worker'], half, '..', { minify: true });
    writeFileSync(
      path.join(half, 'sidecar.cjs'),
      `'use strict';require('./heap.cjs');require('./main.cjs');\n`,
    );
    takeAway(small);
    place(half, small);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** Where two bundle at a time the first is there already. */
function place(half: string, folder: string): void {
  try {
    renameSync(half, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** `quick/HASH`, and its name in `quick/current`: nobody ever loads half of one. The time of that file is of the begin: an edit meanwhile counts. */
async function writeQuick(quick: string, kept: number): Promise<void> {
  const begin = new Date();
  const half = path.join(quick, `half.${process.pid}`);
  mkdirSync(quick, { recursive: true });
  try {
    await write(QUICK, ['primary', 'worker', 'gatehouse'], half, '../..', { sourcemap: true });
    const hash = createHash('sha256');
    for (const name of readdirSync(half).sort()) {
      const file = path.join(half, name);
      if (name.endsWith('.map')) {
        writeFileSync(file.replace(/\.map$/, '.places'), placesOf(readFileSync(file, 'utf8'), half, root));
        rmSync(file);
      } else hash.update(name).update(readFileSync(file));
    }
    const name = hash.digest('hex').slice(0, 16);
    const folder = path.join(quick, name);
    place(half, folder);
    utimesSync(folder, begin, begin);
    const current = path.join(quick, `current.${process.pid}`);
    writeFileSync(current, name);
    utimesSync(current, begin, begin);
    renameSync(current, path.join(quick, 'current'));
    prune(quick, name, kept - 1);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** @param runs of the entries: those that a process begins with */
async function write<Name extends string>(
  entries: Readonly<Record<Name, string>>,
  runs: readonly Name[],
  folder: string,
  up: string,
  form: OutputOptions,
): Promise<void> {
  // Of a process of the same number that was ended here.
  rmSync(folder, { recursive: true, force: true });
  const made = await rolldown({
    input: Object.fromEntries(
      Object.entries<string>(entries).map(([name, file]) => [name, path.join(root, file)]),
    ),
    ...SOURCES,
    plugins: [placesBelow(up)],
    logLevel: 'warn',
  });
  try {
    await made.write({ dir: folder, ...FILES, ...form });
  } finally {
    await made.close();
  }
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cjs'))) {
    const file = path.join(folder, name);
    // A map of these lines is no longer there.
    const code = readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
    writeFileSync(file, inAscii(code));
  }
  packLate(
    folder,
    runs.map((name) => `${name}.cjs`),
  );
}

/**
 * The same program, its few other characters as escapes: V8 keeps the text of a file, in two bytes each as soon as one of them needs two.
 *
 * @throws Error where one stands in a text that is told as it is written.
 */
export function inAscii(code: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is that of ASCII
  if (/String\.raw`[^`]*[^\x00-\x7f]/.test(code)) throw new Error('String.raw holds more than ASCII');
  // By unit of UTF-16: two escapes in a row are one character, in patterns of the flag `u` too. What is escaped already needs no second one.
  return code.replaceAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    /(\\*)([^\x00-\x7f])/g,
    (_, slashes: string, unit: string) =>
      `${slashes.slice(slashes.length % 2)}\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

if (import.meta.main) {
  const [, , to] = process.argv;
  // What is published holds one.
  if (to === undefined) await bundle(path.join(root, '.cache/build'));
  else await bundle(path.resolve(to), 1);
}
