// How the shared owner of the counters (Redis) fares, as metrics.
import type { LimitAuthorityObserver } from '../contracts/limits.ts';
import type { Clock } from '../contracts/ports.ts';
import type { GaugeHandle, Recorder } from './recorder.ts';

export interface AuthorityMeter extends LimitAuthorityObserver {
  /** Counts the time that has passed without it; call it before takeDelta. */
  read(): void;
  /** What went wrong last, while it cannot be asked. */
  readonly fault: string | null;
}

/** Makes the meter of one worker. Its series appear with the first thing it hears: embedded gateways have none. */
export function createAuthorityMeter(recorder: Recorder, clock: Clock): AuthorityMeter {
  let downSince = 0;
  let up: GaugeHandle | null = null;
  let fault: string | null = null;
  const passed = (): void => {
    if (downSince === 0) return;
    const now = clock.now();
    recorder.counter('headgate_limit_degraded_seconds_total', []).add((now - downSince) / 1000);
    downSince = now;
  };
  return {
    answered: (ms) => recorder.histogram('headgate_redis_duration_seconds', []).observe(ms / 1000),
    byPolicy: (granted) =>
      recorder.counter('headgate_limit_policy_decisions_total', [granted ? 'admitted' : 'refused']).add(1),
    failed(what) {
      fault = what;
    },
    get fault() {
      return fault;
    },
    health(healthy) {
      passed();
      if (healthy) fault = null;
      downSince = healthy ? 0 : clock.now();
      up ??= recorder.gauge('headgate_dependency_up', ['redis']);
      up.set(healthy ? 1 : 0);
    },
    read: passed,
  };
}
