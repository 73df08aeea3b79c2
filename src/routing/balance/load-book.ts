// Meters by `provider/model`. A new configuration goes on with what is known: calls under way are counted where they began.
import type { TargetLoad } from '../../contracts/balance.ts';
import { LoadMeter } from './load-meter.ts';

/** Labels that are remembered: only what aliases with a strategy name, over all configurations of a process. */
const MAX_LABELS = 4_096;

export interface LoadBook {
  load(label: string): TargetLoad;
}

export function createLoadBook(): LoadBook {
  const meters = new Map<string, LoadMeter>();
  return {
    load(label) {
      let meter = meters.get(label);
      if (meter === undefined) {
        if (meters.size >= MAX_LABELS) meters.delete(meters.keys().next().value!);
        meter = new LoadMeter();
        meters.set(label, meter);
      }
      return meter;
    },
  };
}
