// Meters by `provider/model`. A new configuration goes on with what is known: calls under way are counted where they began.
import type { TargetLoad } from '../../contracts/balance.ts';
import { LoadMeter } from './load-meter.ts';
import type { LoadSignal } from './load-signal.ts';

/** Labels that are remembered: only what aliases with a strategy name, over all configurations of a process. */
const MAX_LABELS = 4_096;

export interface LoadBook {
  /** @param signal what its server says of itself; null = nothing. */
  load(label: string, signal?: LoadSignal | null): TargetLoad;
}

export function createLoadBook(): LoadBook {
  const meters = new Map<string, LoadMeter>();
  return {
    load(label, signal = null) {
      let meter = meters.get(label);
      if (meter === undefined) {
        if (meters.size >= MAX_LABELS) forget(meters);
        meter = new LoadMeter();
        meters.set(label, meter);
      }
      meter.follow(signal);
      return meter;
    },
  };
}

function forget(meters: Map<string, LoadMeter>): void {
  const [label, meter] = meters.entries().next().value!;
  meter.follow(null);
  meters.delete(label);
}
