// Files of a person: read as they are, and written whole or not at all.
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** Null: there is none. */
export function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Through a link to what it points at; with the mode that the file had, else for its owner alone. */
export function replaceFile(file: string, text: string): void {
  const target = resolved(file);
  mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
  const half = `${target}.${process.pid}.headgate`;
  try {
    writeFileSync(half, text, { mode: 0o600 });
    chmodSync(half, modeOf(target));
    renameSync(half, target);
  } finally {
    rmSync(half, { force: true });
  }
}

function resolved(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function modeOf(file: string): number {
  try {
    return statSync(file).mode & 0o777;
  } catch {
    return 0o600;
  }
}

const isMissing = (error: unknown): boolean => {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOENT' || code === 'ENOTDIR';
};
