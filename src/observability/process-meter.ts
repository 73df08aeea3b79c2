// How a worker process fares: lag of its event loop, resident memory, dropped log lines.
import type { Clock } from '../contracts/ports.ts';
import type { Recorder } from './recorder.ts';

export interface ProcessMeterDeps {
  recorder: Recorder;
  clock: Clock;
  /** Label value: the worker's index, which a successor inherits. */
  worker: string;
  /** Running total of dropped log lines. */
  droppedLogLines(): number;
}

export interface ProcessMeter {
  /** Reads memory and dropped lines; call it before takeDelta. */
  read(): void;
  stop(): void;
}

/** Ten samples a second: a stall of 50 ms is seen half the time, one of 100 ms always, for next to no CPU. */
const SAMPLE_MS = 100;

/** Starts measuring; the timer does not keep the process alive. */
export function createProcessMeter(deps: ProcessMeterDeps): ProcessMeter {
  const { recorder, clock, worker } = deps;
  const lag = recorder.histogram('headgate_event_loop_lag_seconds', [worker]);
  const memory = recorder.gauge('headgate_resident_memory_bytes', [worker]);
  const dropped = recorder.counter('headgate_log_records_dropped_total', ['stdout']);
  let droppedBefore = 0;
  let before = clock.now();
  const timer = setInterval(() => {
    const now = clock.now();
    lag.observe(Math.max(0, now - before - SAMPLE_MS) / 1000);
    before = now;
  }, SAMPLE_MS);
  timer.unref();

  return {
    read() {
      try {
        memory.set(process.memoryUsage.rss());
      } catch {
        // Read from a file in /proc: with every descriptor taken it fails, which must not end the worker as well.
      }
      const total = deps.droppedLogLines();
      if (total > droppedBefore) dropped.add(total - droppedBefore);
      droppedBefore = total;
    },
    stop: () => clearInterval(timer),
  };
}
