// Where a worker leaves rows for the gatehouse: files of segments in one folder, bounded in sum, written off the event loop.
// Nobody waits for it; what finds no room is dropped and counted.
//
//   take() ──► [record record …] ──every 200 ms, or 256─► segment ──► fs.write ──ok──► next
//                  waiting full: drop, count                            `──error──► count, another file
//
// A file is the reader's to remove once it is read and the next one of its run is there, or once nobody wrote to it for
// FINISHED_MS: so a writer that was silent for IDLE_MS begins another one.
import { randomBytes } from 'node:crypto';
import { close as closeFd, mkdir, open as openFd, write as writeFd } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Call } from '../../contracts/call.ts';
import type { RequestSpool } from '../../contracts/gateway.ts';
import type { Journal, RowSource } from '../../contracts/journal.ts';
import type { KeptBody } from '../../contracts/log-store.ts';
import { behindTurns, type Deadline } from '../../ipc/behind-reads.ts';
import { Packer } from './packer.ts';
import { packCall, SegmentTable } from './record.ts';
import { packSegment } from './segment.ts';

export const SPOOL_SUFFIX = '.seg';

/** What the names of a writer's files begin with: no other has it. */
export function newRun(): string {
  return randomBytes(8).toString('hex');
}

/** Names of a run are in the order of their writing. @param count from 1 on */
export function spoolFileName(run: string, count: number): string {
  return `${run}-${String(count).padStart(6, '0')}${SPOOL_SUFFIX}`;
}

/** Nobody writes any more to a file that was not written to for so long. */
export const FINISHED_MS = 300_000;
const IDLE_MS = 60_000;
const FILE_BYTES = 8 * 1024 * 1024;
const FLUSH_MS = 200;
/** Each write is a way into a thread and back, 15 us of CPU and more. */
const FLUSH_CALLS = 256;
const FLUSH_BODY_BYTES = 1024 * 1024;
/** Segments that may wait for the disk, in bytes. */
const WAITING_BYTES = 8 * 1024 * 1024;
/** How often to look what the gatehouse has taken away. */
const LOOK_MS = 1_000;
/** At the end of the process. */
const CLOSE_MS = 1_000;

export interface SpoolOptions {
  /** Made when the first row comes. */
  readonly folder: string;
  /** Of all files in the folder. */
  readonly maxBytes: number;
  readonly node: string;
  readonly worker: number;
  /** ms since 1970. */
  readonly now: () => number;
  /** Notes rows until they are in a file; null or absent: a worker that is killed loses them. */
  readonly journal?: Journal | null;
  /**
   * Nothing is written before; never rejects. Of two writers at a time the journal could not tell what of which is in a file: it knows up to where.
   */
  readonly after?: Promise<unknown> | null;
}

export class Spool implements RequestSpool, RowSource {
  readonly #options: SpoolOptions;
  readonly #run = newRun();
  readonly #table = new SegmentTable();
  readonly #records = new Packer();
  #calls = 0;
  #bodies: KeptBody[] = [];
  #bodyBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #waiting: { bytes: Buffer; calls: number; segment: number }[] = [];
  /** In the journal. */
  #segment = 0;
  /** Of the segment, what the journal has: so many bytes, and where each row behind them ends. */
  #noted = 0;
  #ends: number[] = [];
  /** The last one that no row comes to any more. */
  #packed = 0;
  #waitingBytes = 0;
  #writing = false;
  #mayWrite = true;
  #fd: number | null = null;
  #opening = false;
  #files = 0;
  #fileBytes = 0;
  #wroteAt = 0;
  #usedBytes = 0;
  #lookedAt = 0;
  #dropped = 0;
  #closed = false;
  #idle: (() => void) | null = null;
  #flushed: (() => void)[] = [];

  constructor(options: SpoolOptions) {
    this.#options = options;
    const { after } = options;
    if (!after) return;
    this.#mayWrite = false;
    void after.then(() => {
      this.#mayWrite = true;
      this.#next();
    });
  }

