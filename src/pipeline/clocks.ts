// One coarse sweep for all deadlines of a worker instead of several timers per call: a call only stores numbers.
import type { Clock } from '../contracts/ports.ts';
import { SlotList, type Slotted } from './slot-list.ts';

/** Something with a deadline. */
export interface Timed extends Slotted {
  /** Called about every SWEEP_MS while it is watched. */
  tick(now: number): void;
}

/** Deadlines fire at most this much late. */
export const SWEEP_MS = 50;

export interface Clocks extends Clock {
  watch(timed: Timed): void;
  unwatch(timed: Timed): void;
  /** Stops the sweep. */
  close(): void;
}

export function createClocks(clock: Clock): Clocks {
  const watched = new SlotList<Timed>();
  let timer: NodeJS.Timeout | null = null;
  let sweptAt = 0;
  const sweep = (): void => {
    const now = clock.now();
    sweptAt = now;
    watched.forEach((timed) => {
      timed.tick(now);
    });
    if (watched.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
  /** Where this process stood still, behind the reads of this turn (src/ipc/behind-reads.ts): what came meanwhile was in time. */
  const due = (): void => {
    if (clock.now() - sweptAt > 2 * SWEEP_MS) setImmediate(sweep);
    else sweep();
  };
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    watch(timed) {
      watched.add(timed);
      if (timer !== null) return;
      sweptAt = clock.now();
      timer = setInterval(due, SWEEP_MS).unref();
    },
    unwatch(timed) {
      watched.delete(timed);
    },
    close() {
      for (const timed of watched.toArray()) watched.delete(timed);
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}
