// Token counts: what no vendor answers the gateway answers.
import type { Call, Cancellable } from '../../contracts/call.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import { lacksRoute } from '../lacks.ts';
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

/** A target turned out not to count: it is remembered where it never will. @param error that it said so with; null = it answered. */
export function lacking(
  deps: Pick<DispatchDeps, 'counter' | 'refuse'>,
  call: Call,
  target: Target,
  error: GatewayError | null,
  owner: Cancellable,
): void {
  if (error === null || lacksRoute(error, target.model)) deps.counter.lacking(target);
  estimateInstead(deps, call, target, owner);
}
