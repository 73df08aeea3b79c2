// What kind of failure an error is, and which targets of a plan are for it.
import type { FallbackKind } from '../contracts/alias-config.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { Plan, Target } from '../contracts/plan.ts';

/** `error`: any other. */
export function fallbackKind({ code, kind }: GatewayError): FallbackKind {
  if (code === 'GW_UPSTREAM_CONTEXT') return 'context_window';
  if (code === 'GW_UPSTREAM_CONTENT_POLICY') return 'content_policy';
  if (kind === 'rate_limit' || code === 'GW_LANE_NO_KEY') return 'rate_limit';
  return kind === 'upstream_timeout' || code === 'GW_LANE_QUEUE_TIMEOUT' ? 'timeout' : 'error';
}

/**
 * Whether a target may be asked after a failure of that kind, null = before any. Without a word of its own it is for all but
 * what the provider refuses for its content: that refusal is the answer.
 */
export function isFor(plan: Plan, target: Target, kind: FallbackKind | null): boolean {
  const on = plan.kinds?.get(target);
  if (on === undefined) return kind !== 'content_policy';
  if (kind === null) return false;
  const usual = kind !== 'context_window' && kind !== 'content_policy';
  return on.has(kind) || (usual && on.has('error'));
}

/** Whether a prompt that is too long for one model may fit another: not where both are known and it is no larger. */
export function mayBeLarger(target: Target, than: Target): boolean {
  const mine = target.encode.capabilities.contextTokens;
  const theirs = than.encode.capabilities.contextTokens;
  return mine === null || theirs === null || mine > theirs;
}
