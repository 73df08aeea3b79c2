// Targets that cool down, as metrics and as log lines.
import type { LineGate } from './line-gate.ts';
import type { CounterHandle, Recorder } from './recorder.ts';

export interface CoolDownMeter {
  /** A model began to cool down; at most one log line a second. */
  began(provider: string, model: string, forMs: number, reason: string): void;
  passedBy(provider: string): void;
  /** Models that cool down now; call it for each provider before takeDelta. */
  read(provider: string, cooling: number): void;
}

/** Makes the meter of one worker. */
export function createCoolDownMeter(recorder: Recorder, lines: Pick<LineGate, 'say'>): CoolDownMeter {
  const passes = new Map<string, CounterHandle>();
  const known = new Set<string>();
  return {
    began(provider, model, forMs, reason) {
      recorder.counter('headgate_cooldowns_total', [provider, reason]).add(1);
      const fields = { provider, model: model.slice(0, 128), forMs: Math.round(forMs), reason };
      lines.say(reason === 'shared' ? 'info' : 'warn', fields, 'target cools down');
    },
    passedBy(provider) {
      let counter = passes.get(provider);
      if (counter === undefined) {
        counter = recorder.counter('headgate_cooldown_passes_total', [provider]);
        passes.set(provider, counter);
      }
      counter.add(1);
    },
    read(provider, cooling) {
      // A provider that never refused has no series.
      if (cooling === 0 && !known.has(provider)) return;
      known.add(provider);
      recorder.gauge('headgate_targets_cooling', [provider]).set(cooling);
    },
  };
}
