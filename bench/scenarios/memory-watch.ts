// Memory of a gateway while something goes on.
import { setInterval as every } from 'node:timers/promises';
import type { Lab } from '../contract.ts';
import { median } from './rounds.ts';

export const MEGABYTE = 1_000_000;

/**
 * Median of a few samples, bytes: a collector that just runs must not decide.
 *
 * @throws when the process has ended: nothing is the least memory of all
 */
export async function settledMemory(lab: Lab, pid: number): Promise<number> {
  const samples: number[] = [];
  for await (const _ of every(200)) {
    const { pss, processes } = lab.memoryOf(pid);
    if (processes === 0) throw new Error('the process is gone');
    samples.push(pss);
    if (samples.length === 5) break;
  }
  return median(samples) ?? 0;
}

/** The highest of samples each `everyMs` while `work` runs, bytes. */
export async function peakMemory<T>(
  lab: Lab,
  pid: number,
  work: () => Promise<T>,
  everyMs = 500,
): Promise<{ peak: number; result: T }> {
  let peak = lab.memoryOf(pid).pss;
  const timer = setInterval(() => {
    peak = Math.max(peak, lab.memoryOf(pid).pss);
  }, everyMs);
  try {
    const result = await work();
    return { peak: Math.max(peak, lab.memoryOf(pid).pss), result };
  } finally {
    clearInterval(timer);
  }
}
