import { expect, it } from 'vitest';
import { principalOf } from '../../governance/principal.ts';
import { WarmKeys } from './warm-keys.ts';

const principal = (at: number) => principalOf({ name: `key-${at}` });
const add = (warm: WarmKeys, at: number): void => warm.add(`hg-${at}`, `hash-${at}`, principal(at));

it('keeps those met last, and never more than it may', () => {
  const warm = new WarmKeys(10);
  const first = principal(0);
  warm.add('hg-0', 'hash-0', first);
  for (let at = 1; at < 1_000; at++) {
    add(warm, at);
    // Met all the time.
    expect(warm.met('hg-0')).toBe(first);
    expect(warm.size).toBeLessThanOrEqual(10);
    for (let before = Math.max(1, at - 3); before <= at; before++)
      expect(warm.met(`hg-${before}`)?.name).toBe(`key-${before}`);
  }
  expect(warm.met('hg-500')).toBeNull();
});

it('forgets one whose row changed, in either half', () => {
  const warm = new WarmKeys(4);
  for (let at = 0; at < 3; at++) add(warm, at);
  warm.cool('hash-0');
  warm.cool('hash-2');
  warm.cool('hash-9');
  expect([0, 1, 2].map((at) => warm.met(`hg-${at}`) !== null)).toEqual([false, true, false]);
  expect(warm.size).toBe(1);
  // What is met again by the same hash is another.
  add(warm, 0);
  expect(warm.met('hg-0')).not.toBeNull();
});

it('says which were met, those that were let go meanwhile included, each once', () => {
  const warm = new WarmKeys(4);
  for (let at = 0; at < 9; at++) add(warm, at);
  expect(warm.takeUsed().sort()).toEqual(Array.from({ length: 9 }, (_, at) => `key-${at}`));
  expect(warm.takeUsed()).toEqual([]);
  warm.met('hg-8');
  expect(warm.takeUsed()).toEqual(['key-8']);
});
