import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packValues, unpackValues } from '../ipc/codec.ts';
import { FileJournal } from './journal.ts';
import { type Left, readLeft } from './left.ts';

const place = { folder: '/spool', run: 'ab', node: 'gate-a', worker: 3 };
let folder: string;
let file: string;
let fd: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-journal-'));
  file = join(folder, 'journal');
  fd = openSync(file, 'wx+');
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const nobody = { owes: false, note: () => undefined };
const note = (
  journal: FileJournal,
  texts: readonly string[],
  callers: readonly unknown[],
  record: Buffer,
  from = 0,
): void => journal.rows(texts, callers, record, from, [record.length]);
const left = (areaBytes?: number): Left => readLeft(readFileSync(file), areaBytes);
const untold = (heard: number, areaBytes?: number): [string, number][] =>
  left(areaBytes)
    .charges.filter(({ batch }) => batch > heard)
    .map(({ bucketId, amount }) => [bucketId, amount]);
const ids = ({ segments }: Left): unknown[] =>
  segments.flatMap(({ records }) => records.map((record) => (unpackValues(record) as unknown[])[0]));

describe('a journal', () => {
  it('has what was charged since the last message, whatever the name of a budget', () => {
    const journal = new FileJournal(fd);
    journal.charged('team|rot', 5);
    journal.seal();
    expect(journal.nextBatch()).toBe(1);
    journal.charged('team|größe-€', 2 ** 40 + 1);
    journal.charged('gateway', 0.5);
    journal.seal();
    expect(untold(0)).toEqual([
      ['team|rot', 5],
      ['team|größe-€', 2 ** 40 + 1],
      ['gateway', 0.5],
    ]);
    expect(untold(1)).toEqual([
      ['team|größe-€', 2 ** 40 + 1],
      ['gateway', 0.5],
    ]);
  });

  it('has rows with the texts and callers of their segment, until that is written', () => {
    const journal = new FileJournal(fd);
    const texts: string[] = [];
    const row = (id: string): void => {
      texts.push(`text of ${id}`);
      const record = packValues([id, texts.length - 1]);
      note(journal, texts, [['key']], Buffer.concat([Buffer.from('before'), record]), 6);
      journal.seal();
    };
    const first = journal.nextSegment(place, nobody);
    row('a');
    row('b');
    texts.length = 0;
    const second = journal.nextSegment({ ...place, run: 'cd' }, nobody);
    row('c');
    expect(left().segments).toEqual([
      {
        place,
        texts: ['text of a', 'text of b'],
        callers: [['key']],
        records: [packValues(['a', 0]), packValues(['b', 1])],
      },
      {
        place: { ...place, run: 'cd' },
        texts: ['text of c'],
        callers: [['key']],
        records: [packValues(['c', 0])],
      },
    ]);
    journal.segmentWritten(first);
    row('d');
    expect(ids(left())).toEqual(['c', 'd']);
    // At once: no call may ever come behind it.
    journal.segmentWritten(second);
    expect(ids(left())).toEqual([]);
  });

  it('asks for rows before it is written, and tells those that it got at once from each other', () => {
    const journal = new FileJournal(fd);
    const records: Buffer[] = [];
    let ends: number[] = [];
    let noted = 0;
    const row = (id: string): void => {
      records.push(packValues([id, 'x'.repeat(3 * records.length)]));
      ends.push(Buffer.concat(records).length);
    };
    journal.nextSegment(place, {
      get owes() {
        return ends.length > 0;
      },
      note() {
        const all = Buffer.concat(records);
        if (ends.length > 0) journal.rows(['text'], [], all, noted, ends);
        ends = [];
        noted = all.length;
      },
    });
    expect(journal.noted).toBe(false);
    for (const id of ['a', 'b', 'c']) row(id);
    expect(journal.noted).toBe(true);
    journal.seal();
    expect(journal.noted).toBe(false);
    expect(left().segments).toEqual([{ place, texts: ['text'], callers: [], records }]);
    journal.seal();
    for (const id of ['d', 'e']) row(id);
    expect(ids(left())).toEqual(['a', 'b', 'c']);
    journal.seal();
    expect(left().segments).toEqual([{ place, texts: ['text'], callers: [], records }]);
  });

  it('says what is written also where its area was full of what was not', () => {
    // However many bytes are left of it.
    for (let areaBytes = 140_000; areaBytes < 140_050; areaBytes++) {
      ftruncateSync(fd, 0);
      const journal = new FileJournal(fd, areaBytes);
      const segment = journal.nextSegment(place, nobody);
      for (let at = 0; at < 10; at++) {
        note(journal, [], [], packValues([`r${at}`, 'x'.repeat(27_000)]));
        journal.seal();
      }
      for (let at = 0; at < 300; at++) {
        journal.charged('b', at);
        journal.seal();
      }
      expect(ids(left(areaBytes)).length).toBe(10);
      journal.segmentWritten(segment);
      expect(ids(left(areaBytes))).toEqual([]);
    }
  });

  it('is of what was sealed alone, wherever the process died within a write', () => {
    const journal = new FileJournal(fd);
    journal.charged('first', 1);
    journal.seal();
    const sealed = readFileSync(file).length;
    journal.charged('second', 2);
    journal.charged('third', 3);
    journal.seal();
    const whole = readFileSync(file);
    for (let end = sealed; end < whole.length; end++) {
      expect(readLeft(whole.subarray(0, end)).charges).toHaveLength(1);
      // Or over what stood there before.
      expect(readLeft(Buffer.concat([whole.subarray(0, end), Buffer.alloc(200, 0xee)])).charges).toHaveLength(
        1,
      );
    }
    expect(readLeft(whole).charges).toHaveLength(3);
  });

  it('notes nothing where nothing can be written, and goes on when it can', () => {
    const readable = openSync(file, 'r');
    const journal = new FileJournal(readable);
    journal.charged('b', 1);
    expect(() => journal.seal()).not.toThrow();
    closeSync(readable);
    ftruncateSync(fd, 0);
    expect(left()).toEqual({ charges: [], segments: [] });
  });

  it('never loses what is untold and never grows beyond its areas, whatever is told when', () => {
    const areaBytes = 400_000;
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('charge' as const), size: fc.nat(80) }) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('row' as const), size: fc.nat(20_000) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('tell' as const), size: fc.constant(0) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), size: fc.constant(0) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        ftruncateSync(fd, 0);
        const journal = new FileJournal(fd, areaBytes);
        let charges: [string, number][] = [];
        let told = 0;
        let segment = 0;
        let rows: string[] = [];
        let texts: string[] = [];
        let bytes = 0;
        for (const [at, one] of steps.entries()) {
          if (one.do === 'charge') {
            const charge: [string, number] = [`b${'x'.repeat(one.size)}`, at];
            charges.push(charge);
            journal.charged(...charge);
            journal.seal();
          } else if (one.do === 'row') {
            if (segment === 0) segment = journal.nextSegment(place, nobody);
            const id = `r${at}`;
            texts.push(id);
            note(journal, texts, [], packValues([id, 'y'.repeat(one.size)]));
            journal.seal();
            rows.push(id);
            bytes += one.size;
          } else if (one.do === 'tell') {
            told = journal.nextBatch();
            journal.batchTold(told);
            charges = [];
          } else {
            if (segment !== 0) journal.segmentWritten(segment);
            segment = 0;
            rows = [];
            texts = [];
            bytes = 0;
          }
          expect(readFileSync(file).length).toBeLessThanOrEqual(2 * areaBytes);
        }
        // More than an area takes is at risk, and only then.
        if (bytes > areaBytes / 4) return;
        expect(untold(told, areaBytes)).toEqual(charges);
        expect(ids(left(areaBytes))).toEqual(rows);
        for (const { texts: noted } of left(areaBytes).segments) expect(noted).toEqual(texts);
      }),
      { numRuns: 60 },
    );
  });

  it('has rows whole with their texts again after it had to leave some out', () => {
    const areaBytes = 100_000;
    const journal = new FileJournal(fd, areaBytes);
    const texts = ['one'];
    const first = journal.nextSegment(place, nobody);
    for (const [id, size] of [
      ['large', 70_000],
      ['too large', 50_000],
    ] as const) {
      note(journal, texts, [], packValues([id, 'x'.repeat(size)]));
      journal.seal();
    }
    texts.push('two');
    note(journal, texts, [], packValues(['small', 1]));
    journal.seal();
    const found = left(areaBytes);
    expect(ids(found)).toEqual(['large', 'small']);
    expect(found.segments[0]!.texts).toEqual(['one', 'two']);
    journal.segmentWritten(first);
  });
});
