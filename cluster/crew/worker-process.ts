// What the primary holds of one worker process. Implemented by cluster/supervisor over node:cluster, by tests with a
// plain object.
import type { ToPrimary, ToWorker } from '../../src/contracts/ipc.ts';

export interface WorkerProcess {
  readonly pid: number;
  /** Path of what it runs; absent = there is one alone. */
  readonly program?: string;
  /** Drops the message when the worker is gone: its exit is heard anyway. */
  send(message: ToWorker): void;
  kill(signal: 'SIGKILL'): void;
}

export interface WorkerEvents {
  onMessage(message: ToPrimary): void;
  /** Once, after the last message. @param journal of one that did not end by itself; absent or null = it had none */
  onExit(code: number | null, signal: string | null, journal?: Buffer | null): void;
}

/** Starts a worker for a slot. @param program path of what it is to run; absent = this primary's own, null = the newest there is */
export type ForkWorker = (index: number, events: WorkerEvents, program?: string | null) => WorkerProcess;
