// Reads the files that workers leave in the spool, each from where it was read to, and removes those that are finished.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { KeptBody } from '../../src/contracts/log-store.ts';
import type { LogRow } from '../../src/contracts/request-log.ts';
import { frameAt, openSegment } from '../../src/observability/requests/segment.ts';
import { FINISHED_MS, SPOOL_SUFFIX } from '../../src/observability/requests/spool.ts';

const READ_BYTES = 1024 * 1024;
/** Rows of one batch, about: what is written as one blocks others for so long, and pages of the database are written once for all. */
const BATCH_ROWS = 500;

export interface ReadBatch {
  readonly rows: readonly LogRow[];
  readonly bodies: readonly KeptBody[];
  /** Where the batch ends in the file. */
  readonly to: number;
  /** What stands there can never be read. */
  readonly broken: boolean;
}

/** Names of the files in the order of their writing, file by file of each run. */
export async function spoolFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(SPOOL_SUFFIX)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** A name of the folder that no other has, made by who reads it first. */
export async function folderId(folder: string): Promise<string> {
  const file = path.join(folder, 'id');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, randomBytes(8).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}

/** 0 = it is gone. */
export async function sizeOf(folder: string, name: string): Promise<number> {
  const found = await stat(path.join(folder, name)).catch(() => null);
  return found?.size ?? 0;
}

/** Bytes that were not read yet. */
export async function backlogBytes(
  folder: string,
  files: readonly string[],
  places: ReadonlyMap<string, number>,
): Promise<number> {
  let bytes = 0;
  for (const name of files) bytes += Math.max(0, (await sizeOf(folder, name)) - (places.get(name) ?? 0));
  return bytes;
}

/** What stands in `name` from `from` to at most `until`, a batch of it; null = nothing whole. */
export async function readBatch(
  folder: string,
  name: string,
  from: number,
  until = Number.MAX_SAFE_INTEGER,
): Promise<ReadBatch | null> {
  const file = await open(path.join(folder, name), 'r');
  try {
    const size = Math.min(until, (await file.stat()).size);
    let room = READ_BYTES;
    for (;;) {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(room, size - from)));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      const batch = batchOf(bytes.subarray(0, bytesRead), from);
      // One segment may be larger than what was read at once.
      if (batch !== null || from + bytesRead >= size || bytesRead === 0) return batch;
      room *= 4;
    }
  } finally {
    await file.close();
  }
}

function batchOf(bytes: Buffer, from: number): ReadBatch | null {
  const rows: LogRow[] = [];
  const bodies: KeptBody[] = [];
  let at = 0;
  let broken = false;
  while (rows.length < BATCH_ROWS) {
    const frame = frameAt(bytes, at);
    if (frame.kind === 'short') break;
    if (frame.kind === 'broken') {
      broken = true;
      break;
    }
    const segment = openSegment(frame.payload);
    rows.push(...segment.rows);
    bodies.push(...segment.bodies);
    at = frame.end;
  }
  return at === 0 && !broken ? null : { rows, bodies, to: from + at, broken };
}

/** Nobody writes to it any more: its run went on in another file, or was silent for long enough. */
export async function isFinished(
  folder: string,
  name: string,
  files: readonly string[],
  now: number,
): Promise<boolean> {
  const run = name.slice(0, name.indexOf('-') + 1);
  if (files.some((other) => other > name && other.startsWith(run))) return true;
  const { mtimeMs } = await stat(path.join(folder, name));
  return now - mtimeMs >= FINISHED_MS;
}

export async function removeFile(folder: string, name: string): Promise<void> {
  await unlink(path.join(folder, name)).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}
