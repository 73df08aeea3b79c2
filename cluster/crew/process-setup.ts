// Settings of the two kinds of process: which flags workers get, and what a fault in the primary leads to.
import type { Logger } from '../../src/observability/logger.ts';

/** Flags of our own that fit workers, without debuggers, plus what makes them safer. */
export function workerFlags(own: readonly string[]): string[] {
  const kept = own.filter((flag) => !/^--(inspect|watch|test|eval|print)/.test(flag));
  return [
    ...kept,
    // Nobody reaches a prototype through `__proto__`, whatever a body says.
    '--disable-proto=throw',
    // SIGUSR1 would open a debugger on a process that holds keys.
    '--disable-sigusr1',
    '--disable-warning=ExperimentalWarning',
    // What a request leaves behind fits the processor's cache: 5 us of CPU a request less than with 32 MB, 0.3 to 1.5 less
    // than with 8, and 2 MB is no better (measured, docs/performance.md). Who stated a size has it.
    ...(kept.some((flag) => flag.startsWith('--max-semi-space-size')) ? [] : ['--max-semi-space-size=4']),
    // Collections of the first second find all calls in flight alive and V8 concludes that calls live long: it then
    // puts every one into the old space, which was collected ten times a second. 6 us of CPU a request (measured).
    '--no-allocation-site-pretenuring',
    // What got old is collected after a third of growth instead of a multiple: a flood that meets slow readers leaves
    // 90 MB less behind, and CPU per request is no higher (measured). While the heap is small: workers/heap-growth.ts.
    '--heap-growing-percent=30',
    // Every core has a worker of its own: threads that help to collect the young space only queue for it (measured).
    '--no-parallel-scavenge',
    // V8 would collect everything twice while a worker is nearly idle, 20 ms each, in the way of the few calls there
    // are, and flush their code. workers/idle-memory.ts does it when nobody is there.
    '--no-memory-reducer',
  ];
}

/** A fault in the primary ends it: its workers finish their calls and go (docs/decisions/0002). */
export function dieLoudly(log: Logger): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (err: unknown) => {
      log.fatal({ err, event }, 'fault in the primary');
      log.flushSync();
      process.exit(1);
    });
  }
  // Output nobody reads any more is no reason to stop serving.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
