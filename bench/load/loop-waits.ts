// Reads what loop-waits.cjs counts in the worker of a gateway.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processTree } from '../process-tree.ts';

const UNIT_MICROS = 50;
/** The worker writes its counts ten times a second. */
const WRITTEN_MS = 150;
const READY_MS = 10_000;

export interface LoopWaits {
  /** Of the worker whose waits are counted. */
  pid: number;
  /** Microseconds below which that share of whoever came while `work` ran waited for the loop. */
  during<T>(share: number, work: () => Promise<T>): Promise<{ micros: number; result: T }>;
}

/** What a gateway is started with, so that its worker counts into `folder`. */
export function countingWaits(folder: string): Record<string, string> {
  const counter = fileURLToPath(new URL('./loop-waits.cjs', import.meta.url));
  return { HEADGATE_BENCH_WAITS: folder, NODE_OPTIONS: `--require ${counter}` };
}

/** @throws Error when no worker below `root` counts in time. */
export async function loopWaits(root: number, folder: string): Promise<LoopWaits> {
  const until = performance.now() + READY_MS;
  for (;;) {
    const pid = processTree(root).find((below) => existsSync(fileOf(folder, below)));
    if (pid !== undefined) return { pid, during: (share, work) => during(fileOf(folder, pid), share, work) };
    if (performance.now() > until) throw new Error('no worker counts how long its event loop is waited for');
    await sleep(20);
  }
}

function fileOf(folder: string, pid: number): string {
  return join(folder, `${pid}.json`);
}

async function during<T>(
  file: string,
  share: number,
  work: () => Promise<T>,
): Promise<{ micros: number; result: T }> {
  const before = JSON.parse(readFileSync(file, 'utf8')) as number[];
  const result = await work();
  await sleep(WRITTEN_MS);
  const after = JSON.parse(readFileSync(file, 'utf8')) as number[];
  return {
    micros: shareOf(
      after.map((count, at) => count - before[at]!),
      share,
    ),
    result,
  };
}

/** @param counts waits by upper bound, in units of 50 us. @returns us; NaN when there are none. */
export function shareOf(counts: readonly number[], share: number): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let at = 0; at < counts.length; at++) {
    below += counts[at]!;
    if (below > 0 && below >= share * all) return (at + 1) * UNIT_MICROS;
  }
  return Number.NaN;
}
