// Bytes on their way, kept on disk until they can go on: a file without a name, gone with its process whatever happens.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freeWhole } from '../body/free.ts';
import type { OpenSpool, Spool } from '../contracts/spool.ts';

/** Bytes that may wait to be written. */
const PENDING_BYTES = 1024 * 1024;
const READ_BYTES = 256 * 1024;

class FileSpool implements Spool {
  drained: (() => void) | null = null;
  readonly #failed: (cause: unknown) => void;
  /** The file, once it is open, and all writes so far. */
  #work: Promise<FileHandle>;
  #pendingBytes = 0;
  #written = 0;
  #readAt = 0;
  #full = false;
  #closed = false;

  constructor(folder: string, failed: (cause: unknown) => void) {
    this.#failed = failed;
    this.#work = openNameless(folder);
    this.#watch();
  }

  write(piece: Buffer): boolean {
    const at = this.#written;
    const { length } = piece;
    this.#written += length;
    this.#pendingBytes += length;
    this.#work = this.#work.then(async (file) => {
      if (!this.#closed) await file.write(piece, 0, length, at);
      this.#pendingBytes -= length;
      freeWhole(piece);
      if (this.#full && this.#pendingBytes < PENDING_BYTES / 2) {
        this.#full = false;
        if (!this.#closed) this.drained?.();
      }
      return file;
    });
    this.#watch();
    this.#full ||= this.#pendingBytes >= PENDING_BYTES;
    return !this.#full;
  }

  async read(): Promise<Buffer | null> {
    const file = await this.#work;
    const left = this.#written - this.#readAt;
    if (left === 0) return null;
    const block = Buffer.allocUnsafeSlow(Math.min(left, READ_BYTES));
    const { bytesRead } = await file.read(block, 0, block.length, this.#readAt);
    if (bytesRead === 0) throw new Error('the spool lost bytes');
    this.#readAt += bytesRead;
    return block.subarray(0, bytesRead);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#work.then((file) => file.close()).catch(() => {});
  }

  #watch(): void {
    this.#work.catch((cause: unknown) => {
      if (!this.#closed) this.#failed(cause);
    });
  }
}

async function openNameless(folder: string): Promise<FileHandle> {
  const name = path.join(folder, `headgate-${randomBytes(12).toString('hex')}`);
  const file = await open(name, 'wx+', 0o600);
  await unlink(name);
  return file;
}

/** @param folder for its files: the system's for temporary ones by default. */
export function createSpools(folder = tmpdir()): OpenSpool {
  return (failed) => new FileSpool(folder, failed);
}
