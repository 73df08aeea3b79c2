// Imported first of all by the process that a sidecar is: what V8 saves there, said while it runs. As flags of the command line these would
// make Node refuse the compiled code that its own modules come with, and compile them anew: a megabyte, and a third of the start.
import { setFlagsFromString } from 'node:v8';

/** Modules of Node that this process has use for: loaded with their compiled code, while the flags are as they were when it was made. */
const OF_NODE = ['net', 'tls', 'zlib', 'crypto', 'child_process', 'fs/promises', 'dns/promises'] as const;

for (const name of OF_NODE) process.getBuiltinModule(`node:${name}`);
// One program asks: memory counts for more than the last microseconds of a request (measured, docs/performance.md).
for (const flag of [
  // The young generation stays at the megabyte that it begins with.
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=30',
  '--optimize-for-size',
  '--max-lazy',
  // A start makes code hot that nobody needs again; who serves calls it again (optimiseFromNowOn).
  '--no-opt',
  // The first full collection lets go of what ran once: half of the compiled code.
  '--flush-baseline-code',
  '--stress-flush-code',
])
  setFlagsFromString(flag);

/** By then an idle worker has collected what its start left (workers/idle-memory.ts). */
const COLLECTED_MS = 15_000;

/** The start is over: what is hot now is worth compiling, and what is compiled a little later worth keeping. */
export function optimiseFromNowOn(): void {
  setFlagsFromString('--opt');
  setTimeout(() => setFlagsFromString('--no-stress-flush-code'), COLLECTED_MS).unref();
}
