// What a worker that was killed had not told: charges go to the books of the budgets, rows to the spool of the log, once each.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SegmentPlace } from '../../src/contracts/journal.ts';
import { unpackValues } from '../../src/ipc/codec.ts';
import { type Left, type LeftSegment, readLeft } from '../../src/journal/left.ts';
import type { Log } from '../../src/observability/log.ts';
import { frameAt, openSegment, packSegment } from '../../src/observability/requests/segment.ts';
import { newRun, SPOOL_SUFFIX, spoolFileName } from '../../src/observability/requests/spool.ts';

/** A file may have been begun while the segment stands in the one before; later ones cannot have. */
const FILES = 2;

/** @param journal the bytes of it. @returns what it left; nothing where its journal cannot be read */
export function lastWords(journal: Buffer | null, log: Log): Left {
  if (journal === null) return NOTHING;
  try {
    return readLeft(journal);
  } catch (err) {
    log.error({ err }, 'what a worker left cannot be read');
    return NOTHING;
  }
}

/**
 * Writes what no file of the worker has, as a file of its own.
 * @returns calls
 */
export function keepRows(segments: readonly LeftSegment[], log: Log): number {
  let kept = 0;
  for (const { place, texts, callers, records } of segments) {
    try {
      // It may have been killed before its first file.
      mkdirSync(place.folder, { recursive: true, mode: 0o700 });
      const there = callsIn(place);
      const missing = records.filter((record) => !there.has(callOf(record)));
      if (missing.length === 0) continue;
      const bytes = packSegment(
        place,
        // As they were packed by the worker (record.ts).
        { texts, callers: callers as Parameters<typeof packSegment>[1]['callers'] },
        Buffer.concat(missing),
        missing.length,
        [],
      );
      writeFileSync(path.join(place.folder, spoolFileName(newRun(), 1)), bytes, { flag: 'wx', mode: 0o600 });
      kept += missing.length;
    } catch (err) {
      log.error({ err, rows: records.length }, 'rows that a worker left cannot be kept');
    }
  }
  return kept;
}

const NOTHING: Left = { charges: [], segments: [] };

/** A record begins with the id of its call. */
function callOf(record: Buffer): string {
  return String((unpackValues(record) as readonly unknown[])[0]);
}

/**
 * Calls that stand in the worker's file already: its last word may have been cut off between writing them and noting that it did. One
 * segment is written at a time, so that only the last one can be.
 */
function callsIn({ folder, run }: SegmentPlace): Set<string> {
  const calls = new Set<string>();
  const files = readdirSync(folder)
    .filter((name) => name.startsWith(`${run}-`) && name.endsWith(SPOOL_SUFFIX))
    .sort();
  for (const name of files.slice(-FILES)) {
    const payload = lastPayload(readFileSync(path.join(folder, name)));
    if (payload !== null) for (const { call } of openSegment(payload).rows) calls.add(call);
  }
  return calls;
}

function lastPayload(bytes: Buffer): Buffer | null {
  let last: Buffer | null = null;
  let frame = frameAt(bytes, 0);
  while (frame.kind === 'whole') {
    last = frame.payload;
    frame = frameAt(bytes, frame.end);
  }
  return last;
}
