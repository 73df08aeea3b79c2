import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpackValues } from '../../ipc/codec.ts';
import { Packer } from './packer.ts';

type Value = string | number | boolean | null | Value[];

function pack(into: Packer, value: Value): void {
  if (typeof value === 'string') into.text(value);
  else if (typeof value === 'boolean') into.flag(value);
  else if (Array.isArray(value)) {
    into.list(value.length);
    for (const one of value) pack(into, one);
  } else into.number(value);
}

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
    fc.integer(),
    fc.nat({ max: 2 ** 33 }),
    fc.double({ noNaN: true }).filter((one) => !Object.is(one, -0)),
    fc.constantFrom(0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1.8e12),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 40 }),
  ),
}));

describe('what a worker packs', () => {
  it('is what is read again, whatever it is', () => {
    const packer = new Packer();
    fc.assert(
      fc.property(value, (one) => {
        packer.clear();
        pack(packer, one);
        expect(unpackValues(packer.all())).toEqual(one);
      }),
    );
  });

  it('may be more than its first block, and is cut to what was whole', () => {
    const packer = new Packer();
    packer.list(3);
    packer.text('é'.repeat(20_000));
    packer.number(-1);
    const whole = packer.length;
    packer.list(9);
    packer.cut(whole);
    packer.text(null);
    expect(unpackValues(packer.all())).toEqual(['é'.repeat(20_000), -1, null]);
  });
});
