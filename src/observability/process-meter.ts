// How a worker process fares: lag of its event loop, resident memory, descriptors, connections, dropped log lines.
import type { Clock } from '../contracts/ports.ts';
import { residentBytes } from './measured.ts';
import type { Recorder } from './recorder.ts';

export interface ProcessMeterDeps {
  recorder: Recorder;
  clock: Clock;
  /** Label value: the worker's index, which a successor inherits. */
  worker: string;
  /** Running total of dropped log lines. */
  droppedLogLines(): number;
  /** Client connections open now. */
  connections(): number;
  descriptors: {
    /** Most the process may have; null = unknown. */
    limit: number | null;
    /** Open now; null = unknown. */
    count(): number | null;
    /** Of those, the ones that are only kept free. */
    held(): number;
    /** Nearly all are open. */
    near(open: number): void;
  };
}

export interface ProcessMeter {
  /** Reads what is read now and then; call it before takeDelta. */
  read(): void;
  stop(): void;
}

/** Ten samples a second: a stall of 50 ms is seen half the time, one of 100 ms always, for next to no CPU. */
const SAMPLE_MS = 100;
/** Shares of the limit of descriptors: the first says that it is near, below the second it is not any more. */
const NEAR = 0.8;
const CLEAR = 0.7;

/** Starts measuring; the timer does not keep the process alive. */
export function createProcessMeter(deps: ProcessMeterDeps): ProcessMeter {
  const { recorder, clock, worker, descriptors } = deps;
  const lag = recorder.histogram('headgate_event_loop_lag_seconds', [worker]);
  const memory = recorder.gauge('headgate_resident_memory_bytes', [worker]);
  const connections = recorder.gauge('headgate_client_connections', [worker]);
  const open = recorder.gauge('headgate_open_fds', [worker]);
  const most = recorder.gauge('headgate_max_fds', [worker]);
  let near = false;
  const dropped = recorder.counter('headgate_log_records_dropped_total', ['stdout']);
  let droppedBefore = 0;
  let before = clock.now();
  const timer = setInterval(() => {
    const now = clock.now();
    lag.observe(Math.max(0, now - before - SAMPLE_MS) / 1000);
    before = now;
  }, SAMPLE_MS);
  timer.unref();

  function readDescriptors(): void {
    const { limit, count, held } = descriptors;
    const all = count();
    if (all === null) return;
    const used = all - held();
    open.set(used);
    if (limit === null) return;
    most.set(limit);
    // Counted with those that are kept free: they are as little to be had as the others.
    if (near) near = all >= limit * CLEAR;
    else if (all >= limit * NEAR) {
      near = true;
      descriptors.near(used);
    }
  }

  return {
    read() {
      const resident = residentBytes();
      if (resident !== null) memory.set(resident);
      connections.set(deps.connections());
      readDescriptors();
      const total = deps.droppedLogLines();
      if (total > droppedBefore) dropped.add(total - droppedBefore);
      droppedBefore = total;
    },
    stop: () => clearInterval(timer),
  };
}
