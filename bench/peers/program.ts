// Where a peer's program is: named by an environment variable, kept in the bench's own cache, or on PATH.
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Found } from '../contract.ts';

/** Where peers that the bench fetched lie: outside of what git sees. */
export const CACHE = fileURLToPath(new URL('../../.cache/bench-peers', import.meta.url));

const VERSION_MS = 10_000;

export interface Program {
  /** The file to run, absolute. */
  readonly file: string;
}

export interface Whereabouts {
  /** Names the file and wins over all other places. */
  variable: string;
  /** Names to look for on PATH. */
  names?: readonly string[];
  /** Files to look for besides, absolute. */
  files?: readonly string[];
  /** How to get it: ends the reason why it was left out. */
  hint: string;
  env?: Readonly<Record<string, string | undefined>>;
}

/** Looks at files only; starts nothing. */
export function locate(where: Whereabouts): Program | { readonly missing: string } {
  const env = where.env ?? process.env;
  const named = env[where.variable];
  if (named !== undefined && named !== '') {
    const file = isAbsolute(named) ? named : resolve(named);
    return readable(file) ? { file } : { missing: `${where.variable} names ${named}, which is not there` };
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = (where.names ?? []).flatMap((name) => folders.map((folder) => join(folder, name)));
  const file = candidates.find(executable) ?? (where.files ?? []).find(readable);
  return file === undefined ? { missing: `not on this machine; ${where.hint}` } : { file };
}

/** Finds a program and asks it for its version with `args`. */
export async function findProgram(
  where: Whereabouts,
  version: { args: readonly string[]; pattern: RegExp },
): Promise<Found> {
  const program = locate(where);
  if ('missing' in program) return program;
  const said = await output(program.file, version.args);
  if (said === null) return { missing: `${program.file} does not run` };
  return { version: version.pattern.exec(said)?.[1] ?? 'version unknown' };
}

/** The file of a program that `find` found before. @throws with the reason when it is gone. */
export function fileOf(where: Whereabouts): string {
  const program = locate(where);
  if ('missing' in program) throw new Error(program.missing);
  return program.file;
}

/** What a program writes, on both channels; null when it cannot be started or takes too long. Its exit code is its own affair. */
export function output(file: string, args: readonly string[]): Promise<string | null> {
  return new Promise((done) => {
    execFile(file, args, { timeout: VERSION_MS }, (error, stdout, stderr) => {
      const failed = error !== null && (typeof error.code === 'string' || error.killed === true);
      done(failed ? null : `${stdout}${stderr}`);
    });
  });
}

/** The version in the package.json nearest above a file, when it is of that package. */
export function npmVersion(file: string, name: string): string | null {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const text = readFileSync(join(folder, 'package.json'), 'utf8');
      const manifest = JSON.parse(text) as { name?: unknown; version?: unknown };
      if (manifest.name === name && typeof manifest.version === 'string') return manifest.version;
    } catch {
      // None here, or not JSON: further up.
    }
  }
  return null;
}

function readable(file: string): boolean {
  return allowed(file, constants.R_OK);
}

function executable(file: string): boolean {
  return allowed(file, constants.X_OK);
}

function allowed(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
