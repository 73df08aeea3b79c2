// What the limiter decides, as metrics: handles are looked up once per rule.
import type { LimitMeter } from '../limiter/meter.ts';
import type { Recorder } from './recorder.ts';

/** Makes the meter of one worker's limits. */
export function createLimitMeter(recorder: Recorder): LimitMeter {
  return {
    rule(name, lease) {
      const admitted = recorder.counter('headgate_limit_decisions_total', [name, 'admitted']);
      const refused = recorder.counter('headgate_limit_decisions_total', [name, 'refused']);
      const unknown = recorder.counter('headgate_limit_decisions_total', [name, 'unknown']);
      const refills = recorder.counter('headgate_limit_refills_total', [name]);
      recorder.gauge('headgate_limit_lease_size', [name]).set(lease);
      return {
        admitted: () => admitted.add(1),
        refused: () => refused.add(1),
        unknown: () => unknown.add(1),
        refilled: () => refills.add(1),
      };
    },
  };
}
