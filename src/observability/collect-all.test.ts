import { expect, test } from 'vitest';
import { collectAll } from './collect-all.ts';

test('what nobody holds any more is gone at once, and the heap is smaller', () => {
  let held: object[] | null = Array.from({ length: 400_000 }, (_, at) => ({ at, text: `number ${at}` }));
  const gone = new WeakRef(held);
  const before = process.memoryUsage().heapTotal;
  held = null;
  // A weak reference is alive until the turn that made it is over.
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    collectAll();
    expect(gone.deref()).toBeUndefined();
    expect(process.memoryUsage().heapTotal).toBeLessThan(before);
    expect(globalThis.gc, 'no other context has it').toBeUndefined();
  });
});
