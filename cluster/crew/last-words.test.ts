import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileJournal } from '../../src/journal/journal.ts';
import type { Log } from '../../src/observability/log.ts';
import { frameAt, openSegment } from '../../src/observability/requests/segment.ts';
import { Spool } from '../../src/observability/requests/spool.ts';
import { attempt, settledCall } from '../../src/observability/settled-call.fixture.ts';
import { fakeLog } from '../fakes.fixture.ts';
import { keepRows, lastWords } from './last-words.ts';
import { openJournalFile } from './journal-file.ts';

let place: string;
let folder: string;
let fd: number;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'headgate-words-'));
  folder = join(place, 'spool');
  fd = openSync(join(place, 'journal'), 'wx+');
});
afterEach(() => {
  closeSync(fd);
  rmSync(place, { recursive: true, force: true });
});

const NOW = 1_764_000_000_000;
const call = (id: string) => Object.assign(settledCall({ attempts: [attempt({ costNano: 7 })] }), { id });

/** Its spool and its journal, which is sealed for each call. */
function worker(maxBytes = 1e8) {
  const journal = new FileJournal(fd);
  const spool = new Spool({ folder, maxBytes, node: 'gate-a', worker: 3, now: () => NOW, journal });
  const take = (id: string): void => {
    spool.take(call(id));
    journal.seal();
  };
  return { journal, spool, take };
}
/** Rows in the journal, as far as it knows in no file. */
const left = (log: Log) => lastWords(readFileSync(join(place, 'journal')), log).segments;

/** Calls of all files of the spool, each as often as it stands there. */
function calls(): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name));
    let frame = frameAt(bytes, 0);
    while (frame.kind === 'whole') {
      for (const row of openSegment(frame.payload).rows) {
        expect({ worker: row.worker, node: row.node, cost: row.costNano }).toEqual({
          worker: 3,
          node: 'gate-a',
          cost: 7,
        });
        found.push(row.call);
      }
      frame = frameAt(bytes, frame.end);
    }
  }
  return found.sort();
}

it('keeps rows that a worker had not written when it was killed, each once', async () => {
  const { spool, take } = worker();
  const lines = fakeLog();
  take('a');
  take('b');
  await spool.flush();
  // Written, and nothing was noted since.
  expect(keepRows(left(lines), lines)).toBe(0);
  take('c');
  take('d');
  expect(keepRows(left(lines), lines)).toBe(2);
  expect(calls()).toEqual(['a', 'b', 'c', 'd']);
  expect(lines.lines).toEqual([]);
  await spool.close();
});

it('keeps nothing that was written before, and read and removed long since', async () => {
  const { spool, take } = worker();
  take('a');
  // Rows of the next segment are noted while this one is on its way, and none comes later.
  const written = spool.flush();
  take('b');
  await written;
  await spool.flush();
  expect(calls()).toEqual(['a', 'b']);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  const lines = fakeLog();
  expect(keepRows(left(lines), lines)).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  await spool.close();
});

it('keeps rows that were packed for their file before the journal was written', async () => {
  const { journal, spool, take } = worker();
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids.slice(0, 3)) spool.take(call(id));
  // No file has them before this turn of the event loop is over.
  const written = spool.flush();
  spool.take(call('d'));
  expect(journal.noted).toBe(true);
  take('e');
  const lines = fakeLog();
  const segments = left(lines);
  expect(segments.map(({ records }) => records.length)).toEqual([3, 2]);
  expect(keepRows(segments, lines)).toBe(5);
  expect(calls()).toEqual(ids);
  expect(lines.lines).toEqual([]);
  await written;
  await spool.close();
});

it('keeps rows of a worker that was killed before its first file', async () => {
  const { spool, take } = worker();
  take('a');
  expect(existsSync(folder)).toBe(false);
  const lines = fakeLog();
  expect(keepRows(left(lines), lines)).toBe(1);
  expect(calls()).toEqual(['a']);
  expect(lines.lines).toEqual([]);
  await spool.close();
});

it('leaves out rows that were dropped and counted, which keep no room in the journal', async () => {
  const { spool, take } = worker(0);
  const lines = fakeLog();
  take('a');
  expect(left(lines)).toHaveLength(1);
  await spool.flush();
  expect(spool.counts.dropped).toBe(1);
  expect(left(lines)).toEqual([]);
  await spool.close();
});

it('goes on without a journal, and with one that is no such thing', () => {
  const lines = fakeLog();
  expect(lastWords(null, lines)).toEqual({ charges: [], segments: [] });
  expect(lastWords(Buffer.alloc(5_000, 0x20), lines)).toEqual({ charges: [], segments: [] });
  const broken = Buffer.alloc(48);
  broken.writeUInt32LE(48, 0);
  broken.writeDoubleLE(1, 4);
  broken.writeDoubleLE(1, 40);
  broken[16] = 2;
  expect(lastWords(broken, lines)).toEqual({ charges: [], segments: [] });
  expect(lines.lines.map(({ level }) => level)).toEqual(['error']);
});

it('has a file without a name, readable as long as it is open, and none where none can be made', () => {
  const file = openJournalFile([join(place, 'nowhere'), place])!;
  expect(readdirSync(place)).toEqual(['journal']);
  new FileJournal(file.fd).charged('b', 1);
  expect(file.read()).toEqual(Buffer.alloc(0));
  const journal = new FileJournal(file.fd);
  journal.charged('b', 1);
  journal.seal();
  expect(lastWords(file.read(), fakeLog()).charges).toEqual([{ batch: 1, bucketId: 'b', amount: 1 }]);
  file.close();
  expect(openJournalFile([join(place, 'nowhere')])).toBeNull();
});
