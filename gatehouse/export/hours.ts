// One hour of the log, or of what was corrected in it, as objects: NDJSON, gzip, in parts of a size, under names that say when its rows are of.
import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import type { LogReads } from '../../src/contracts/log-store.ts';
import { HOUR_MS } from './names.ts';

const PAGE_ROWS = 500;
/** Rows of an object at most: some 5 MB of it. */
export const PART_ROWS = 50_000;
/** Between pages: whoever asks the API is answered. */
const REST_MS = 5;

export interface Part {
  readonly body: Buffer;
  readonly rows: number;
  /** Where the next part begins; null = there is none. */
  readonly next: string | null;
}

/** Window in ms since 1970, `until` exclusive. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/** Reads a page; the same for the same cursor: what is over does not change. */
export type PageReader = (
  span: Span,
  cursor: string | null,
  limit: number,
) => Promise<{ readonly rows: readonly object[]; readonly next: string | null }>;

/** Rows of the log, newest first. */
export function rowPages(log: Pick<LogReads, 'page'>): PageReader {
  return ({ since, until }, cursor, limit) =>
    log.page({ values: {}, ranges: {}, attempts: true, since, until, cursor, limit });
}

/** Corrections of charges by when they were made, oldest first. */
export function correctionPages(log: Pick<LogReads, 'correctionsOf'>): PageReader {
  return ({ since, until }, cursor, limit) => log.correctionsOf({ since, until, cursor, limit });
}

/** What is of `span` behind `cursor`. */
export async function partOf(
  read: PageReader,
  span: Span,
  cursor: string | null,
  maxRows = PART_ROWS,
): Promise<Part> {
  const gzip = createGzip();
  const pieces: Buffer[] = [];
  gzip.on('data', (piece: Buffer) => pieces.push(piece));
  let rows = 0;
  let next = cursor;
  do {
    const limit = Math.min(PAGE_ROWS, maxRows - rows);
    const page = await read(span, next, limit);
    if (page.rows.length > 0 && !gzip.write(linesOf(page.rows))) await once(gzip, 'drain');
    rows += page.rows.length;
    next = page.next;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  } while (next !== null && rows < maxRows);
  gzip.end();
  await once(gzip, 'end');
  return { body: Buffer.concat(pieces), rows, next };
}

const linesOf = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** The part of `span` that lies in the hour from `start` on. */
export function within({ since, until }: Span, start: number): Span {
  return { since: Math.max(since, start), until: Math.min(until, start + HOUR_MS) };
}
