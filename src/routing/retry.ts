// What to do after a failed attempt. Pure: the error carries its advice, this adds the counts and the delays.
// Formulas: faults.md 2.2 (back-off) and section 4 (which fault allows what).
import type { RetryConfig } from '../contracts/attempt-config.ts';
import type { RetryAdvice } from '../contracts/error-decision.ts';

/** A Retry-After longer than this is not waited for: another target, or the caller, is better served now. */
const LONGEST_WAIT_MS = 10_000;

export type Decision =
  | { kind: 'again'; delayMs: number; freshKey: boolean }
  | { kind: 'next' }
  | { kind: 'stop' };

export interface RetrySituation {
  advice: RetryAdvice;
  /** Stated by the upstream, else null. */
  retryAfterMs: number | null;
  /** Attempts made on this target, this one included. */
  onTarget: number;
  /** Attempts made over all targets. */
  overall: number;
  /** A `fresh` repeat was already made for this call. */
  freshUsed: boolean;
  /** Another key of this target could take the call now. */
  otherKey: boolean;
  /** For a refused key without a sibling: coming back later may help (a rate limit), or not (a wrong key). */
  waitHelps: boolean;
  /** Targets of the plan not tried yet: each keeps one attempt of the call's budget in reserve. */
  targetsLeft: number;
  /** ms left of the call's total clock. */
  leftMs: number;
  /** Whether the model's budget has a repeat left; asked last, since it counts. */
  mayRepeat(): boolean;
}

const NEXT: Decision = { kind: 'next' };
const STOP: Decision = { kind: 'stop' };

/** @param random in [0, 1). */
export function decideRetry(situation: RetrySituation, retries: RetryConfig, random: number): Decision {
  const { advice, onTarget, overall } = situation;
  // A fallback is not a repeat: the plan's targets are each asked once, however many there are.
  const onward = situation.targetsLeft > 0 ? NEXT : STOP;
  if (advice === 'no') return STOP;
  if (advice === 'next') return onward;
  if (overall + situation.targetsLeft >= retries.maxAttempts) return onward;
  if (advice === 'fresh' && !situation.freshUsed) return { kind: 'again', delayMs: 0, freshKey: false };
  if (onTarget > retries.max) return onward;
  if (advice === 'key') {
    if (situation.otherKey)
      return situation.mayRepeat() ? { kind: 'again', delayMs: 0, freshKey: true } : onward;
    if (!situation.waitHelps) return onward;
    // A limit of unknown length: a fallback serves the caller sooner than a guess.
    if (situation.retryAfterMs === null && situation.targetsLeft > 0) return NEXT;
  }
  const delayMs = backoffMs(onTarget, situation.retryAfterMs, retries, random);
  if (delayMs > LONGEST_WAIT_MS || delayMs >= situation.leftMs) return onward;
  return situation.mayRepeat() ? { kind: 'again', delayMs, freshKey: false } : onward;
}

/** `rand(0.5, 1) * min(max, first * 2^k)`; never before a stated Retry-After, plus 0 to 10 %. */
export function backoffMs(
  onTarget: number,
  retryAfterMs: number | null,
  retries: RetryConfig,
  random: number,
): number {
  if (retryAfterMs !== null) return retryAfterMs * (1 + random * 0.1);
  const ceiling = Math.min(retries.maxBackoffMs, retries.backoffMs * 2 ** (onTarget - 1));
  return ceiling * (0.5 + random * 0.5);
}
