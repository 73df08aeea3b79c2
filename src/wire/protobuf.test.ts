import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf.ts';

it('writes the examples of the format’s own description', () => {
  const to = new ProtobufWriter(1);
  to.uint(1, 150);
  expect(to.take().toString('hex')).toBe('089601');
  to.text(2, 'testing');
  expect(to.take().toString('hex')).toBe('120774657374696e67');
  const nested = to.begin(3);
  to.uint(1, 150);
  to.end(nested);
  expect(to.take().toString('hex')).toBe('1a03089601');
  expect(to.length).toBe(0);
});

/** Lengths of every size of their own, each nested in the other. */
it('puts the right length in front of what is nested, however long it became', () => {
  const varint = (value: number): number[] =>
    value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 4 }), (sizes) => {
      const to = new ProtobufWriter(8);
      const starts = sizes.map((size) => {
        const start = to.begin(1);
        to.bytes(2, Buffer.alloc(size, 7));
        return start;
      });
      for (const start of starts.reverse()) to.end(start);
      let whole = Buffer.alloc(0);
      for (const size of [...sizes].reverse()) {
        const own = Buffer.from([0x12, ...varint(size), ...Buffer.alloc(size, 7)]);
        const inner = Buffer.concat([own, whole]);
        whole = Buffer.concat([Buffer.from([0x0a, ...varint(inner.length)]), inner]);
      }
      expect(to.take().equals(whole)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it('counts beyond 32 bits, and keeps text of any width whole', () => {
  const to = new ProtobufWriter(4);
  to.uint(1, 2 ** 52);
  expect(to.take().toString('hex')).toBe('088080808080808008');
  const text = 'ä€😀'.repeat(5_000);
  to.text(1, text);
  expect(to.take().includes(Buffer.from(text))).toBe(true);
});

it('writes a number that is none as the nearest that there is, and what follows stays whole', () => {
  const to = new ProtobufWriter(4);
  const numbers = [1e300, Number.POSITIVE_INFINITY, -3, 1.5, 127.5, Number.NaN];
  for (const number of numbers) {
    to.uint(1, number);
    to.text(2, 'behind');
  }
  const read: unknown[] = [];
  const reader = new ProtobufReader(to.take());
  while (reader.next()) read.push(reader.field === 1 ? reader.uint() : reader.text());
  const nearest = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 0, 1, 127, 0];
  expect(read).toEqual(nearest.flatMap((number) => [number, 'behind']));
});
