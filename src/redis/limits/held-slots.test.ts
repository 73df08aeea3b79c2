import { describe, expect, it } from 'vitest';
import { HeldSlots } from './held-slots.ts';

describe('slots held', () => {
  it('are released once each, by the token they were granted to', () => {
    const slots = new HeldSlots();
    slots.add('k', 'a', 3);
    slots.add('k', 'b', 1);
    expect(slots.release('k', 'a', 2)).toEqual(['a/0', 'a/1']);
    expect(slots.release('k', 'a', 2)).toEqual(['a/2']);
    expect(slots.release('k', 'a', 2)).toEqual([]);
    expect(slots.release('other', 'b', 1)).toEqual([]);
    expect(slots.ids('k')).toEqual(['b/0']);
    expect([slots.size, slots.held('k')]).toEqual([1, 1]);
  });

  it('count once when the same grant is heard of twice', () => {
    const slots = new HeldSlots();
    slots.add('k', 'a', 2);
    slots.add('k', 'a', 2);
    slots.add('k', 'a', 0);
    expect([slots.size, slots.held('k'), slots.has('k', 'a', 1), slots.has('k', 'a', 2)]).toEqual([
      2,
      2,
      true,
      false,
    ]);
  });

  it('leave nothing behind', () => {
    const slots = new HeldSlots();
    slots.add('k', 'a', 2);
    slots.add('l', 'b', 1);
    expect(slots.releaseAll()).toEqual([
      ['k', ['a/0', 'a/1']],
      ['l', ['b/0']],
    ]);
    expect([slots.size, [...slots.keys]]).toEqual([0, []]);
  });
});
