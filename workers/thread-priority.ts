// Who gives way on a full core. Each worker has a core for its event loop; the threads beside it (V8's compiler and
// collector, bodies being checked) wait for nothing that a client waits for, but the scheduler gives each a slice of up to
// 4 ms in front of the loop: that was the p99 of a first token (docs/performance.md).
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Nice values: a tenth of the loop's share where both want the core, all of it where they do not; ... */
const HELPER_NICE = 10;
/** ... and a third for bodies, which a call does wait for. */
const BODY_NICE = 5;

/** Names of threads that a call does wait for: name look-ups and files. */
const WAITED_FOR = 'libuv-worker';

/** On Linux priority is a thread's; elsewhere it is the process's and nothing is changed. */
const PER_THREAD = process.platform === 'linux';

/** Lowers the threads that V8 made for this process; to be called once, before any thread of our own. */
export function calmHelpers(): void {
  if (!PER_THREAD) return;
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      if (Number(thread) === process.pid) continue;
      if (readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === WAITED_FOR) continue;
      setPriority(Number(thread), HELPER_NICE);
    }
  } catch {
    // Without /proc, or where a sandbox forbids it, all threads stay equal.
  }
}

/** Lowers the thread that calls it. */
export function calmThisThread(): void {
  if (!PER_THREAD) return;
  try {
    setPriority(0, BODY_NICE);
  } catch {
    // Forbidden: as above.
  }
}
