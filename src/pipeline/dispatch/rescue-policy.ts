// What becomes of a call's stream that breaks: its model's own word, then the configuration's, else what its plan allows.
import type { Call } from '../../contracts/call.ts';
import type { RescuePolicy } from '../../contracts/alias-config.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Onward } from './onward.ts';

/** @param spare another target is left. */
export function rescuePolicy({ operation, plan, snapshot }: Call, spare: boolean): RescuePolicy {
  // Nobody else's streams are put together from two.
  if (operation!.name !== 'chat') return 'off';
  return plan!.rescue ?? snapshot.config.rescue.policy ?? (spare ? 'resume' : 'off');
}

/** ms for which the stream of an attempt that begins may stand still; 0 = its own clocks alone count. */
export function stallMsOf(call: Call, spare: boolean): number {
  if (!call.stream || rescuePolicy(call, spare) === 'off') return 0;
  return call.snapshot.config.rescue.stallMs;
}

/** Whether the model itself, where no other is left, goes on with its stream. @param breaks of it so far. */
function resumesAtItself(call: Call, { retries }: Target, breaks: number): boolean {
  return rescuePolicy(call, false) === 'resume' && breaks < retries.max;
}

/** Whether somebody may go on with a stream of `target` that breaks off with `error`. @param breaks of it so far. */
export function mayResume(
  call: Call,
  target: Target,
  error: GatewayError,
  onward: Pick<Onward, 'leftAfter'>,
  breaks: number,
): boolean {
  if (error.retry === 'no') return false;
  return onward.leftAfter(error, target) > 0 || resumesAtItself(call, target, breaks);
}
