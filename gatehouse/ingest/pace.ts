// How long the reader of the spool rests behind each piece of work. Rows wait on disk and calls do not: where others want the
// core they have nearly all of it, and where nobody does the reader is quick. Only a spool that fills up makes it push.
import { readFileSync } from 'node:fs';

/** Of the work's own length. */
const RESTS = { alone: 0.25, wanted: 19, filling: 2 } as const;
const MIN_REST_MS = 1;
const MAX_REST_MS = 2_000;
/** Part of the spool beyond which rows would soon be lost. */
const FULL = 0.5;
/** Waiting for the core, as a part of the time on it, from where on others want it. */
const WAITED = 0.2;

export interface CoreTimes {
  readonly runNs: number;
  readonly waitedNs: number;
}

export interface Pace {
  /** Before a piece of work. */
  begin(): void;
  /** Behind it. @param filled part of the spool that is full @returns ms to rest */
  end(filled: number): number;
}

/** @param now monotonic ms @param core times of this process's main thread; null = not known here, and the core may be wanted */
export function createPace(now: () => number, core: () => CoreTimes | null = coreTimes): Pace {
  let begun = 0;
  let before: CoreTimes | null = null;
  return {
    begin() {
      begun = now();
      before = core();
    },
    end(filled) {
      const after = core();
      const rest = filled > FULL ? RESTS.filling : isWanted(before, after) ? RESTS.wanted : RESTS.alone;
      return Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, rest * (now() - begun)));
    },
  };
}

function isWanted(before: CoreTimes | null, after: CoreTimes | null): boolean {
  if (before === null || after === null) return true;
  return after.waitedNs - before.waitedNs > WAITED * (after.runNs - before.runNs);
}

/** Linux tells how long a thread ran and how long it was kept waiting for a core. */
function coreTimes(): CoreTimes | null {
  try {
    const [run, waited] = readFileSync('/proc/self/schedstat', 'latin1').split(' ');
    return { runNs: Number(run), waitedNs: Number(waited) };
  } catch {
    return null;
  }
}
