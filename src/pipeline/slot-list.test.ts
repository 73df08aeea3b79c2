import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotList } from './slot-list.ts';

test('holds what a set would hold, whatever joins and leaves', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(9))), (steps) => {
      const list = new SlotList<{ slot: number; id: number }>();
      const items = Array.from({ length: 10 }, (_, id) => ({ slot: -1, id }));
      const set = new Set<number>();
      for (const [join, id] of steps) {
        if (join) list.add(items[id]!);
        else list.delete(items[id]!);
        if (join) set.add(id);
        else set.delete(id);
        expect(list.size).toBe(set.size);
      }
      expect(new Set(list.toArray().map((item) => item.id))).toEqual(set);
    }),
  );
});

test('every entry is visited once although visitors take themselves out', () => {
  const list = new SlotList<{ slot: number; id: number }>();
  for (let id = 0; id < 20; id++) list.add({ slot: -1, id });
  const seen: number[] = [];
  list.forEach((item) => {
    seen.push(item.id);
    if (item.id % 3 !== 0) list.delete(item);
  });
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, id) => id));
  expect(list.size).toBe(7);
});
