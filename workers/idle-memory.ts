// Gives memory back once a flood is over: V8 keeps a young generation grown by it and collects nothing while nothing is
// allocated. A full collection also throws optimised code and its type feedback away: the second of load behind it
// costs up to twice the CPU a request (measured: 62 us instead of 40). So it waits until the worker does nothing at all, and
// runs only where there is much to gain (docs/decisions/0008).
//
//   owed --no call open, hardly any CPU used, for QUIET_TICKS--> collect --> paid
//   owed by the start alone --WARM_MICROS of CPU used--> paid
//   paid --a tick finds WORTH_BYTES more memory in use than was left--> owed
/** Share of a core: below it a worker does nothing to speak of. */
const QUIET = 0.02;
const QUIET_TICKS = 4;

/** A load of small requests grows a worker by 20 to 30 MB, once: that is kept, with the code it made. */
const WORTH_BYTES = 40 * 1024 * 1024;

/**
 * CPU, since there is a worker, after which it has optimised code worth more than the 15 MB its start left behind; a start takes a quarter of it.
 * What its process did before, as a sidecar's was a command and a primary, made no such code.
 */
const WARM_MICROS = 1_000_000;

export interface IdleMemoryDeps {
  openCalls(): number;
  /** CPU time of this process so far, in microseconds. */
  cpuMicros(): number;
  /** Memory of this process, in bytes; null while it cannot be read. */
  residentBytes(): number | null;
  /** What of it is kept answers, in bytes: no collection gives them back. */
  keptBytes(): number;
  /** Monotonic, in milliseconds. */
  now(): number;
  collect(): void;
}

/** @returns what is to be called about once a second. What a start leaves behind is owed, too, unless load comes first. */
export function createIdleMemory(deps: IdleMemoryDeps): () => void {
  let owed = false;
  let owedByStart = true;
  let quiet = 0;
  const begun = deps.cpuMicros();
  let cpu = begun;
  let at = deps.now();
  /** Least seen since the last collection: what it freed goes back to the system a while later. */
  let left = Number.POSITIVE_INFINITY;
  return () => {
    const nextCpu = deps.cpuMicros();
    const nextAt = deps.now();
    const load = (nextCpu - cpu) / Math.max(1, (nextAt - at) * 1_000);
    cpu = nextCpu;
    at = nextAt;
    const all = deps.residentBytes();
    if (all !== null) {
      const resident = all - deps.keptBytes();
      left = Math.min(left, resident);
      owed ||= resident > left + WORTH_BYTES;
    }
    owedByStart &&= nextCpu - begun < WARM_MICROS;
    quiet = load < QUIET && deps.openCalls() === 0 ? quiet + 1 : 0;
    if (!(owed || owedByStart) || quiet < QUIET_TICKS) return;
    owed = owedByStart = false;
    quiet = 0;
    left = Number.POSITIVE_INFINITY;
    deps.collect();
    // The collection is no work of the tick that follows.
    cpu = deps.cpuMicros();
    at = deps.now();
  };
}
