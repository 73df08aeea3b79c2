// Where the configuration file is: the one that was named, else one of the default names.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Env } from './environment.ts';

const DEFAULT_FILES = ['headgate.yaml', 'headgate.yml', 'headgate.json'] as const;

export interface FilePlace {
  env: Env;
  /** Folder in which the default file is looked for and a relative path begins. */
  cwd: string;
  /** Path of the file; before HEADGATE_CONFIG and the default names. */
  file?: string | undefined;
}

/** @param notes hears of files that are ignored. @returns an absolute path; null = there is none. */
export function findFile({ env, cwd, file }: FilePlace, notes: string[]): string | null {
  const named = file ?? (env['HEADGATE_CONFIG'] || undefined);
  if (named !== undefined) return resolve(cwd, named);
  const [found, ...more] = DEFAULT_FILES.filter((name) => existsSync(join(cwd, name)));
  for (const other of more) notes.push(`${other} is ignored: ${found} comes first`);
  return found === undefined ? null : join(cwd, found);
}
