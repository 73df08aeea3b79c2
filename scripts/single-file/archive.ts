// A folder as one archive, in a form that the executable unpacks without help: see main.cjs. The same folder gives the same bytes.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export interface Archive {
  readonly bytes: Buffer;
  /** Of what is in it. */
  readonly print: string;
  readonly files: number;
}

/** @param wanted of a path within the folder */
export function archiveOf(folder: string, wanted: (name: string) => boolean = () => true): Archive {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter(wanted)
    .sort();
  const contents = names.map((name) => readFileSync(path.join(folder, name)));
  const index = names.map((name, at) => {
    const runs = (statSync(path.join(folder, name)).mode & 0o100) !== 0;
    return [name, contents[at]!.length, runs ? 0o755 : 0o644];
  });
  const head = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  const plain = Buffer.concat([length, head, ...contents]);
  return {
    bytes: gzipSync(plain, { level: 9 }),
    print: createHash('sha256').update(plain).digest('hex').slice(0, 16),
    files: names.length,
  };
}
