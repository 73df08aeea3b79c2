// Brings peers from the public registries into the bench's cache, only when the user said so with
// HEADGATE_BENCH_FETCH=1. No install script of a package runs.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FETCH_MS = 600_000;

export function fetchesAllowed(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return env.HEADGATE_BENCH_FETCH === '1';
}

/** What npm is told: these packages exactly, and what they stand on held where `overrides` says. */
export function npmManifest(
  dependencies: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>>,
): string {
  return `${JSON.stringify({ private: true, dependencies, overrides }, null, 2)}\n`;
}

/** @returns why it failed, in words, or null. */
export async function fetchNpm(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>>,
): Promise<string | null> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), npmManifest(dependencies, overrides));
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return clean(folder, await run('npm', args, folder));
}

/** Into a virtual environment of its own. @returns why it failed, in words, or null. */
export async function fetchPip(folder: string, requirement: string): Promise<string | null> {
  mkdirSync(folder, { recursive: true });
  const failed = await run('python3', ['-m', 'venv', folder], folder);
  if (failed !== null) return clean(folder, failed);
  // Wheels only: a source package runs code of its own to be built.
  const args = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', requirement];
  return clean(folder, await run(join(folder, 'bin/python'), args, folder));
}

/** Nothing half fetched stays to be found the next time. */
function clean(folder: string, failed: string | null): string | null {
  if (failed !== null) rmSync(folder, { recursive: true, force: true });
  return failed;
}

function run(file: string, args: readonly string[], cwd: string): Promise<string | null> {
  return new Promise((done) => {
    execFile(file, args, { cwd, timeout: FETCH_MS, maxBuffer: 16 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error === null) return done(null);
      const words = `${stderr}${stdout}`.trim().split('\n').slice(-3).join(' ');
      done(`could not be fetched with ${file}: ${words === '' ? error.message : words}`);
    });
  });
}
