// One executable with Node and all of Headgate in it, for the system and the processor it is built on:
//   npm pack && scripts/node node scripts/single-file.ts headgate-0.1.0.tgz [OUT]
// Node's own way (single executable applications): a copy of the Node that runs this, with the installed package put into it.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { archiveOf } from './single-file/archive.ts';

/** By which Node finds that something was put into it (its documentation has it). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const POSTJECT = 'postject@1.0.0-alpha.6';
/** What nobody needs at run time, and is half of what there is. */
const LEFT_OUT = /\.(d\.[cm]?ts|map)$|\/\.package-lock\.json$/;

export interface SingleFile {
  /** Folder whose `node_modules` has the package and what it needs. */
  readonly installed: string;
  readonly out: string;
}

export async function buildSingleFile({ installed, out }: SingleFile): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-single-'));
  try {
    const archive = archiveOf(
      installed,
      (name) => name.startsWith(`node_modules${path.sep}`) && !LEFT_OUT.test(name),
    );
    const file = (name: string): string => path.join(folder, name);
    writeFileSync(file('app'), archive.bytes);
    writeFileSync(file('print'), archive.print);
    writeFileSync(
      file('sea.json'),
      JSON.stringify({
        main: path.join(import.meta.dirname, 'single-file/main.cjs'),
        output: file('blob'),
        disableExperimentalSEAWarning: true,
        assets: { app: file('app'), print: file('print') },
      }),
    );
    execFileSync(process.execPath, ['--experimental-sea-config', file('sea.json')], { stdio: 'pipe' });
    copyFileSync(process.execPath, out);
    chmodSync(out, 0o755);
    const inject = injector(folder);
    await quietly(() => inject(out, 'NODE_SEA_BLOB', readFileSync(file('blob')), { sentinelFuse: FUSE }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Inject = (file: string, name: string, blob: Buffer, options: { sentinelFuse: string }) => Promise<void>;

/** Node's own tool for it, fetched for this: nothing else has a use for it. */
function injector(folder: string): Inject {
  const from = ['--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', ['install', ...from, POSTJECT], { stdio: 'pipe' });
  const load = createRequire(path.join(folder, 'package.json'));
  return (load('postject') as { inject: Inject }).inject; // as its documentation has it
}

/** It warns of sections of the executable that have no name, which is no news. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return await work();
  } finally {
    console.warn = warn;
  }
}

if (process.argv[1] === import.meta.filename) {
  const [tarball, out = `headgate-${process.platform}-${process.arch}`] = process.argv.slice(2);
  if (tarball === undefined) {
    process.stderr.write('usage: single-file.ts headgate-VERSION.tgz [OUT]\n');
    process.exit(2);
  }
  const installed = mkdtempSync(path.join(tmpdir(), 'headgate-installed-'));
  writeFileSync(path.join(installed, 'package.json'), '{"private":true}');
  execFileSync(
    'npm',
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--omit=dev',
      '--silent',
      path.resolve(tarball),
    ],
    { cwd: installed, stdio: 'inherit' },
  );
  await buildSingleFile({ installed, out });
  rmSync(installed, { recursive: true, force: true });
  process.stdout.write(`${out}\n`);
}
