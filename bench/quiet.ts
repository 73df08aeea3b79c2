// Gateways share their cores in turn. One that still works off what an earlier load left it would take them from the next.
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicros } from './accounting.ts';
import type { RunningPeer } from './contract.ts';

/** Busy is who uses more of a core than this; a gateway's timers and sweeps use less. */
const BUSY_SHARE = 0.1;
const SAMPLE_MS = 100;
const PATIENCE_MS = 5_000;

export interface QuietDeps {
  /** CPU of a process tree so far, microseconds. */
  cpu(pid: number): number;
  sleep(ms: number): Promise<unknown>;
  /** Monotonic ms. */
  now(): number;
}

const REAL: QuietDeps = {
  cpu: cpuMicros,
  sleep,
  now: () => performance.now(),
};

/** Waits until all are quiet, for five seconds at most. @returns the names of those that are not. */
export async function untilQuiet(
  all: readonly Pick<RunningPeer, 'name' | 'pid'>[],
  deps: QuietDeps = REAL,
): Promise<string[]> {
  const until = deps.now() + PATIENCE_MS;
  for (;;) {
    const began = deps.now();
    const before = all.map(({ pid }) => deps.cpu(pid));
    await deps.sleep(SAMPLE_MS);
    const micros = (deps.now() - began) * 1000;
    const busy = all.filter(({ pid }, at) => deps.cpu(pid) - before[at]! > BUSY_SHARE * micros);
    if (busy.length === 0 || deps.now() >= until) return busy.map(({ name }) => name);
  }
}
