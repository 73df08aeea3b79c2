// Beside a Map that is told the same: names, the order of their use, and slots that are taken again.
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EntryTable, NO_SLOT } from './entry-table.ts';
import { NAME_WORDS, nameOf, readName } from './name-words.ts';

const name = (of: number): string => hash('sha256', String(of), 'base64url');

/** Many of these want the same few buckets: the hash looks at the first ten characters alone. */
const crowded = (of: number): string => `${name(of % 3).slice(0, 10)}${name(of).slice(10)}`;

function wordsOf(text: string): Int32Array {
  const words = new Int32Array(NAME_WORDS);
  expect(readName(text, words)).toBe(true);
  return words;
}

/** All names, oldest first, as the table gives them up. */
function drained(table: EntryTable): string[] {
  const names: string[] = [];
  while (table.size > 0) {
    const slot = table.oldest;
    names.push(nameOf(table.namesOf(slot), table.nameAt(slot)));
    table.remove(slot);
  }
  return names;
}

it.each([
  ['spread', name],
  ['crowded', crowded],
])('knows what was added, used and removed, as a Map written anew with each use: names %s', (_how, name) => {
  const step = fc.record({
    do: fc.constantFrom('add', 'add', 'touch', 'remove'),
    of: fc.integer({ min: 0, max: 90 }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 400, size: 'max' }),
      fc.nat(),
      fc.nat(),
      (steps, seed, second) => {
        const table = new EntryTable([seed, second]);
        const model = new Map<string, true>();
        for (const { do: what, of } of steps) {
          const text = name(of);
          const slot = table.find(wordsOf(text));
          expect(slot !== NO_SLOT).toBe(model.has(text));
          if (what === 'add') {
            if (slot !== NO_SLOT) continue;
            table.add(wordsOf(text));
            model.set(text, true);
          } else if (slot !== NO_SLOT) {
            model.delete(text);
            if (what === 'touch') {
              table.touch(slot);
              model.set(text, true);
            } else {
              table.remove(slot);
              expect(table.isTaken(slot)).toBe(false);
            }
          }
          expect(table.size).toBe(model.size);
        }
        for (let of = 0; of <= 90; of++)
          expect(table.find(wordsOf(name(of))) !== NO_SLOT).toBe(model.has(name(of)));
        expect(drained(table)).toEqual([...model.keys()]);
      },
    ),
    { numRuns: 200 },
  );
});

it('finds each of many, in buckets that are taken, and after half of them went', () => {
  const table = new EntryTable([1, 2]);
  for (let of = 0; of < 10_000; of++) table.add(wordsOf(name(of)));
  for (let of = 0; of < 10_000; of += 2) table.remove(table.find(wordsOf(name(of))));
  for (let of = 0; of < 10_000; of++) {
    const slot = table.find(wordsOf(name(of)));
    if (of % 2 === 0) expect(slot).toBe(NO_SLOT);
    else expect(nameOf(table.namesOf(slot), table.nameAt(slot))).toBe(name(of));
  }
  const { slots } = table;
  for (let of = 0; of < 10_000; of += 2) table.add(wordsOf(name(of)));
  expect(table.slots).toBe(slots);
});

it('takes for a name what keys are, and nothing else', () => {
  const words = new Int32Array(NAME_WORDS);
  const bad = ['', 'k', name(1).slice(1), `${name(1)}a`, `é${name(1).slice(1)}`, `+${name(1).slice(1)}`];
  for (const text of bad) expect(readName(text, words)).toBe(false);
});
