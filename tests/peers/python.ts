// Gets an SDK's own tests from PyPI: its source distribution, and a virtual environment with what they need. Kept in
// .cache/peers, so that only the first run loads anything.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'vitest';
import { oneAtATime } from '../kit/one-at-a-time.ts';
import { root } from '../kit/program.ts';

/** What the SDKs' own tests need. */
const REQUIREMENTS = path.join(import.meta.dirname, 'requirements.txt');
const STEP_MS = 180_000;

/** Why the tests cannot be run on this machine. */
export class Unavailable extends Error {}

/** A folder for what these requirements ask for: another list gets another. */
export function cache(requirements = REQUIREMENTS): string {
  const print = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return path.join(root, '.cache/peers', print);
}

/** @returns path of a Python that has all requirements. @throws Unavailable */
export function preparePython(requirements = REQUIREMENTS): string {
  const folder = path.join(cache(requirements), 'venv');
  const python = path.join(folder, 'bin/python');
  const done = path.join(folder, 'complete');
  oneAtATime(folder, () => {
    if (existsSync(done)) return;
    rmSync(folder, { recursive: true, force: true });
    step('python3', ['-m', 'venv', folder], 'there is no python3 with venv');
    const install = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', requirements];
    step(python, install, 'pip could not install their requirements');
    writeFileSync(done, '');
  });
  return python;
}

/** As `preparePython`; a test that cannot have one is skipped, with the reason in the output and the report. */
export function pythonFor(context: Pick<TestContext, 'skip'>, requirements: string): string {
  try {
    return preparePython(requirements);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(`skipped: ${error.message}`);
    return context.skip(error.message);
  }
}

/** @returns folder of the package's sources, tests included. @throws Unavailable */
export function prepareTests(python: string, name: string): string {
  const version = new RegExp(`^${name}==(.+)$`, 'm').exec(readFileSync(REQUIREMENTS, 'utf8'))?.[1];
  const folder = path.join(cache(), `${name}-${version}`);
  oneAtATime(folder, () => {
    if (!existsSync(folder)) downloadTests(python, name, `${name}-${version}`, folder);
  });
  if (!existsSync(path.join(folder, 'tests/api_resources'))) {
    throw new Unavailable(`the source distribution of ${name} ${version} holds no tests/api_resources`);
  }
  return folder;
}

function downloadTests(python: string, name: string, base: string, folder: string): void {
  const download = `${folder}.download`;
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  const pip = [
    '-m',
    'pip',
    'download',
    '-q',
    '--disable-pip-version-check',
    '--no-deps',
    '--no-binary',
    name,
  ];
  const failure = `pip could not download the sources of ${base}`;
  step(python, [...pip, '-d', download, base.replace(`${name}-`, `${name}==`)], failure);
  const archive = readdirSync(download).find((file) => file.endsWith('.tar.gz'));
  if (archive === undefined) throw new Unavailable(`${base} has no source distribution`);
  step('tar', ['-xzf', path.join(download, archive), '-C', download], `${archive} cannot be unpacked`);
  renameSync(path.join(download, base), folder);
  rmSync(download, { recursive: true, force: true });
}

export function step(program: string, args: readonly string[], failure: string): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: STEP_MS });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  throw new Unavailable(`${failure} (${why})`);
}
