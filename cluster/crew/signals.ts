// What each signal to the primary means. Workers ignore them all and wait for the primary's word, since a terminal or
// a service manager may well send the signal to the whole process group.

export interface SignalActions {
  /** First SIGTERM or SIGINT. */
  stop(signal: 'SIGTERM' | 'SIGINT'): void;
  /** Any further one. */
  stopNow(signal: 'SIGTERM' | 'SIGINT'): void;
  reload(): void;
  roll(): void;
}

/** Exit code of a process ended by a signal, as a shell shows it. */
export const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

export function handleSignals(actions: SignalActions, target: NodeJS.EventEmitter = process): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    target.on(signal, () => {
      if (stopping) actions.stopNow(signal);
      else {
        stopping = true;
        actions.stop(signal);
      }
    });
  }
  // Listening keeps node from opening its debugger on a process that holds keys.
  target.on('SIGUSR1', () => undefined);
  target.on('SIGHUP', () => actions.reload());
  target.on('SIGUSR2', () => actions.roll());
}
