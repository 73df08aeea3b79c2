// Gives memory back once a burst is over: V8 keeps a young generation grown by a load (up to 64 MB) and collects nothing
// while nothing is allocated. A full collection takes 30 to 50 ms, so it waits until the worker does nothing at all
// (docs/decisions/0008).
//
//   owed --no call open, hardly any CPU used, for QUIET_TICKS--> collect --> paid
//   paid --a tick with work--> owed
import { Session } from 'node:inspector/promises';

/** Share of a core used in a tick: work above the first, nothing to speak of below the second. */
const BUSY = 0.05;
const QUIET = 0.02;
const QUIET_TICKS = 4;

export interface IdleMemoryDeps {
  openCalls(): number;
  /** CPU time of this process so far, in microseconds. */
  cpuMicros(): number;
  /** Monotonic, in milliseconds. */
  now(): number;
  collect(): void;
}

/** @returns what is to be called about once a second. What a start leaves behind is owed, too. */
export function createIdleMemory(deps: IdleMemoryDeps): () => void {
  let owed = true;
  let quiet = 0;
  let cpu = deps.cpuMicros();
  let at = deps.now();
  return () => {
    const nextCpu = deps.cpuMicros();
    const nextAt = deps.now();
    const load = (nextCpu - cpu) / Math.max(1, (nextAt - at) * 1_000);
    cpu = nextCpu;
    at = nextAt;
    owed ||= load > BUSY;
    quiet = load < QUIET && deps.openCalls() === 0 ? quiet + 1 : 0;
    if (!owed || quiet < QUIET_TICKS) return;
    owed = false;
    quiet = 0;
    deps.collect();
    // The collection is no work of the tick that follows.
    cpu = deps.cpuMicros();
    at = deps.now();
  };
}

/**
 * A full collection that also shrinks the heap, by the inspector's own means inside this process: no port is opened.
 * `global.gc` would need a flag and leaves the young generation at its size.
 */
export function collectAll(): void {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage').then(
    () => session.disconnect(),
    () => session.disconnect(),
  );
}
