// A call's body in the dialect of a target: at once, or in a thread when it is large.
import type { Asked, BodyFacts, EncodedRequest, EncodeTarget } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { Target } from '../contracts/plan.ts';
import type { Offload } from '../contracts/ports.ts';
import { translateBody } from '../dialects/translate.ts';

/** A request in its client's dialect: the call's own, or one made of it. */
export interface Source {
  readonly body: Buffer;
  readonly facts: BodyFacts;
}

/** Large enough for a thread, where there are threads. */
export function isLarge(call: Call, { body }: Source, offload: Offload | null): offload is Offload {
  return offload !== null && body.length >= call.snapshot.config.server.offloadBytes;
}

/** @throws GatewayError when the request cannot be said in the target's dialect. */
export function translateHere(
  call: Call,
  { body, facts }: Source,
  client: Dialect,
  target: Target,
  encode: EncodeTarget,
): EncodedRequest {
  return translateBody(
    body,
    facts.exoticNumbers,
    client,
    target.dialect,
    withStream(call, encode),
    askedOf(call, target),
  );
}

/** As `translateHere`; `signal` gives it up. */
export async function translateInThread(
  offload: Offload,
  call: Call,
  { body, facts }: Source,
  client: Dialect,
  target: Target,
  encode: EncodeTarget,
  signal: AbortSignal,
): Promise<EncodedRequest> {
  const { exoticNumbers } = facts;
  const names = [client.name, target.dialect.name] as const;
  const asked = askedOf(call, target);
  return (await offload.translate(body, exoticNumbers, ...names, withStream(call, encode), signal, asked))
    .encoded;
}

/** What the call's client asks, and what is asked of its target. */
export function askedOf({ operation }: Call, target: Target): Asked {
  return { asked: operation!.name, sent: target.operation };
}

function withStream({ route, stream }: Call, encode: EncodeTarget): EncodeTarget {
  return route.kind === 'model' && route.stream !== null ? { ...encode, stream } : encode;
}
