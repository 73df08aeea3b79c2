// Which clock of an attempt has run out (faults.md 2.1): pure, asked by the sweep that watches all attempts.
//
//   clock          runs in                 from
//   total          every phase             the call's first byte
//   connect        connecting              the slot
//   headers        head                    the request was sent
//   first token    stream, no token yet    the request was sent
//   between tokens body, stream            the last byte; three times as long from the last token, or the first byte of a body
import type { TimeoutConfig } from '../../contracts/attempt-config.ts';
import type { ErrorCode } from '../../contracts/error-codes.ts';

/**
 * A stream of nothing but pings and comments lives so many times as long as a silent one; and a whole answer that comes byte by byte,
 * though many a provider sends blanks before it for as long as its model thinks.
 */
const PINGS_ONLY = 3;

/** Monotonic ms. */
export interface AttemptTimes {
  /** First byte of the call. */
  startedAt: number;
  /** Start of the running phase or last upstream byte. */
  since: number;
  sentAt: number;
  /** When the last content event was noticed, or the first of a whole answer that is no blank; 0 before. */
  tokenAt: number;
}

/** 0 = the clock is off. */
function late(limitMs: number, since: number, now: number): boolean {
  return limitMs > 0 && now - since >= limitMs;
}

/** Of an attempt that no stream has begun for. */
export function overdue(
  phase: 'queued' | 'connecting' | 'head' | 'body',
  clocks: TimeoutConfig,
  { startedAt, since, tokenAt }: AttemptTimes,
  now: number,
): ErrorCode | null {
  const { betweenTokensMs } = clocks;
  if (late(clocks.totalMs, startedAt, now)) return 'GW_UPSTREAM_TIMEOUT_TOTAL';
  if (phase === 'connecting' && late(clocks.connectMs, since, now)) return 'GW_UPSTREAM_TIMEOUT_CONNECT';
  if (phase === 'head' && late(clocks.headersMs, since, now)) return 'GW_UPSTREAM_TIMEOUT_HEADERS';
  if (phase !== 'body') return null;
  const begun = tokenAt > 0 && late(betweenTokensMs * PINGS_ONLY, tokenAt, now);
  if (begun || late(betweenTokensMs, since, now)) return 'GW_UPSTREAM_TIMEOUT_IDLE';
  return null;
}

/** Of a stream. @param waits somebody waits for the upstream: it is not paused, and its answer is not complete. */
export function streamOverdue(
  clocks: TimeoutConfig,
  { startedAt, since, sentAt, tokenAt }: AttemptTimes,
  now: number,
  waits: boolean,
  tokens: number,
): ErrorCode | null {
  if (late(clocks.totalMs, startedAt, now)) return 'GW_UPSTREAM_TIMEOUT_TOTAL';
  if (!waits) return null;
  if (tokens === 0 && late(clocks.firstTokenMs, sentAt, now)) return 'GW_UPSTREAM_TIMEOUT_FIRST_TOKEN';
  const { betweenTokensMs } = clocks;
  const idle =
    late(betweenTokensMs, since, now) || (tokens > 0 && late(betweenTokensMs * PINGS_ONLY, tokenAt, now));
  return idle ? 'GW_UPSTREAM_TIMEOUT_IDLE' : null;
}

/** A stream that has begun says nothing, or only pings, for longer than `stallMs`; 0 = never. */
export function isStalled(
  stallMs: number,
  { since, tokenAt }: AttemptTimes,
  now: number,
  waits: boolean,
  tokens: number,
): boolean {
  if (!waits || tokens === 0) return false;
  return late(stallMs, since, now) || late(stallMs * PINGS_ONLY, tokenAt, now);
}
