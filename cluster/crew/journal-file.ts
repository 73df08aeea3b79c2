// The file of a worker's journal: without a name, in memory where the system has a place for that, and open here as well, so that it
// can be read when the worker was killed. Gone with both processes, whatever happens.
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Of Linux, and nowhere else: files there never wait for a disk. */
const IN_MEMORY = '/dev/shm';

export interface JournalFile {
  readonly fd: number;
  /** All that stands in it; null = it cannot be read. */
  read(): Buffer | null;
  close(): void;
}

/** Null: nowhere can one be made, and workers do without. */
export function openJournalFile(folders: readonly string[] = [IN_MEMORY, tmpdir()]): JournalFile | null {
  for (const folder of folders) {
    const fd = openNameless(folder);
    if (fd !== null) return { fd, read: () => readWhole(fd), close: () => closeSync(fd) };
  }
  return null;
}

function openNameless(folder: string): number | null {
  const name = path.join(folder, `headgate-${randomBytes(12).toString('hex')}`);
  try {
    const fd = openSync(name, 'wx+', 0o600);
    unlinkSync(name);
    return fd;
  } catch {
    return null;
  }
}

function readWhole(fd: number): Buffer | null {
  try {
    const bytes = Buffer.alloc(fstatSync(fd).size);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return null;
  }
}
