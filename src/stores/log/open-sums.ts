// Sums of rows that are in the log, on their way there: each cell is read and written once for all rows of some seconds,
// not for each batch. What they are made of stays in the spool until they are written (`summed`), so that a process that
// ends with sums in its hands leaves them to the next.
import type { LoggedRow } from '../../contracts/log-store.ts';
import type { LogRow } from '../../contracts/request-log.ts';
import { type SqlWork, statement } from '../sql-driver.ts';
import { SumBook } from './sum-book.ts';
import { addSums } from './sums.ts';

/** A spool that cannot be read keeps nobody from what the database has. */
const RESUME_MS = 3_000;

interface Part {
  readonly from: number;
  readonly to: number;
}

/** What is being written. */
interface Closing {
  readonly book: SumBook;
  readonly parts: ReadonlyMap<string, Part>;
  /** Resolves when it is there, or will not be. */
  readonly written: Promise<unknown>;
}

export class OpenSums {
  #book = new SumBook();
  /** What of each file is in the book. */
  #parts = new Map<string, Part>();
  #closing: Closing | null = null;
  #times = 0;
  #resuming: Promise<void> | null = null;
  #resumed: () => void = () => undefined;
  readonly #summedOf: (file: string) => Promise<number | null>;

  /** @param summedOf how far sums of a file are in the database; null = it knows no such file */
  constructor(summedOf: (file: string) => Promise<number | null>) {
    this.#summedOf = summedOf;
  }

  /** Rows whose sums wait. */
  get rows(): number {
    return this.#book.rows;
  }

  /** How far sums of a file are written, where rows of it were written up to `place`. */
  summed(file: string, place: number): number {
    return this.#parts.get(file)?.from ?? place;
  }

  take(file: string, from: number, to: number, rows: readonly (LogRow | LoggedRow)[]): void {
    this.#parts.set(file, { from: this.summed(file, from), to });
    for (const row of rows) this.#book.add(row);
  }

  /** Sums of rows that are in the log are read anew, as a process begins: who asks meanwhile waits for `resumed`, for a while. */
  resuming(): void {
    if (this.#resuming !== null) return;
    this.#resuming = new Promise((resolve) => {
      const timer = setTimeout(() => this.#resumed(), RESUME_MS);
      timer.unref();
      this.#resumed = () => {
        clearTimeout(timer);
        this.#resuming = null;
        this.#resumed = () => undefined;
        resolve();
      };
    });
  }

  resumed(): void {
    this.#resumed();
  }

  /** Forgets what it has: who reads the spool begins where the database says. */
  reset(): void {
    this.#book = new SumBook();
    this.#parts = new Map();
  }

  /**
   * What `read` says of the database together with what waits or is on its way there: neither twice nor not at all. Nobody waits for
   * sums that are being written: they count from memory until they are in the database.
   */
  async with<T>(read: (open: readonly SumBook[]) => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#resuming !== null) await this.#resuming;
      const [times, closing] = [this.#times, this.#closing];
      const result = await read(closing === null ? [this.#book] : [closing.book, this.#book]);
      if (times !== this.#times) continue;
      if (closing === null || !(await this.#isThere(closing))) return result;
      // In the database already, which only we do not know yet.
      await closing.written;
    }
  }

  async #isThere({ parts }: Closing): Promise<boolean> {
    const [file, { from }] = parts.entries().next().value!; // none is written without a part
    return (await this.#summedOf(file)) !== from;
  }

  /** Runs a commit that changes sums which are written: who reads meanwhile reads again. */
  async beside<T>(commit: () => Promise<T>): Promise<T> {
    try {
      return await commit();
    } finally {
      this.#times += 1;
    }
  }

  /** Writes all that waits as one. @returns false: somebody else did, and nothing was written */
  async write(commit: (work: () => SqlWork<boolean>) => Promise<boolean>): Promise<boolean> {
    if (this.#parts.size === 0) return true;
    const [book, parts] = [this.#book, this.#parts];
    this.reset();
    this.#times += 1;
    const written = commit(() => writeWork(book, parts));
    this.#closing = { book, parts, written: written.catch(() => undefined) };
    try {
      return await written;
    } finally {
      this.#closing = null;
      this.#times += 1;
    }
  }
}

function* writeWork(book: SumBook, parts: ReadonlyMap<string, Part>): SqlWork<boolean> {
  for (const [file, { from }] of parts) {
    const found = (yield statement('SELECT summed FROM log_files WHERE name = ?', file))[0];
    if (Number(found?.['summed'] ?? -1) !== from) return false;
  }
  yield* addSums(book.groups());
  for (const [file, { to }] of parts)
    yield statement('UPDATE log_files SET summed = ? WHERE name = ?', to, file);
  return true;
}