  get counts(): RequestSpool['counts'] {
    return { dropped: this.#dropped, bytes: this.#usedBytes + this.#waitingBytes };
  }

  /** A settled call. Never waits, never throws for want of room. */
  take(call: Call): void {
    const before = this.#records.length;
    try {
      packCall(this.#records, call, this.#options.now(), this.#table);
    } catch (cause) {
      // Half a record would make all behind it unreadable.
      this.#records.cut(before);
      throw cause;
    }
    if (this.#options.journal) this.#owe(this.#options.journal);
    if (++this.#calls >= FLUSH_CALLS) this.#pack();
    else this.#timer ??= setTimeout(() => this.#pack(), FLUSH_MS).unref();
  }

  /** What is kept of a body: goes with the rows. */
  body(body: KeptBody): void {
    this.#bodies.push(body);
    this.#bodyBytes += body.text.length;
    if (this.#bodyBytes >= FLUSH_BODY_BYTES) {
      this.#pack();
      return;
    }
    this.#timer ??= setTimeout(() => this.#pack(), FLUSH_MS).unref();
  }

  /** Resolves when what was taken until now stands in a file, or is dropped and counted. */
  flush(): Promise<void> {
    this.#pack();
    return new Promise((resolve) => {
      this.#flushed.push(resolve);
      this.#next();
    });
  }

  /** Writes all that waits, at most for CLOSE_MS from when it may; what remains then is lost. Nothing is taken afterwards. */
  close(): Promise<void> {
    this.#pack();
    this.#closed = true;
    return new Promise((resolve) => {
      let giveUp: Deadline | undefined;
      void Promise.resolve(this.#options.after).then(() => {
        if (this.#idle !== null) giveUp = behindTurns(CLOSE_MS, () => this.#idle?.());
      });
      this.#idle = () => {
        this.#idle = null;
        giveUp?.clear();
        for (const { calls } of this.#waiting) this.#dropped += calls;
        this.#waiting = [];
        this.#leaveFile();
        resolve();
      };
      this.#next();
    });
  }

  #pack(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#closed) return;
    const calls = this.#calls;
    if (calls === 0 && this.#bodies.length === 0) return;
    this.note();
    const bytes = packSegment(this.#options, this.#table, this.#records.all(), calls, this.#bodies);
    this.#records.clear();
    this.#noted = 0;
    this.#packed = this.#segment;
    this.#calls = 0;
    this.#bodies = [];
    this.#bodyBytes = 0;
    this.#table.clear();
    const room = this.#waitingBytes + bytes.length <= WAITING_BYTES;
    if (!room || this.#usedBytes + this.#waitingBytes + bytes.length > this.#options.maxBytes) {
      this.#dropped += calls;
      void this.#look();
      this.#next();
      return;
    }
    this.#waiting.push({ bytes, calls, segment: this.#segment });
    this.#waitingBytes += bytes.length;
    this.#next();
  }

  get owes(): boolean {
    return this.#ends.length > 0;
  }

  /** The journal asks for it before it is written, once for some calls. */
  note(): void {
    const ends = this.#ends;
    if (ends.length === 0) return;
    const { texts, callers } = this.#table;
    this.#options.journal!.rows(texts, callers, this.#records.all(), this.#noted, ends);
    this.#noted = this.#records.length;
    ends.length = 0;
  }

  #owe(journal: Journal): void {
    if (this.#calls === 0) this.#segment = journal.nextSegment({ ...this.#options, run: this.#run }, this);
    this.#ends.push(this.#records.length);
  }

  #next(): void {
    if (this.#writing || this.#opening || !this.#mayWrite) return;
    const first = this.#waiting[0];
    if (first === undefined) {
      // Dropped ones as well: rows that are counted as such are not to come back, nor to keep room in the journal.
      this.#options.journal?.segmentWritten(this.#packed);
      for (const done of this.#flushed.splice(0)) done();
      this.#idle?.();
      return;
    }
    const now = this.#options.now();
    if (this.#fd === null || this.#fileBytes >= FILE_BYTES || Math.abs(now - this.#wroteAt) >= IDLE_MS) {
      this.#begin();
      return;
    }
    this.#waiting.shift();
    this.#waitingBytes -= first.bytes.length;
    this.#writing = true;
    this.#wroteAt = now;
    this.#write(this.#fd, first.bytes, first.calls, first.segment);
    if (now - this.#lookedAt >= LOOK_MS) void this.#look();
  }

  #write(fd: number, bytes: Buffer, calls: number, segment: number): void {
    writeFd(fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error === null && written < bytes.length) {
        this.#count(written);
        this.#write(fd, bytes.subarray(written), calls, segment);
        return;
      }
      this.#writing = false;
      // As it is, also where that failed: rows that are counted as dropped are not to come back.
      this.#options.journal?.segmentWritten(segment);
      if (error === null) this.#count(written);
      else this.#failed(calls);
      this.#next();
    });
  }

  #count(bytes: number): void {
    this.#fileBytes += bytes;
    this.#usedBytes += bytes;
  }

  /** What stands in the file is half a segment now: nothing may come behind it. */
  #failed(calls: number): void {
    this.#dropped += calls;
    this.#leaveFile();
    // The disk is full, or not there: what waits would fare no better, and would only hold memory.
    for (const { calls: others } of this.#waiting) this.#dropped += others;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #begin(): void {
    this.#opening = true;
    this.#leaveFile();
    mkdir(this.#options.folder, { recursive: true, mode: 0o700 }, (error) => {
      if (error !== null) {
        this.#opened(null);
        return;
      }
      openFd(this.#nextFile(), 'ax', 0o600, (refused, fd) => this.#opened(refused === null ? fd : null));
    });
  }

  #opened(fd: number | null): void {
    this.#opening = false;
    this.#fd = fd;
    this.#fileBytes = 0;
    this.#wroteAt = this.#options.now();
    if (fd === null) this.#failed(0);
    else void this.#look();
    this.#next();
  }

  #nextFile(): string {
    return path.join(this.#options.folder, spoolFileName(this.#run, ++this.#files));
  }

  /** What all files come to: the gatehouse takes them away, and other workers add to them. */
  async #look(): Promise<void> {
    const now = this.#options.now();
    if (Math.abs(now - this.#lookedAt) < LOOK_MS) return;
    this.#lookedAt = now;
    const { folder } = this.#options;
    try {
      let sum = 0;
      for (const name of await readdir(folder)) {
        if (!name.endsWith(SPOOL_SUFFIX)) continue;
        const found = await stat(path.join(folder, name)).catch(() => null);
        sum += found?.size ?? 0;
      }
      this.#usedBytes = sum;
    } catch {
      // Not there any more: the next write will say so.
    }
  }

  #leaveFile(): void {
    if (this.#fd !== null) closeFd(this.#fd, () => undefined);
    this.#fd = null;
  }
}
