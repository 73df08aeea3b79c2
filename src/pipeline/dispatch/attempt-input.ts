// What an attempt is made of.
import type { BodySource } from '../../contracts/body-source.ts';
import type { Call } from '../../contracts/call.ts';
import type { TimeoutConfig } from '../../contracts/attempt-config.ts';
import type { RingKey } from '../../contracts/lane.ts';
import type { KeyChoice } from '../../contracts/pin.ts';
import type { Target } from '../../contracts/plan.ts';
import type { RequestBody } from '../../contracts/upstream.ts';
import { timeoutsFor } from '../overrides.ts';
import { upstreamPath } from '../upstream-path.ts';
import type { Leg } from './leg.ts';
import { stallMsOf } from './rescue-policy.ts';

export interface AttemptInput {
  call: Call;
  target: Target;
  method: string;
  body: RequestBody | BodySource | null;
  path: string;
  /** On a connection of its own: an idle one was found closed. */
  fresh: boolean;
  timeouts: TimeoutConfig;
  /** A stream that stands still for so long may be gone on with by others; 0 = by nobody. */
  stallMs: number;
  triedKeys: readonly RingKey[];
  choice: KeyChoice | null;
  /** The provider got another request than the caller wrote. */
  translated: boolean;
}

/** @param spare another target is left. */
export function attemptInput(call: Call, leg: Leg, fresh: boolean, spare: boolean): AttemptInput {
  const { target, body, triedKeys, choice, translated } = leg;
  return {
    call,
    target,
    method: call.operation!.raw === undefined ? 'POST' : call.head.method,
    body,
    path: upstreamPath(call, target, body),
    fresh,
    timeouts: timeoutsFor(call, target),
    stallMs: stallMsOf(call, spare),
    triedKeys,
    choice,
    translated,
  };
}
