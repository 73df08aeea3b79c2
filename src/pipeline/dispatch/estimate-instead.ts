// Token counts: what no vendor answers the gateway answers.
import type { Call, Cancellable } from '../../contracts/call.ts';
import type { Target } from '../../contracts/plan.ts';
import { asGatewayError } from '../pipeline.ts';
import type { DispatchDeps } from './dispatch-deps.ts';

/** @param owner of the call until now. */
export function estimateInstead(
  { counter, refuse }: Pick<DispatchDeps, 'counter' | 'refuse'>,
  call: Call,
  target: Target,
  owner: Cancellable,
): void {
  call.finish(owner);
  counter.estimate(call, target).catch((cause: unknown) => {
    if (!call.settled) refuse(call, asGatewayError(cause), target);
  });
}
