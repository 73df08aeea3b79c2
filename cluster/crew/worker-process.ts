// What the primary holds of one worker process. Implemented by cluster/supervisor over node:cluster, by tests with a
// plain object.
import type { ToPrimary, ToWorker } from '../../src/contracts/ipc.ts';

export interface WorkerProcess {
  readonly pid: number;
  /** Drops the message when the worker is gone: its exit is heard anyway. */
  send(message: ToWorker): void;
  kill(signal: 'SIGKILL'): void;
}

export interface WorkerEvents {
  onMessage(message: ToPrimary): void;
  /** Once, after the last message. @param journal of one that did not end by itself; absent or null = it had none */
  onExit(code: number | null, signal: string | null, journal?: Buffer | null): void;
}

/** Starts a worker for a slot. */
export type ForkWorker = (index: number, events: WorkerEvents) => WorkerProcess;
