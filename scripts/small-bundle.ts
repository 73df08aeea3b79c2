// The gateway in a few files, for `headgate sidecar`: a module costs V8 and Node 6 KB beside its own text, and there are a thousand. What runs is
// the same code; what is loaded later stays apart, in files of its own.
//   node scripts/small-bundle.ts DIST   writes DIST/small; the files of data that modules read stay where they are in DIST
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

const root = path.resolve(import.meta.dirname, '..');

/** The process, the worker that it loads into itself, and what has to be said to V8 before anything else is loaded. */
const ENTRIES = {
  heap: 'cluster/sidecar/small-heap.ts',
  main: 'cluster/sidecar/sidecar-entry.ts',
  worker: 'workers/main.ts',
} as const;

/** `import.meta` is that of the module in DIST, not of the bundle: data lies beside modules. */
const places: Plugin = {
  name: 'places',
  transform(code, id) {
    if (!code.includes('import.meta')) return null;
    const module = JSON.stringify(path.relative(root, id).replace(/\.ts$/, '.js'));
    const file = `process.getBuiltinModule('node:path').resolve(__dirname, '..', ${module})`;
    return code
      .replaceAll(/\bimport\.meta\.filename\b/g, file)
      .replaceAll(/\bimport\.meta\.dirname\b/g, `process.getBuiltinModule('node:path').dirname(${file})`)
      .replaceAll(
        /\bimport\.meta\.url\b/g,
        `process.getBuiltinModule('node:url').pathToFileURL(${file}).href`,
      );
  },
};

/** @param to the built program; the bundle goes into its folder `small`. @throws what rolldown finds wrong */
export async function bundle(to: string): Promise<void> {
  const folder = path.join(to, 'small');
  rmSync(folder, { recursive: true, force: true });
  const made = await rolldown({
    input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, path.join(root, file)])),
    platform: 'node',
    // Packages stay packages.
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
    plugins: [places],
    logLevel: 'warn',
  });
  try {
    await made.write({
      dir: folder,
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      comments: false,
      minify: true,
    });
  } finally {
    await made.close();
  }
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    writeFileSync(file, inAscii(readFileSync(file, 'utf8')));
  }
  writeFileSync(
    path.join(folder, 'sidecar.cjs'),
    `'use strict';require('./heap.cjs');require('./main.cjs');\n`,
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

if (import.meta.main) await bundle(path.resolve(process.argv[2] ?? path.join(root, '.cache/build')));
