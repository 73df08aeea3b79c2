import { expect, it } from 'vitest';
import { createHeapGrowth } from './heap-growth.ts';

const MB = 1024 * 1024;

it('a small heap may grow by more, a large one by a third, and V8 is told when that changes', () => {
  let used = 27 * MB;
  const flags: string[] = [];
  const tick = createHeapGrowth({ usedBytes: () => used, setFlag: (flag) => flags.push(flag) });
  tick();
  tick();
  expect(flags).toEqual(['--heap-growing-percent=60']);
  used = 300 * MB;
  tick();
  tick();
  used = 40 * MB;
  tick();
  expect(flags.slice(1)).toEqual(['--heap-growing-percent=30', '--heap-growing-percent=60']);
});
