// Ends workers whose event loop stands still, that never get ready, or that overstay their drain. Runs each second.
import { readFileSync } from 'node:fs';
import type { Log } from '../../src/observability/log.ts';
import type { Life } from './life.ts';

export const TICK_MS = 1_000;
/**
 * From fork to an open listener, without what it waited for a core: a machine with ten times as much to do takes ten times as long to load
 * modules, and would never get a worker up if each was killed on the way.
 */
const START_MS = 30_000;
/** And with that. */
const LATEST_START_MS = 300_000;
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

/** @param waitedMs how long a process was ready to run and did not get a core, ms; 0 = not known */
export function createWatchdog(waitedMs: (pid: number) => number = waitedMsOf): Watchdog {
  let lastCheckAt = Number.NEGATIVE_INFINITY;
  return {
    check(lives, now, watchdogMs): Overdue[] {
      // We stood still ourselves (stopped, suspended, starved): beats that came meanwhile are not read yet.
      const slept = now - lastCheckAt > 2 * TICK_MS && lastCheckAt !== Number.NEGATIVE_INFINITY;
      lastCheckAt = now;
      if (slept) for (const life of lives) life.lastBeatAt = now;
      return lives.flatMap((life) => {
        const why = overdue(life, now, watchdogMs, waitedMs);
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

function overdue(
  life: Life,
  now: number,
  watchdogMs: number,
  waitedMs: (pid: number) => number,
): string | null {
  if (life.state === 'loading' || life.state === 'configuring') {
    const startMs = now - life.startedAt;
    if (startMs <= START_MS) return null;
    const waited = Math.round(waitedMs(life.pid));
    if (startMs <= LATEST_START_MS && startMs - waited <= START_MS) return null;
    return `not ready after ${Math.round(startMs)} ms${waited < 1_000 ? '' : `, of which it waited ${waited} for a core`}`;
  }
  if (now > life.goneBy) return 'still there after its drain deadline';
  const silentMs = Math.round(now - life.lastBeatAt);
  return silentMs > Math.max(watchdogMs, SHORTEST_SILENCE_MS) ? `no sign of life for ${silentMs} ms` : null;
}

/** Linux counts it for each process, from its start. */
function waitedMsOf(pid: number): number {
  try {
    const waitedNs = Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]);
    return Number.isFinite(waitedNs) ? waitedNs / 1e6 : 0;
  } catch {
    return 0;
  }
}
