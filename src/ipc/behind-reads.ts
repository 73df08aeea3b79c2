// A deadline for what others say. A process that stood still finds its timers due and the answers unread: the timers come first.

/**
 * Runs behind `ms`, and behind the reads of that turn of the event loop: what lies in a channel or socket by then was in time, it was this process
 * that stood still.
 *
 * @returns cleared before it is due, nothing runs; in that turn itself it may run all the same.
 */
export function behindReads(ms: number, run: () => void): NodeJS.Timeout {
  return setTimeout(() => setImmediate(run), ms);
}
