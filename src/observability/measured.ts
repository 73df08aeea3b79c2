// The seam between measuring and running: whatever only looks (memory, descriptors, /proc, gauges) is read through here,
// so that a look that fails ends nothing. Out of descriptors even the memory of the own process cannot be read, since
// it stands in a file.
import type { Call } from '../contracts/call.ts';
import type { CallObserver, LogPort } from '../contracts/ports.ts';

/** A look that fails does so each second: one line a minute says it. */
const SAY_EVERY_MS = 60_000;

/** What `read` says, or `otherwise` when it throws. */
export function measured<T, U>(read: () => T, otherwise: U): T | U {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** Resident memory of this process in bytes; null while it cannot be read. */
export function residentBytes(): number | null {
  return measured(process.memoryUsage.rss, null);
}

/** Runs what only measures; false when it threw, which is logged and goes no further. */
export type Measuring = (what: string, work: () => void) => boolean;

/** @param log null while there is none yet: then a fault is not said. @param now monotonic ms */
export function createMeasuring(log: () => LogPort | null, now: () => number): Measuring {
  const saidAt = new Map<string, number>();
  return (what, work) => {
    try {
      work();
      return true;
    } catch (err) {
      if (now() - (saidAt.get(what) ?? Number.NEGATIVE_INFINITY) >= SAY_EVERY_MS) {
        saidAt.set(what, now());
        log()?.warn({ err, what }, 'could not be measured');
      }
      return false;
    }
  };
}

/** Observers that only measure a call: one that throws ends neither the call nor the worker. */
export function measuredCalls(observer: CallObserver, measure: Measuring): CallObserver {
  return {
    settled(call: Call) {
      // Not by `measure` itself, which would cost a closure for each call.
      try {
        observer.settled(call);
      } catch (err) {
        measure('calls', () => {
          throw err;
        });
      }
    },
  };
}
