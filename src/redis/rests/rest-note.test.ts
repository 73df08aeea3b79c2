import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rest } from '../../contracts/rests.ts';
import { readRestNote, restNote } from './rest-note.ts';

const name = fc.string({ minLength: 1, maxLength: 64 });
const base = {
  lane: name,
  model: name,
  print: name,
  stated: fc.boolean(),
  forMs: fc.integer({ min: 1, max: 86_400_000 }),
};
const rest: fc.Arbitrary<Rest> = fc.oneof(
  fc.record({ kind: fc.constant('target' as const), ...base }),
  fc.record({ kind: fc.constant('key' as const), ...base, key: name, limited: fc.boolean() }),
  fc.record({
    kind: fc.constant('circuit' as const),
    ...base,
    stated: fc.constant(false),
    state: fc.constantFrom('open' as const, 'closed' as const),
    at: fc.integer({ min: 1 }),
  }),
);

describe('a note', () => {
  test('reads as what was written', () => {
    fc.assert(
      fc.property(rest, (one) => {
        expect(readRestNote(restNote(one)!, one.forMs)).toEqual(one);
      }),
    );
  });

  test('is the same whatever time is left, so that a longer end takes the place of a shorter one', () => {
    fc.assert(
      fc.property(
        rest,
        fc.integer({ min: 1 }),
        (one, forMs) => restNote(one) === restNote({ ...one, forMs }),
      ),
    );
  });

  test('of a circuit that one call finds out about is that of an open one: for how long the others wait', () => {
    const open: Rest = {
      kind: 'circuit',
      lane: 'p',
      model: 'm',
      print: 'x',
      stated: false,
      forMs: 9,
      state: 'open',
      at: 1,
    };
    expect(restNote({ ...open, state: 'half-open', forMs: 30_000 })).toBe(restNote(open));
    expect(readRestNote('["c","p","m","x",1]', 9)).toBeNull();
  });

  test('is not made of names a caller made endless', () => {
    const one = { kind: 'target', lane: 'p', print: 'x', stated: true, forMs: 1 } as const;
    expect(restNote({ ...one, model: 'm'.repeat(257) })).toBeNull();
  });

  test.each([
    '',
    'null',
    '{}',
    '[]',
    '["t"]',
    '["t","p","m"]',
    '["t","p","",""]',
    '["k","p","m","x",1]',
    '["z","p","m","x",1]',
    '["t",1,2,3]',
    `["t","p","${'m'.repeat(257)}","x",1]`,
    '["t","p","m","x",1',
  ])('that nobody of us wrote is passed over: %s', (note) => {
    expect(readRestNote(note, 1_000)).toBeNull();
  });

  test('without a time is none', () => {
    for (const forMs of [0, -1, Number.NaN]) expect(readRestNote('["t","p","m","x",1]', forMs)).toBeNull();
  });
});
