// The body of a leg, made where it is: at once, or while the call waits for a thread or for files.
import type { Call } from '../../contracts/call.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import type { CallPlugins } from '../../contracts/plugin-port.ts';
import { asGatewayError } from '../pipeline.ts';
import type { Source } from '../translate-body.ts';
import { whileOpen } from '../while-open.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { Leg } from './leg.ts';

/** Hears one of the two, unless the call ends first. */
export interface BodyOwner {
  made(leg: Leg): void;
  /** The request cannot be said in the target's dialect. */
  unfit(error: GatewayError, target: Target): void;
}

/** @param other made of the client's request and sent in its place. */
export function makeBody(
  deps: Pick<DispatchDeps, 'clocks' | 'media' | 'offload'>,
  call: Call,
  leg: Leg,
  other: Source | null,
  owner: BodyOwner,
): void {
  let made: ReturnType<Leg['makeBody']>;
  try {
    made = leg.makeBody(deps.offload, deps.media, other);
  } catch (cause) {
    owner.unfit(asGatewayError(cause), leg.target);
    return;
  }
  const looked = call.plugins?.upstream ?? null;
  if (looked !== null) waitForBody(deps, call, leg, lookedAt(leg, made, looked), owner);
  else if (made instanceof Promise) waitForBody(deps, call, leg, made, owner);
  else owner.made(leg);
}

/** Plugins see what is about to be sent. */
async function lookedAt(leg: Leg, made: unknown, look: NonNullable<CallPlugins['upstream']>): Promise<void> {
  await made;
  await look(leg);
}

// Apart, so that a body that is there at once costs no closure.
function waitForBody(
  { clocks }: Pick<DispatchDeps, 'clocks'>,
  call: Call,
  leg: Leg,
  work: Promise<unknown>,
  owner: BodyOwner,
): void {
  const from = clocks.now();
  const ready = (): void => {
    if (leg.fetched) call.waitedMs += clocks.now() - from;
    owner.made(leg);
  };
  whileOpen(call, work, ready, (cause) => owner.unfit(asGatewayError(cause), leg.target));
}
