import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const KNOWN = ['concurrency', 'queue', 'queueTimeoutMs', 'onFull', 'port', 'host'];

describe('the nearest known name', () => {
  it.each([
    ['concurency', 'concurrency'],
    ['conucrrency', 'concurrency'],
    ['queue_timeout_ms', 'queueTimeoutMs'],
    ['QUEUE', 'queue'],
    ['queues', 'queue'],
    ['prot', 'port'],
    ['on-full', 'onFull'],
  ])('of `%s` is `%s`', (name, expected) => {
    expect(nearest(name, KNOWN)).toBe(expected);
  });

  it.each(['x', '', '---', 'completelyDifferent', 'lane'])('is not guessed for `%s`', (name) => {
    expect(nearest(name, KNOWN)).toBeNull();
  });

  it('is the name itself when it is known', () => {
    fc.assert(fc.property(fc.constantFrom(...KNOWN), (name) => nearest(name, KNOWN) === name));
  });
});
