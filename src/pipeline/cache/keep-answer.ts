// What becomes of an answer that went by: an entry, once its call has settled and it is seen to be worth keeping.
import { isKeepable } from '../../cache/keepable.ts';
import { labelsOf } from '../../cache/scope.ts';
import type { CachedAnswer, CacheTicket } from '../../contracts/cache.ts';
import type { Call } from '../../contracts/call.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { tellsUsageApart } from '../answer/client-habits.ts';
import { turnOf } from '../answer/turn-codec.ts';

/**
 * @param call that has settled.
 * @param wallMs since 1970. @param chance 0 to 1, for the jitter.
 * @returns null when the answer is none to be kept.
 */
export function entryOf(
  call: Call,
  ticket: CacheTicket,
  wallMs: number,
  chance: number,
): CachedAnswer | null {
  const { form, contentType, pieces, policy } = ticket;
  if (form === null || !ticket.whole || !isKeepable(call, policy)) return null;
  if (form === 'events' && !canBeRead(call, contentType)) return null;
  const ttlMs = Math.max(1, Math.round(ticket.ttlMs * (1 - policy.jitter * chance)));
  const { kept, principal, customer } = call;
  return {
    id: ticket.key,
    createdMs: wallMs,
    freshUntilMs: wallMs + ttlMs,
    staleUntilMs: wallMs + ttlMs + policy.staleMs,
    operation: call.operation!.name,
    dialect: call.route.dialect,
    form,
    contentType,
    includeUsage: tellsUsageApart(call),
    body: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, ticket.bytes),
    pace: form === 'events' && policy.replay === 'paced' ? ticket.pace : null,
    provider: call.provider,
    upstreamModel: call.upstreamModel,
    answerModel: call.answerModel,
    translated: call.translated,
    dropped: call.dropped,
    adapted: call.adapted,
    stop: call.stop,
    usage: call.usage,
    quantities: call.quantities,
    turnId: kept?.id ?? null,
    costNano: call.costNano,
    tookMs: Math.round(call.settledAt - call.startedAt),
    labels: labelsOf(principal!, customer, call.model),
  };
}

/** Streams in a framing that is only ever written cannot be told whole. */
function canBeRead({ route, operation }: Call, contentType: string): boolean {
  return turnOf(dialectByName(route.dialect), operation!.name).framing.contentType === contentType;
}
