// Forks the gatehouse by its path, as a process that has no part in the cluster: it opens none of the workers' sockets.
import { fork } from 'node:child_process';
import path from 'node:path';
import type { Config } from '../../src/contracts/config.ts';
import type { FromGatehouse, ToGatehouse } from '../../src/contracts/gatehouse-ipc.ts';
import { packMessage, unpackFromGatehouse } from '../../src/ipc/codec.ts';
import type { Log } from '../../src/observability/log.ts';
import { bundled } from '../crew/bundled.ts';

export interface GatehouseProcess {
  readonly pid: number;
  /** Drops the message when the process is gone: its exit is heard anyway. */
  send(message: ToGatehouse): void;
  kill(): void;
}

export interface GatehouseEvents {
  onMessage(message: FromGatehouse): void;
  /** Once. */
  onExit(end: string): void;
}

export type ForkGatehouse = (events: GatehouseEvents) => GatehouseProcess;

/**
 * It waits for people most of its life: small spaces. `--optimize-for-size` saves nothing there (21 MB of its own, idle, with it and
 * without) and costs a fifth of the CPU when a hundred thousand keys are read (measured).
 */
const FLAGS = [
  '--disable-proto=throw',
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=1',
  '--single-threaded-gc',
];

/** Its entry, beside the primary's folder. */
const ENTRY = path.join(import.meta.dirname, `../../gatehouse/main${path.extname(import.meta.filename)}`);

/** @param own flags of this process that fit it, too. @param lines how it is to write its log, as the configuration says now */
export function createForkGatehouse(
  own: readonly string[],
  log: Log,
  lines: () => Pick<Config['log'], 'level' | 'format'>,
): ForkGatehouse {
  const kept = own.filter((flag) => !/^--(inspect|watch|test|eval|print)/.test(flag));
  return (events) => {
    const { level, format } = lines();
    const child = fork(bundled('gatehouse') ?? ENTRY, [], {
      execArgv: [...kept, ...FLAGS],
      // As for workers (entries.ts): what was read or sent in large pieces goes back to the system when it is freed.
      env: {
        // As cli.ts says it, which a sidecar's process is not.
        MSGPACKR_NATIVE_ACCELERATION_DISABLED: 'true',
        ...process.env,
        MALLOC_MMAP_THRESHOLD_: '131072',
        HEADGATE_LOG_LEVEL: level,
        HEADGATE_LOG_FORMAT: format,
      },
      serialization: 'advanced',
      // What a program beside us writes to stdout is its own (`headgate sidecar`).
      stdio: ['inherit', process.env['HEADGATE_ONE_PROCESS'] === '1' ? 2 : 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (bytes: unknown) => {
      try {
        events.onMessage(unpackFromGatehouse(bytes));
      } catch (err) {
        log.error({ err }, 'message from the gatehouse could not be handled');
      }
    });
    let over = false;
    const ended = (end: string): void => {
      if (over) return;
      over = true;
      events.onExit(end);
    };
    child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    child.on('error', (err) => {
      log.warn({ err }, 'channel to the gatehouse failed');
      if (child.pid === undefined) ended(`could not be started: ${err.message}`);
    });
    return {
      pid: child.pid ?? 0,
      send: (message) => {
        if (child.connected) child.send(packMessage(message), () => undefined);
      },
      kill: () => void child.kill('SIGKILL'),
    };
  };
}
