import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from './protobuf.ts';
import { ProtobufFault, ProtobufReader } from './protobuf-reader.ts';

describe('a message', () => {
  it('is read as it was written, whatever of it is passed over', () => {
    const integer = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
    fc.assert(
      fc.property(
        fc.record({
          uint: fc.nat(),
          int: integer,
          text: fc.string({ unit: 'binary', maxLength: 20 }),
          real: fc.double({ noNaN: true }),
          ints: fc.array(fc.nat(), { maxLength: 9 }),
          signed: fc.array(integer, { maxLength: 9 }),
          reals: fc.array(fc.double({ noNaN: true }), { maxLength: 9 }),
          floats: fc.array(fc.float({ noNaN: true }), { maxLength: 9 }),
          skips: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 9 }),
        }),
        ({ uint, int, text, real, ints, signed, reals, floats, skips }) => {
          const writer = new ProtobufWriter(8);
          writer.uint(1, uint);
          writer.int(2, int);
          writer.text(3, text);
          writer.double(4, real);
          writer.packedInt(5, ints);
          writer.packedDouble(6, reals);
          writer.packedFloat(7, floats);
          const nested = writer.begin(8);
          for (const value of signed) writer.int(1, value);
          writer.end(nested);
          writer.float(9, 0.5);
          const bytes = writer.take();
          const reader = new ProtobufReader(bytes);
          const found: Record<number, unknown> = {};
          while (reader.next()) {
            if (skips.includes(reader.field)) continue;
            const list: number[] = [];
            if (reader.field === 1) found[1] = reader.uint();
            else if (reader.field === 2) found[2] = reader.int();
            else if (reader.field === 3) found[3] = reader.text();
            else if (reader.field === 4) found[4] = reader.double();
            else if (reader.field === 5) reader.uints((found[5] = list) as number[]);
            else if (reader.field === 6) reader.reals((found[6] = list) as number[], 8);
            else if (reader.field === 7) reader.reals((found[7] = list) as number[], 4);
            else if (reader.field === 8) {
              const inner = reader.message();
              while (inner.next()) list.push(inner.int());
              found[8] = list;
            } else reader.reals((found[9] = list) as number[], 4);
          }
          const all: Record<number, unknown> = {
            1: uint,
            2: int,
            3: text,
            4: real,
            5: ints,
            6: reals,
            7: floats,
            8: signed,
            9: [0.5],
          };
          for (const skip of skips) delete all[skip];
          expect(found).toEqual(all);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('that is anything is read to its end, or is a fault: never another error, and never for ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(6), (bytes, how) => {
        const reader = new ProtobufReader(Buffer.from(bytes));
        const read = [
          () => reader.uint(),
          () => reader.int(),
          () => reader.text(),
          () => reader.double(),
          () => reader.uints([]),
          () => reader.reals([], 4),
          () => {},
        ][how]!;
        try {
          while (reader.next()) read();
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufFault);
        }
      }),
    );
  });
});
