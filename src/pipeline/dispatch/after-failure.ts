// What becomes of a call whose attempt has failed: the situation, as the rules of src/routing/retry.ts are asked.
import { isSource } from '../../contracts/body-source.ts';
import type { Call } from '../../contracts/call.ts';
import type { ErrorCode } from '../../contracts/error-codes.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { RingKey } from '../../contracts/lane.ts';
import type { Target } from '../../contracts/plan.ts';
import { type Decision, decideRetry } from '../../routing/retry.ts';
import { leftMs } from '../overrides.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { Leg } from './leg.ts';
import type { Onward } from './onward.ts';

type FailureDeps = Pick<DispatchDeps, 'clocks' | 'random' | 'refusals' | 'eased'>;

/**
 * @param key that failed; null = the attempt had none.
 * @param freshUsed a repeat on a connection of its own was made.
 */
export function decideAfter(
  deps: FailureDeps,
  call: Call,
  leg: Leg,
  key: RingKey | null,
  onward: Onward,
  error: GatewayError,
  freshUsed: boolean,
): Decision {
  const { target } = leg;
  const left = onward.leftAfter(error, target);
  // What was handed on while it came is gone.
  const spent = (isSource(leg.body) && leg.body.begun) || mayHaveBegun(call, error, freshUsed);
  return decideRetry(
    {
      advice: spent ? 'no' : onward.adviceOf(error, left),
      retryAfterMs: error.retryAfterMs,
      onTarget: leg.attempts,
      overall: call.attempts.length,
      freshUsed,
      otherKey: key !== null && target.lane.keys.hasOther(target.model, withKey(leg.triedKeys, key)),
      waitHelps: error.code === 'GW_UPSTREAM_RATE_LIMIT',
      targetsLeft: left,
      leftMs: leftMs(call, target, deps.clocks.now()),
      mayRepeat: () => mayRepeat(deps, target),
    },
    target.retries,
    deps.random(),
  );
}

/** Whether what was asked for may be under way, though nothing was heard of it. */
function mayHaveBegun({ operation, head }: Call, { code, retry }: GatewayError, freshUsed: boolean): boolean {
  // Looking at what there is, and deleting it, begins nothing.
  if (operation!.begins !== true || head.method !== 'POST' || !UNHEARD.has(code)) return false;
  // An idle connection that was found closed brought nothing there.
  return retry !== 'fresh' || freshUsed;
}

/** It was asked, and nobody knows what it answered. */
const UNHEARD: ReadonlySet<ErrorCode> = new Set([
  'GW_UPSTREAM_RESET',
  'GW_UPSTREAM_TRUNCATED',
  'GW_UPSTREAM_BAD_OUTPUT',
  'GW_UPSTREAM_TOO_LARGE',
  'GW_UPSTREAM_TIMEOUT_HEADERS',
  'GW_UPSTREAM_TIMEOUT_IDLE',
  'GW_UPSTREAM_TIMEOUT_TOTAL',
]);

export function withKey(tried: readonly RingKey[], key: RingKey | null): readonly RingKey[] {
  return key === null ? tried : [...tried, key];
}

function mayRepeat({ clocks, refusals, eased }: FailureDeps, target: Target): boolean {
  if (!eased() && target.cell.mayRepeat(clocks.now())) return true;
  refusals.withheld(target);
  return false;
}
