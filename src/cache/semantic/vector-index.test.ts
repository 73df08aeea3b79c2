// The index against a search of plain lists: what is found, what leaves first, and what changes under a search in a thread.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate, IndexRow, VectorScan } from '../../contracts/vectors.ts';
import { normalise } from './builtin.ts';
import { scan } from './scan.ts';
import { createVectorIndex, type MemoryIndex, THREAD_BYTES } from './vector-index.ts';

const row = (id: string, numbers: number[], more: Partial<IndexRow> = {}): IndexRow => ({
  id,
  partition: 'p',
  text: `text of ${id}`,
  untilMs: 1_000,
  vector: normalise(Float32Array.from(numbers)),
  ...more,
});
const toward = (...numbers: number[]): Float32Array => normalise(Float32Array.from(numbers));
const ids = (found: Candidate[] | Promise<Candidate[]>): string[] =>
  (found as Candidate[]).map(({ row: { id } }) => id); // no thread: at once

const numbers = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 });

describe('the index', () => {
  it('finds what a plain list would, after any puts and drops', () => {
    const step = fc.oneof(
      fc.record({ put: fc.integer({ min: 0, max: 9 }), numbers, partition: fc.constantFrom('p', 'q') }),
      fc.record({ drop: fc.integer({ min: 0, max: 9 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), numbers, (steps, wanted) => {
        const index = createVectorIndex(100);
        const plain = new Map<string, IndexRow>();
        for (const done of steps) {
          if ('drop' in done) {
            index.drop(String(done.drop));
            plain.delete(String(done.drop));
          } else {
            const made = row(String(done.put), done.numbers, { partition: done.partition });
            index.put(made);
            plain.set(made.id, made);
          }
        }
        const vector = toward(...wanted);
        const least = 0.5;
        const expected = [...plain.values()]
          .filter(({ partition }) => partition === 'p')
          .map((held) => held.vector.reduce((sum, value, at) => sum + value * vector[at]!, 0))
          .filter((similarity) => similarity >= least + 1e-6);
        const found = index.nearest('p', vector, least + 1e-6, 100, 0) as Candidate[];
        expect(index.size).toBe(plain.size);
        expect(found.map(({ similarity }) => similarity.toFixed(4))).toEqual(
          expected.sort((one, other) => other - one).map((similarity) => similarity.toFixed(4)),
        );
        for (const { row: held } of found) expect(plain.get(held.id)!.text).toBe(held.text);
      }),
    );
  });

  it('compares no vectors of two lengths and none of two partitions', () => {
    const index = createVectorIndex(10);
    index.put(row('a', [1, 0, 0]));
    expect(ids(index.nearest('p', toward(1, 0), 0, 5, 0))).toEqual([]);
    expect(ids(index.nearest('q', toward(1, 0, 0), 0, 5, 0))).toEqual([]);
    expect(ids(index.nearest('p', toward(1, 0, 0), 0, 5, 0))).toEqual(['a']);
  });

  it('passes by rows whose time is over, also where they stood before others', () => {
    const index = createVectorIndex(100);
    for (let at = 0; at < 10; at++) index.put(row(`old ${at}`, [1, 0, 0], { untilMs: 5 }));
    index.put(row('new', [1, 0.1, 0]));
    expect(ids(index.nearest('p', toward(1, 0, 0), 0.9, 4, 6))).toEqual(['new']);
  });

  it('lets go first of what was found or put longest ago, and keeps the last when it shrinks', () => {
    const index = createVectorIndex(3);
    for (const id of ['a', 'b', 'c']) index.put(row(id, [1, 0, 0]));
    void index.nearest('p', toward(1, 0, 0), 0.9, 5, 0);
    index.put(row('d', [1, 0, 0]));
    expect(index.size).toBe(3);
    index.resize(1);
    expect(ids(index.nearest('p', toward(1, 0, 0), 0.9, 5, 0))).toEqual(['d']);
  });
});

describe('a partition of many rows', () => {
  const many = THREAD_BYTES / 4 / 4;
  const filled = (index: MemoryIndex): void => {
    for (let at = 0; at < many; at++) index.put(row(String(at), [1, 0, 0, at]));
  };

  it('is searched in a thread, and what changed meanwhile is looked at again', async () => {
    let asked: VectorScan | null = null;
    let answer = (): void => undefined;
    const index = createVectorIndex(2 * many, (wanted) => {
      asked = wanted;
      return new Promise((resolve) => (answer = () => resolve(scan(wanted))));
    });
    filled(index);
    const found = index.nearest('p', toward(1, 0, 0, 1), 0.99, 3, 0);
    expect(asked!.matrix.buffer).toBeInstanceOf(SharedArrayBuffer);
    // The very row it will find moves to another one's place, and its own is taken by a stranger.
    index.drop('1');
    answer();
    expect(ids(await found)).not.toContain('1');
    const again = index.nearest('p', toward(1, 0, 0, 2), 0.9999, 3, 0);
    answer();
    expect(ids(await again)).toEqual(['2']);
  });

  it('is a miss where no thread is free', async () => {
    const index = createVectorIndex(2 * many, () => Promise.reject(new Error('busy')));
    filled(index);
    expect(await index.nearest('p', toward(1, 0, 0, 1), 0.99, 3, 0)).toEqual([]);
  });
});
