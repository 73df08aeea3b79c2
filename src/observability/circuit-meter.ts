// Circuits that open and close, as metrics and as log lines.
import type { CircuitState, CircuitView } from '../contracts/circuit.ts';
import type { LineGate } from './line-gate.ts';
import type { Recorder } from './recorder.ts';

export interface CircuitMeter {
  /** The circuit of a model changed; at most one log line a second. `shared`: another worker or node found out. */
  changed(provider: string, model: string, state: CircuitState, shared: boolean): void;
  /** Those that are not closed now; call it for each provider before takeDelta. */
  read(provider: string, circuits: readonly CircuitView[]): void;
}

const WORDS = {
  open: 'circuit opened: the model is passed by',
  'half-open': 'circuit half-open: one call finds out',
  closed: 'circuit closed',
} as const satisfies Record<CircuitState, string>;

/** Makes the meter of one worker. */
export function createCircuitMeter(recorder: Recorder, lines: Pick<LineGate, 'say'>): CircuitMeter {
  const known = new Set<string>();
  return {
    changed(provider, model, state, shared) {
      recorder.counter('headgate_circuit_changes_total', [provider, state, shared ? 'shared' : 'own']).add(1);
      const level = state === 'open' && !shared ? 'warn' : 'info';
      lines.say(level, { provider, model: model.slice(0, 128), state, shared }, WORDS[state]);
    },
    read(provider, circuits) {
      // A provider that never failed has no series.
      if (circuits.length === 0 && !known.has(provider)) return;
      known.add(provider);
      recorder.gauge('headgate_circuits_open', [provider]).set(circuits.length);
    },
  };
}
