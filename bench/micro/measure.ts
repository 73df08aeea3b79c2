// Times small pieces of code for the micro benches: rounds of many calls, medians over rounds.

/** Median, fastest and slowest round, in nanoseconds per call. */
export interface Timing {
  medianNs: number;
  minNs: number;
  maxNs: number;
}

/** What each call returned is added up here, so that no call can be optimised away. */
export let sinkhole = 0;

/** Calls `run` for about `roundMs` per round after a warm-up of one round, `rounds` times. */
export function measure(run: () => number, { rounds = 15, roundMs = 60 } = {}): Timing {
  let calls = 1;
  for (;;) {
    const ms = timed(run, calls);
    if (ms >= roundMs / 2) break;
    calls = Math.max(calls + 1, Math.ceil((calls * roundMs) / Math.max(ms, roundMs / 100)));
  }
  const timings: number[] = [];
  for (let round = 0; round < rounds; round++) timings.push((timed(run, calls) * 1e6) / calls);
  return summarise(timings);
}

/** Median and extremes of a list of nanoseconds. */
export function summarise(timings: number[]): Timing {
  const sorted = [...timings].sort((a, b) => a - b);
  return { medianNs: sorted[sorted.length >> 1]!, minNs: sorted[0]!, maxNs: sorted.at(-1)! };
}

/** Prints one line: name, time per call, and throughput when `bytes` is given. */
export function report(name: string, timing: Timing, bytes = 0): void {
  const rate = bytes === 0 ? '' : `  ${((bytes / timing.medianNs) * 1000).toFixed(0).padStart(6)} MB/s`;
  const spread = `(${micro(timing.minNs)} - ${micro(timing.maxNs)})`;
  console.log(`${name.padEnd(34)} ${micro(timing.medianNs).padStart(10)} us${rate}  ${spread}`);
}

function micro(ns: number): string {
  return (ns / 1000).toFixed(ns < 100_000 ? 2 : 0);
}

function timed(run: () => number, calls: number): number {
  const start = performance.now();
  let sum = 0;
  for (let call = 0; call < calls; call++) sum += run();
  sinkhole += sum;
  return performance.now() - start;
}
