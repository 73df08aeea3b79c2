// What the gateway itself took of a call's time, and the server-timing header that says so (telemetry.md section 4).
import type { AttemptRecord, Call } from '../contracts/call.ts';

/**
 * Milliseconds from the first byte of the request read until `endAt`, less the time the gateway only waited: for
 * upstream bytes, a slot, a back-off or the client's socket. Not a sum of stopwatches, so nothing is left out.
 */
export function overheadMs(call: Call, endAt: number): number {
  return Math.max(0, endAt - call.startedAt - call.waitedMs);
}

/**
 * When an attempt ended, in ms since the call's start. One whose answer the client has whole may still wait for its
 * socket's last bytes when the call settles: it counts until `now`.
 */
export function attemptEnd(call: Call, attempt: AttemptRecord, now: number): number {
  return attempt.endAt > 0 ? attempt.endAt : now - call.startedAt;
}

/** Milliseconds all attempts together waited for a place in a lane and a connection. */
export function queuedMs(call: Call, now: number): number {
  let sum = 0;
  for (const attempt of call.attempts) {
    // An attempt that was never sent waited until it ended.
    const until = attempt.sentAt > 0 ? attempt.sentAt : attemptEnd(call, attempt, now);
    if (until > attempt.queuedAt) sum += until - attempt.queuedAt;
  }
  return sum;
}

/** Milliseconds from sending to the end of each attempt, summed; an attempt still running counts until `now`. */
export function upstreamMs(call: Call, now: number): number {
  let sum = 0;
  for (const attempt of call.attempts) {
    if (attempt.sentAt <= 0) continue;
    sum += Math.max(0, attemptEnd(call, attempt, now) - attempt.sentAt);
  }
  return sum;
}

/** `01` to `99`, without a zero at the end. */
const HUNDREDTHS: readonly string[] = Array.from({ length: 100 }, (_, count) =>
  String(count).padStart(2, '0').replace(/0$/, ''),
);
const MAX_SHORT = 2 ** 30;

/** Two decimals: hundredths of a millisecond. Made of whole numbers, which print five times as fast as fractions. */
function short(ms: number): string {
  const hundredths = Math.round(ms * 100);
  if (hundredths < 0 || hundredths > MAX_SHORT) return String(hundredths / 100);
  const rest = hundredths % 100;
  const whole = (hundredths - rest) / 100;
  return rest === 0 ? `${whole}` : `${whole}.${HUNDREDTHS[rest]!}`;
}

/** Value of the `server-timing` header, as known at `now`: for a stream that is its head. */
export function serverTiming(call: Call, now: number): string {
  const own = short(overheadMs(call, now));
  return `gw;dur=${own}, queue;dur=${short(queuedMs(call, now))}, up;dur=${short(upstreamMs(call, now))}`;
}
