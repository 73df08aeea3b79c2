// Puts the parts of a bundle that are loaded behind the start into one file, which cluster/crew/late-chunks.ts holds open and reads.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Of the bundle: reads the pack. */
const READER = 'late.cjs';
const PACK = 'late.pack';

/** As rolldown writes `import('./x.ts')`. */
const LATE = /(Promise\.resolve\(\)\.then\(\(\)\s*=>\s*)require\((["'`])\.\/([^"'`]+)\2\)/g;
const OWN = /\brequire\((["'`])\.\/([^"'`]+)\1\)/g;

/**
 * Files of `folder` that no entry loads at once move into its `late.pack`; all others of them stay where they are, and are in it too where another
 * entry loads them late.
 *
 * @param entries files that are run or forked. @throws Error where one that is loaded late is not there
 */
export function packLate(folder: string, entries: readonly string[]): void {
  const texts = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.cjs'))
      .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  );
  const parts = (name: string): { late: string[]; atOnce: string[] } => {
    const text = texts.get(name);
    if (text === undefined) throw new Error(`${name} is not in the bundle`);
    const late = [...text.matchAll(LATE)].map((match) => match[3] ?? '');
    const atOnce = [...text.replaceAll(LATE, '$1').matchAll(OWN)].map((match) => match[2] ?? '');
    return { late, atOnce };
  };
  const started = new Set<string>();
  const packed = new Set<string>();
  for (const entry of entries) {
    const own = closure([entry], (name) => parts(name).atOnce);
    for (const name of own) started.add(name);
    const late = closure(
      [...own].flatMap((name) => parts(name).late),
      (name) => [...parts(name).late, ...parts(name).atOnce],
    );
    for (const name of late) if (!own.has(name)) packed.add(name);
  }
  for (const [name, text] of texts) {
    const turned = text.replaceAll(LATE, `$1require("./${READER}").late("$3")`);
    // On the line of `use strict`: lines stay lines.
    const opened = entries.includes(name)
      ? turned.replace(/^(["'])use strict\1;?/, `$&require("./${READER}");`)
      : turned;
    if (entries.includes(name) && opened === turned) throw new Error(`${name} does not begin as modules do`);
    texts.set(name, opened);
    writeFileSync(path.join(folder, name), opened);
  }
  writePack(
    path.join(folder, PACK),
    new Map([...packed].sort().map((name) => [name, texts.get(name) ?? ''])),
  );
  for (const name of packed) if (!started.has(name)) rmSync(path.join(folder, name));
}

function closure(from: readonly string[], next: (name: string) => readonly string[]): Set<string> {
  const all = new Set(from);
  for (const name of all) for (const other of next(name)) all.add(other);
  return all;
}

/** `u32 length | JSON name: [offset behind it, bytes] | texts` */
function writePack(file: string, texts: ReadonlyMap<string, string>): void {
  let at = 0;
  const places: Record<string, [number, number]> = {};
  const bytes = [...texts].map(([name, text]) => {
    const own = Buffer.from(text);
    places[name] = [at, own.length];
    at += own.length;
    return own;
  });
  const head = Buffer.from(JSON.stringify(places));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  writeFileSync(file, Buffer.concat([length, head, ...bytes]));
}
