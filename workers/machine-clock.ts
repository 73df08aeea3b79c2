// One monotonic clock for all processes of this machine. Each counts the ms of `performance.now()` from its own start; the clock that
// both of them read, `process.hrtime`, has one beginning for all.

/** The process may stand still between two looks at two clocks: the nearest pair of several is taken. */
const LOOKS = 16;

/** What the machine's clock says when that of this process says 0. */
const START_MS = startMs();

function startMs(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look++) {
    const here = performance.now();
    least = Math.min(least, Number(process.hrtime.bigint()) / 1e6 - here);
  }
  return least;
}

/** @param here monotonic ms of this process. @returns that moment as any process of this machine says it. */
export function machineMs(here: number): number {
  return START_MS + here;
}

/** @param machine ms of `machineMs` in any process of this machine. @returns that moment in monotonic ms of this process. */
export function hereMs(machine: number): number {
  return machine - START_MS;
}
