// What the limiter decides, as metrics: handles are looked up once per rule.
import type { LimitMeter } from '../limiter/meter.ts';
import type { Recorder } from './recorder.ts';

/** Makes the meter of one worker's limits. */
export function createLimitMeter(recorder: Recorder): LimitMeter {
  return {
    rule(name, lease, ofKey) {
      // A thousand keys with limits must not push out what is configured.
      const series = ofKey ? recorder.modest : recorder;
      const admitted = series.counter('headgate_limit_decisions_total', [name, 'admitted']);
      const refused = series.counter('headgate_limit_decisions_total', [name, 'refused']);
      const unknown = series.counter('headgate_limit_decisions_total', [name, 'unknown']);
      const refills = series.counter('headgate_limit_refills_total', [name]);
      series.gauge('headgate_limit_lease_size', [name]).set(lease);
      return {
        admitted: () => admitted.add(1),
        refused: () => refused.add(1),
        unknown: () => unknown.add(1),
        refilled: () => refills.add(1),
      };
    },
  };
}
