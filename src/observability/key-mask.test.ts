import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyMask } from './key-mask.ts';

/** With so many others that keys are looked up by their ends. */
function manyKeys(): KeyMask {
  const mask = new KeyMask();
  for (let at = 0; at < 5_000; at++) mask.put(`other-client-key-${at}-${(at * 7919).toString(36)}`);
  return mask;
}

describe.each([
  ['few keys', () => new KeyMask()],
  ['many keys', manyKeys],
])('of %s', (_, make) => {
  it('every one is taken out of a line, in whatever spelling JSON has for it', () => {
    const mask = make();
    const key = 'ab/cd+e<f&g"h\\12';
    mask.put(key);
    const line = JSON.stringify({ a: key, b: `x${key}y`, c: 'nothing' });
    expect(JSON.parse(mask.mask(line))).toEqual({ a: '***', b: 'x***y', c: 'nothing' });
    expect(mask.mask(line.replaceAll('/', '\\/'))).not.toContain('cd+e');
    expect(mask.mask(line.replace('<', '\\u003c').replace('&', '\\u0026'))).not.toContain('cd+e');
  });

  it('one that holds another, or overlaps it, goes as a whole', () => {
    const mask = make();
    for (const key of ['secret-key-1', 'secret-key-1-long', 'long-other-key']) mask.put(key);
    expect(mask.mask('a secret-key-1 b secret-key-1-long c')).toBe('a *** b *** c');
    expect(mask.mask('secret-key-1,secret-key-1')).toBe('***,***');
  });

  it('a short one goes as a word only', () => {
    const mask = make();
    mask.put('test');
    expect(mask.mask('a test, attested')).toBe('a ***, attested');
    mask.drop('test');
    expect(mask.mask('a test')).toBe('a test');
  });

  it('one that was dropped is not looked for, and the others still are', () => {
    const mask = make();
    // Both end alike.
    for (const key of ['first-common-end', 'second-common-end']) mask.put(key);
    mask.put('first-common-end');
    mask.drop('first-common-end');
    mask.drop('never-was-a-key');
    expect(mask.mask('first-common-end second-common-end')).toBe('first-common-end ***');
  });
});

it('takes out the same whether there are few or many, wherever keys stand', () => {
  const piece = fc.constantFrom(
    'key-one-12345678',
    'key-two-12345678',
    'a-third-key-xyz',
    'words ',
    'é',
    '-',
    '12345678',
  );
  const few = new KeyMask();
  const many = manyKeys();
  for (const key of ['key-one-12345678', 'key-two-12345678', 'a-third-key-xyz']) {
    few.put(key);
    many.put(key);
  }
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const line = pieces.join('');
      expect(many.mask(line)).toBe(few.mask(line));
    }),
  );
});

it('overlapping keys among many go as one', () => {
  const mask = manyKeys();
  mask.put('abcdefgh-1234');
  mask.put('1234-ijklmnop');
  expect(mask.mask('x abcdefgh-1234-ijklmnop y')).toBe('x *** y');
});
