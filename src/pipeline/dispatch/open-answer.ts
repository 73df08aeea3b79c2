// What a leg's answer is for: it is the client's, or goes on with a stream that broke off.
import type { Call } from '../../contracts/call.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import type { StreamRelay } from '../answer/stream-relay.ts';
import type { Attempt } from './attempt.ts';
import type { Delivery } from './delivery.ts';
import type { Leg } from './leg.ts';
import type { Rescue } from './rescue.ts';
import { rescuePolicy } from './rescue-policy.ts';

/** A stream begins. @param spare another target is left. @param gated nothing of it goes out before its first content. */
export function openAnswer(
  call: Call,
  delivery: Delivery,
  leg: Leg,
  attempt: Attempt,
  headers: UpstreamHeaders,
  rescue: Rescue | null,
  spare: boolean,
  gated: boolean,
): StreamRelay {
  if (rescue !== null) return delivery.goOn(leg, attempt, rescue);
  if (rescuePolicy(call, spare) === 'resume') delivery.keep(call.snapshot.config.rescue.maxBytes);
  return delivery.begin(leg, attempt, headers, gated);
}

/** A whole answer came. @throws GatewayError (or rejects with it) when it is none; nothing was written then. */
export function giveAnswer(
  delivery: Delivery,
  leg: Leg,
  attempt: Attempt,
  headers: UpstreamHeaders,
  body: Buffer,
  rescue: Rescue | null,
): ReturnType<Delivery['answer']> {
  if (rescue === null) return delivery.answer(leg, attempt.status, headers, body);
  return delivery.goOnWhole(leg, rescue, body);
}
