// Ends workers whose event loop stands still, that never get ready, or that overstay their drain. Runs each second.
import type { Log } from '../../src/observability/log.ts';
import type { Life } from './life.ts';

export const TICK_MS = 1_000;
/** From fork to an open listener; module load under a loaded machine takes seconds. */
const START_MS = 30_000;
/** A beat comes each second; below this a busy machine would be taken for a stuck worker. */
const SHORTEST_SILENCE_MS = 2_500;

export interface Overdue {
  life: Life;
  why: string;
}

export interface Watchdog {
  /** Lives to be killed now. */
  check(lives: readonly Life[], now: number, watchdogMs: number): Overdue[];
}

export function createWatchdog(): Watchdog {
  let lastCheckAt = Number.NEGATIVE_INFINITY;
  return {
    check(lives, now, watchdogMs): Overdue[] {
      // We stood still ourselves (stopped, suspended, starved): beats that came meanwhile are not read yet.
      const slept = now - lastCheckAt > 2 * TICK_MS && lastCheckAt !== Number.NEGATIVE_INFINITY;
      lastCheckAt = now;
      if (slept) for (const life of lives) life.lastBeatAt = now;
      return lives.flatMap((life) => {
        const why = overdue(life, now, watchdogMs);
        return why === null ? [] : [{ life, why }];
      });
    },
  };
}

export function killOverdue(
  watchdog: Watchdog,
  lives: readonly Life[],
  now: number,
  watchdogMs: number,
  log: Log,
): void {
  for (const { life, why } of watchdog.check(lives, now, watchdogMs)) {
    log.error({ worker: life.index, workerPid: life.pid, why }, 'worker is killed');
    life.reason = why;
    life.kill();
  }
}

function overdue(life: Life, now: number, watchdogMs: number): string | null {
  if (life.state === 'loading' || life.state === 'configuring') {
    return now - life.startedAt > START_MS ? `not ready after ${START_MS} ms` : null;
  }
  if (now > life.goneBy) return 'still there after its drain deadline';
  const silentMs = Math.round(now - life.lastBeatAt);
  return silentMs > Math.max(watchdogMs, SHORTEST_SILENCE_MS) ? `no sign of life for ${silentMs} ms` : null;
}
