// How a worker keeps up, a few times a second: how late its own timer is, and its memory.
import type { Clock } from '../contracts/ports.ts';
import { residentBytes } from '../observability/measured.ts';
import type { Recorder } from '../observability/recorder.ts';
import type { Overload } from '../pipeline/overload.ts';

const EVERY_MS = 250;
/** A limit beyond this is none: what the kernel says without one. */
const NO_LIMIT_BYTES = 2 ** 50;

/** Memory of the container, bytes; null = it has no limit. */
export function containerBytes(): number | null {
  const bytes = process.constrainedMemory();
  return bytes > 0 && bytes < NO_LIMIT_BYTES ? bytes : null;
}

/** @param worker its label. */
export function watchLoad(
  clock: Clock,
  overload: Overload,
  recorder: Recorder,
  worker: string,
): { stop(): void } {
  const gauge = recorder.gauge('headgate_overload_level', [worker]);
  gauge.set(0);
  let shown = 0;
  let last = clock.now();
  const timer = setInterval(() => {
    const now = clock.now();
    const lateMs = now - last - EVERY_MS;
    last = now;
    const level = overload.sample({ lateMs, residentBytes: residentBytes() });
    if (level !== shown) gauge.set(level);
    shown = level;
  }, EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
