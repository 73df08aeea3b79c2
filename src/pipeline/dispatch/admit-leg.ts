// A leg's way past the limits of its provider. Each attempt is a request to the provider, and counts in them.
import type { Admission, TargetHold } from '../../contracts/admission.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { whileOpen } from '../while-open.ts';
import type { Leg } from './leg.ts';

/** Hears one of the three, unless the call ends first. */
export interface LegOwner {
  /** It may be sent, and holds what it needs. @param fresh on a connection of its own. */
  admitted(leg: Leg, fresh: boolean): void;
  /** A limit of its provider refuses it. */
  refused(leg: Leg, error: GatewayError): void;
  /** The limits could not be asked. */
  unknown(leg: Leg, cause: unknown): void;
}

export function admitLeg(
  admission: Pick<Admission, 'admitTarget'>,
  call: Call,
  leg: Leg,
  fresh: boolean,
  owner: LegOwner,
): void {
  if (call.limits === null) {
    owner.admitted(leg, fresh);
    return;
  }
  const admitted = admission.admitTarget(call, leg.target);
  if (!(admitted instanceof Promise)) decided(leg, admitted, fresh, owner);
  else {
    const no = (cause: unknown): void => owner.unknown(leg, cause);
    whileOpen(call, admitted, (later) => decided(leg, later, fresh, owner), no);
  }
}

function decided(
  leg: Leg,
  admitted: TargetHold | GatewayError | null,
  fresh: boolean,
  owner: LegOwner,
): void {
  if (admitted instanceof GatewayError) owner.refused(leg, admitted);
  else {
    leg.hold = admitted;
    owner.admitted(leg, fresh);
  }
}
