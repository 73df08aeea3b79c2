// The files of the page, or of the documentation, as their build left them: read once, when somebody first opens it, and again after a new build.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export type Encoding = 'identity' | 'gzip' | 'br';

export interface PageFile {
  readonly type: string;
  /** Strong, of the bytes that are not compressed. */
  readonly etag: string;
  /** Its name has its hash: it never changes. */
  readonly immutable: boolean;
  /** Bytes by encoding; `identity` is always there. */
  readonly bytes: ReadonlyMap<Encoding, Buffer>;
}

/** By path below the folder, such as `assets/index-Dk3.js`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};
const SUFFIXES = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** Where builds may lie: beside the sources, in the package, beside .cache/build of a checkout. */
const PLACES = ['../..', '../../..', '../../../..'];

export function pageFolder(from: string = import.meta.dirname): string | null {
  return builtFolder(from, 'ui/dist');
}

export function docsFolder(from: string = import.meta.dirname): string | null {
  return builtFolder(from, 'docs/dist');
}

function builtFolder(from: string, name: string): string | null {
  const places = PLACES.map((place) => path.resolve(from, place, name));
  return places.find((place) => existsSync(path.join(place, 'index.html'))) ?? null;
}

/** Null while there is no build. @param find where it lies; asked again until there is one */
export function createPageFiles(find: () => string | null = pageFolder): () => PageFiles | null {
  let read: { files: PageFiles; folder: string; builtAt: number } | null = null;
  return () => {
    const folder = read?.folder ?? find();
    if (folder === null) return null;
    const builtAt = timeOf(path.join(folder, 'index.html'));
    // A build that is under way empties the folder first: what was read before goes on.
    if (builtAt === null) return read?.files ?? null;
    if (read?.builtAt !== builtAt) read = { files: readFiles(folder), folder, builtAt };
    return read.files;
  };
}

function timeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function readFiles(folder: string): PageFiles {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES[path.extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const plain = readFileSync(file);
    const bytes = new Map<Encoding, Buffer>([['identity', plain]]);
    for (const [encoding, suffix] of SUFFIXES)
      if (existsSync(file + suffix)) bytes.set(encoding, readFileSync(file + suffix));
    const name = path.relative(folder, file).split(path.sep).join('/');
    files.set(name, {
      type,
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      immutable: name.startsWith('assets/'),
      bytes,
    });
  }
  return files;
}
