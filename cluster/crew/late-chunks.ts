// The parts of a bundle that are loaded behind the start (scripts/late-pack.ts): they lie in one file, which is held open from the start on. A build
// or an installation that takes the bundle away leaves them to whoever runs, and they cost no memory until they are asked for.
// An entry of each bundle, loaded by those that are run.
import { openSync, readSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { compileFunction, constants } from 'node:vm';

/** Of a bundle, which is CommonJS. */
declare const __dirname: string;

/** `u32 length | JSON name: [offset behind it, bytes] | text, in ASCII` */
const PACK = 'late.pack';

interface Pack {
  readonly from: number;
  readonly places: Readonly<Record<string, readonly [offset: number, bytes: number]>>;
}

type Wrapped = (
  exports: unknown,
  load: (name: string) => unknown,
  module: Module,
  filename: string,
  dirname: string,
) => void;

const file = openSync(join(__dirname, PACK), 'r');
/** For packages, and for parts that were loaded at the start. */
const load = createRequire(join(__dirname, PACK));
let pack: Pack | null = null;

/** @param name of a file of the bundle. @returns what it exports, as `require` would */
export function late(name: string): unknown {
  const filename = join(__dirname, name);
  const loaded = load.cache[filename];
  if (loaded !== undefined) return loaded.exports;
  pack ??= readPack();
  const place = pack.places[name];
  if (place === undefined) return load(filename);
  const module = new Module(filename);
  module.filename = filename;
  // As `require` has it: two that need each other, and one that needs it at its start, find the same.
  load.cache[filename] = module;
  try {
    const [offset, bytes] = place;
    const wrapped = compileFunction(
      read(pack.from + offset, bytes).toString('latin1'),
      ['exports', 'require', 'module', '__filename', '__dirname'],
      { filename, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
    ) as Wrapped; // of these five
    wrapped.call(module.exports, module.exports, partOf, module, filename, __dirname);
  } catch (error) {
    Reflect.deleteProperty(load.cache, filename);
    throw error;
  }
  module.loaded = true;
  return module.exports;
}

/** What a part calls `require`. */
function partOf(name: string): unknown {
  return name.startsWith('./') ? late(name.slice(2)) : load(name);
}

function readPack(): Pack {
  const length = read(0, 4).readUInt32LE();
  const places = JSON.parse(read(4, length).toString('latin1')) as Pack['places']; // scripts/late-pack.ts wrote it
  return { from: 4 + length, places };
}

function read(from: number, bytes: number): Buffer {
  const into = Buffer.allocUnsafeSlow(bytes);
  for (let at = 0; at < bytes; ) {
    const got = readSync(file, into, at, bytes - at, from + at);
    if (got === 0) throw new Error(`${PACK} of ${__dirname} was cut`);
    at += got;
  }
  return into;
}
