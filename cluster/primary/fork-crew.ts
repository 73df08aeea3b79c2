// What the workers are started with, and by: their entry is started by path.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../../src/observability/log.ts';
import { bundled, newestBundled } from '../crew/bundled.ts';
import { createNearWorker } from '../crew/near-worker.ts';
import { workerFlags } from '../crew/process-setup.ts';
import { createFork } from '../crew/supervisor.ts';
import type { ForkWorker } from '../crew/worker-process.ts';

const ENTRY = path.join(import.meta.dirname, `../../workers/main${path.extname(import.meta.filename)}`);

/** @param entry of the workers; undefined = their own. */
export function createForkCrew(entry: string | undefined, log: Log): ForkWorker {
  const own = entry ?? bundled('worker') ?? ENTRY;
  const newest = (): string => entry ?? newestBundled('worker') ?? ENTRY;
  // An installation in its place takes a program away.
  const programOf = (program: string | null = own): string =>
    program !== null && existsSync(program) ? program : newest();
  const crew = {
    env: {
      // Read by the native part of uWebSockets.js when it loads.
      UWS_HTTP_MAX_HEADERS_SIZE: '16384',
      // What tickets for the chat socket are sealed with, the same for workers that come later.
      HEADGATE_TICKET_SECRET: randomUUID(),
      // Bodies of 128 KB and more go back to the system when they are freed; glibc would raise its threshold with the
      // first of them and keep the rest in a fragmented heap. A lower one costs bodies of 100 KB a third more CPU
      // (docs/decisions/0008).
      MALLOC_MMAP_THRESHOLD_: '131072',
    },
    log,
  };
  // Set by `headgate sidecar` alone.
  if (process.env['HEADGATE_ONE_PROCESS'] === '1') return createNearWorker({ ...crew, exec: own });
  return createFork({ ...crew, exec: programOf, execArgv: workerFlags(process.execArgv) });
}
