// Providers asked for their lists of models, as metrics and as log lines.
import type { LogPort } from '../contracts/ports.ts';
import type { Recorder } from './recorder.ts';

export interface ModelListMeter {
  /** @param fault why it gave none; null when it did. @param first of several faults in a row: the others are no news. */
  asked(provider: string, fault: string | null, first: boolean): void;
}

/** Makes the meter of one worker. */
export function createModelListMeter(
  recorder: Pick<Recorder, 'counter'>,
  log: Pick<LogPort, 'warn'>,
): ModelListMeter {
  return {
    asked(provider, fault, first) {
      recorder.counter('headgate_model_list_asks_total', [provider, fault === null ? 'ok' : 'failed']).add(1);
      if (fault !== null && first) log.warn({ provider, reason: fault }, 'a provider gave no list of models');
    },
  };
}
