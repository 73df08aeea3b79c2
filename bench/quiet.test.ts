import { expect, test } from 'vitest';
import { type QuietDeps, untilQuiet } from './quiet.ts';

/** A machine on which each process is busy until its time, in ms. */
function machine(busyUntil: Record<number, number>): QuietDeps & { time: number } {
  const deps = {
    time: 0,
    now: () => deps.time,
    sleep: async (ms: number) => void (deps.time += ms),
    cpu: (pid: number) => Math.min(deps.time, busyUntil[pid] ?? 0) * 1000,
  };
  return deps;
}

test('nobody is waited for where all are quiet', async () => {
  const deps = machine({});
  expect(await untilQuiet([{ name: 'a', pid: 1 }], deps)).toEqual([]);
  expect(deps.time).toBeLessThanOrEqual(100);
});

test('one that works off an earlier load is waited for', async () => {
  const deps = machine({ 2: 1_250 });
  const all = [
    { name: 'a', pid: 1 },
    { name: 'b', pid: 2 },
  ];
  expect(await untilQuiet(all, deps)).toEqual([]);
  expect(deps.time).toBeGreaterThanOrEqual(1_250);
});

test('one that never rests is named', async () => {
  const deps = machine({ 2: Number.POSITIVE_INFINITY });
  const all = [
    { name: 'a', pid: 1 },
    { name: 'b', pid: 2 },
  ];
  expect(await untilQuiet(all, deps)).toEqual(['b']);
  expect(deps.time).toBeLessThan(6_000);
});
