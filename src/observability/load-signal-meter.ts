// Model servers asked for their load, as metrics and as log lines.
import type { ServerLoad } from '../contracts/load-signal.ts';
import type { LogPort } from '../contracts/ports.ts';
import type { Recorder } from './recorder.ts';

export interface LoadSignalMeter {
  heard(provider: string, load: ServerLoad): void;
  /** @param first of several in a row: the others are no news. */
  failed(provider: string, reason: string, first: boolean): void;
  /** What is known is too old. Said once. */
  stale(provider: string): void;
}

/** Makes the meter of one worker. */
export function createLoadSignalMeter(
  recorder: Pick<Recorder, 'counter' | 'gauge'>,
  log: Pick<LogPort, 'warn'>,
): LoadSignalMeter {
  const count = (provider: string, outcome: string): void =>
    recorder.counter('headgate_load_asks_total', [provider, outcome]).add(1);
  return {
    heard(provider, { waiting, running }) {
      count(provider, 'ok');
      recorder.gauge('headgate_load_waiting', [provider]).set(waiting);
      recorder.gauge('headgate_load_running', [provider]).set(running);
    },
    failed(provider, reason, first) {
      count(provider, 'failed');
      if (first) log.warn({ provider, reason }, 'a model server did not tell its load');
    },
    stale: (provider) => count(provider, 'stale'),
  };
}
