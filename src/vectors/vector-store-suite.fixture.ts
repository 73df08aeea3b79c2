// What every store of vectors does, whatever it is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IndexRow, VectorStore } from '../contracts/vectors.ts';

const row = (id: string, more: Partial<IndexRow> = {}): IndexRow => ({
  id,
  partition: 'p',
  vector: Float32Array.of(1, 0, 0),
  text: `Was heißt "${id}"? '; -- 🙂`,
  untilMs: 2_000,
  ...more,
});
const toward = (...numbers: number[]) => ({
  partition: 'p',
  vector: Float32Array.from(numbers),
  least: 0.9,
  count: 3,
  nowMs: 1_000,
});

/** @param make a store that is empty. */
export function describeVectorStore(
  name: string,
  make: () => Promise<{ store: VectorStore; close(): Promise<void> }>,
): void {
  describe(name, () => {
    let store: VectorStore;
    let close: () => Promise<void>;
    const found = async (wanted = toward(1, 0, 0)): Promise<string[]> =>
      (await store.search(wanted)).map(({ row: { id } }) => id);
    beforeAll(async () => void ({ store, close } = await make()), 60_000);
    afterAll(() => close());

    it('has nothing before anything was put', async () => {
      expect(await found()).toEqual([]);
    });

    it('gives back what is alike, most alike first, with what was asked', async () => {
      await store.add(row('far', { vector: Float32Array.of(0, 1, 0) }));
      await store.add(row('near', { vector: Float32Array.of(0.96, 0.28, 0) }));
      await store.add(row('same'));
      const candidates = await store.search(toward(1, 0, 0));
      expect(candidates.map(({ row: { id, text } }) => [id, text])).toEqual([
        ['same', row('same').text],
        ['near', row('near').text],
      ]);
      expect(candidates.map(({ similarity }) => similarity.toFixed(3))).toEqual(['1.000', '0.960']);
    });

    it('knows no other partition, no vectors of another length and nothing that is over', async () => {
      await store.add(row('other', { partition: 'q' }));
      await store.add(row('longer', { vector: Float32Array.of(1, 0, 0, 0) }));
      await store.add(row('over', { untilMs: 1_000 }));
      expect(await found()).toEqual(['same', 'near']);
      expect(await found(toward(1, 0, 0, 0))).toEqual(['longer']);
    });

    it('replaces a row of the same name, and forgets one', async () => {
      await store.add(row('near', { vector: Float32Array.of(0, 0, 1) }));
      expect(await found()).toEqual(['same']);
      expect(await found(toward(0, 0, 1))).toEqual(['near']);
      await store.remove('near');
      expect(await found(toward(0, 0, 1))).toEqual([]);
    });

    it('sweeps what is over and nothing else', async () => {
      await store.sweep(1_000);
      expect(await found({ ...toward(1, 0, 0), nowMs: 0 })).toEqual(['same']);
    });
  });
}
