// Every deadline towards Redis, from the one that is configured: how long a call waits for it. Farther away, all else
// takes longer in proportion; nearer than the default, connecting and the background do not get any tighter.
import { DEFAULT_REDIS } from '../config/schema/defaults.ts';

export interface RedisDeadlines {
  /** A call waits so long for the answer to its ask; a probe that takes longer is not believed. */
  askMs: number;
  /** Who only looks for what others have gives up sooner: with what a busy worker is late by, the call has not waited longer. */
  lookMs: number;
  /** The client gives up a command that nobody waits for: an answer that comes late is still to be undone. */
  lateMs: number;
  /** Of the background: returns of the dead, rests that are shared. */
  backgroundMs: number;
  /** A connection that is silent for so long while a command is out is cut. */
  silentMs: number;
  connectMs: number;
  /** Saying goodbye at the end. */
  leaveMs: number;
  /** Asks on their way at once: the farther Redis is, the more of them at the same rate. */
  maxInFlight: number;
}

const MAX_IN_FLIGHT = 1_000;
const MOST_IN_FLIGHT = 20_000;
/** A timer of a worker that works is late by as much. */
const MOST_LATE_MS = 10;

/** @param timeoutMs as configured; absent = the default */
export function redisDeadlines(timeoutMs: number = DEFAULT_REDIS.timeoutMs): RedisDeadlines {
  const times = Math.max(1, timeoutMs / DEFAULT_REDIS.timeoutMs);
  return {
    askMs: timeoutMs,
    lookMs: Math.floor(timeoutMs - Math.min(MOST_LATE_MS, timeoutMs / 5)),
    lateMs: Math.max(200, 4 * timeoutMs),
    backgroundMs: Math.max(500, 4 * timeoutMs),
    silentMs: Math.max(1_000, 4 * timeoutMs),
    // TCP, TLS and the greeting are some five round trips.
    connectMs: Math.max(500, 5 * timeoutMs),
    leaveMs: Math.max(200, 2 * timeoutMs),
    maxInFlight: Math.min(MOST_IN_FLIGHT, Math.ceil(MAX_IN_FLIGHT * times)),
  };
}
