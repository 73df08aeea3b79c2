// Where log lines go: a bounded buffer in front of a file descriptor, written off the event loop in small batches.
//
//   write() ──► [line line line ...] ──batch of whole lines──► fs.write ──ok──► next batch
//                  full: drop, count                              `──EAGAIN──► the same batch again soon
//                                                                 `──other───► drop it, count, pause
//
// Not pino.destination: its flushSync never returns when the reader is gone or the disk is full (it retries every
// error but a refused EAGAIN), so that `headgate | head` would hang at exit. Measured with sonic-boom under pino 10.4.
import { constants, fstatSync, openSync, write as writeFd, writeSync } from 'node:fs';
import { behindTurns } from '../ipc/behind-reads.ts';

/** Workers share one pipe: up to PIPE_BUF bytes are written whole or not at all, so lines never tear. */
const BATCH_BYTES = 4096;
const FLUSH_EVERY_MS = 1000;
const RETRY_MS = 50;
/** Tries of flushSync while the pipe is full, RETRY_MS apart. */
const SYNC_TRIES = 10;

export interface LineSinkOptions {
  fd: number;
  /** Bytes that may wait; a line that finds no room is dropped. */
  maxBytes: number;
}

export class LineSink {
  readonly #fd: number;
  readonly #maxBytes: number;
  readonly #timer: NodeJS.Timeout;
  #lines: string[] = [];
  #bytes = 0;
  /** A batch is with the kernel or waits for its next try. */
  #busy = false;
  /** After an error nothing is tried before the next tick of the timer. */
  #paused = false;
  #dropped = 0;
  #onIdle: (() => void) | null = null;

  constructor({ fd, maxBytes }: LineSinkOptions) {
    this.#fd = nonBlocking(fd);
    this.#maxBytes = maxBytes;
    this.#timer = setInterval(() => {
      this.#paused = false;
      this.#next();
    }, FLUSH_EVERY_MS);
    this.#timer.unref();
  }

  /** Lines lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes one line, newline included. Never blocks, never throws. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > this.#maxBytes) {
      this.#dropped++;
      return;
    }
    this.#lines.push(line);
    this.#bytes += bytes;
    if (this.#bytes >= BATCH_BYTES) this.#next();
  }

  /** Writes all that waits, blocking. A batch already with the kernel is left to it. */
  flushSync(): void {
    let tries = SYNC_TRIES;
    while (this.#lines.length > 0) {
      const batch = this.#take();
      let rest = batch.bytes;
      while (rest.length > 0) {
        try {
          rest = rest.subarray(writeSync(this.#fd, rest));
        } catch (error) {
          if (!isFull(error) || tries-- <= 0) {
            this.#dropped += batch.lines + this.#lines.length;
            this.#lines = [];
            this.#bytes = 0;
            return;
          }
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
        }
      }
    }
  }

  /** Writes all that waits, at most for `timeoutMs`; what remains then is dropped. Nothing may be written afterwards. */
  close(timeoutMs: number): Promise<void> {
    clearInterval(this.#timer);
    return new Promise((resolve) => {
      const giveUp = behindTurns(timeoutMs, () => this.#onIdle?.());
      this.#onIdle = () => {
        this.#onIdle = null;
        giveUp.clear();
        this.#dropped += this.#lines.length;
        this.#lines = [];
        this.#bytes = 0;
        resolve();
      };
      this.#paused = false;
      this.#next();
    });
  }

  /** Starts the next batch, or reports idle. */
  #next(): void {
    if (this.#busy || this.#paused) return;
    if (this.#lines.length === 0) {
      this.#onIdle?.();
      return;
    }
    this.#busy = true;
    const batch = this.#take();
    this.#send(batch.bytes, batch.lines);
  }

  #send(bytes: Buffer, lines: number): void {
    writeFd(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error === null && written < bytes.length) {
        this.#send(bytes.subarray(written), lines);
      } else if (isFull(error)) {
        setTimeout(() => this.#send(bytes, lines), RETRY_MS).unref();
      } else {
        this.#busy = false;
        if (error !== null) {
          this.#dropped += lines;
          this.#paused = this.#onIdle === null;
        }
        this.#next();
      }
    });
  }

  /** Removes as many whole lines as fit one batch, at least one. */
  #take(): { bytes: Buffer; lines: number } {
    let count = 0;
    let bytes = 0;
    while (count < this.#lines.length) {
      const length = Buffer.byteLength(this.#lines[count]!);
      if (count > 0 && bytes + length > BATCH_BYTES) break;
      bytes += length;
      count++;
    }
    const text = this.#lines.splice(0, count).join('');
    this.#bytes -= bytes;
    return { bytes: Buffer.from(text), lines: count };
  }
}

/**
 * A descriptor for the same file whose writes never block. A write to a blocking pipe whose reader stalls holds a thread
 * that the exit of the process waits for (measured: process.exit never returned). The mode belongs to what all processes
 * on one pipe share, and each Node puts it back when it ends: so a pipe is opened anew, for a mode of our own.
 */
function nonBlocking(fd: number): number {
  const stat = fstatSync(fd);
  if (stat.isFIFO()) {
    try {
      return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      // Made by another user, or its reader is gone.
    }
  }
  // Node makes the pipe of stdout or stderr non-blocking when its stream is first used.
  if (stat.isFIFO() || stat.isSocket()) {
    if (fd === 1) void process.stdout;
    else if (fd === 2) void process.stderr;
  }
  return fd;
}

function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'EAGAIN' || code === 'EBUSY';
}
