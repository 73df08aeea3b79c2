// What a process tree has used, by the kernel's own books.
import { readdirSync, readFileSync } from 'node:fs';
import type { MemorySample } from './contract.ts';
import { processTree } from './process-tree.ts';

const TICK_MICROS = 10_000; // USER_HZ is 100 on every Linux that Node runs on

/** CPU time of a process tree so far in microseconds: all threads, user and kernel. */
export function cpuMicros(root: number): number {
  let total = 0;
  for (const pid of processTree(root)) total += cpuMicrosOf(pid);
  return total;
}

/** Proportional set size of a process tree: shared pages count once, spread over those that share them. */
export function memoryOf(root: number): MemorySample {
  let pss = 0;
  let processes = 0;
  for (const pid of processTree(root)) {
    const kib = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
    if (kib === undefined) continue;
    pss += Number(kib) * 1024;
    processes++;
  }
  return { pss, processes };
}

/**
 * CPU time of one process so far in microseconds, all threads; 0 when it is gone.
 * The larger of two books: schedstat is exact to the nanosecond but forgets threads that ended, stat keeps them but
 * counts in ticks of 10 ms, rounded down.
 */
export function cpuMicrosOf(pid: number): number {
  let nanos = 0;
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      nanos += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]) || 0;
    }
  } catch {
    return 0; // gone
  }
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = (Number(fields[11]) || 0) + (Number(fields[12]) || 0);
  return Math.max(nanos / 1000, ticks * TICK_MICROS);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
