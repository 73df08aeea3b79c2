// Keeps the turn of a call that was answered, when it has settled: off the path, nothing is parsed or copied for it.
import type { Call } from '../contracts/call.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { KeptTurn, ResponseStore, StoredResponse } from '../contracts/responses.ts';

/** Joins what a turn said to the conversation it belongs to. */
export type Append = (owner: string, conversation: string, turn: StoredResponse) => void;

export function createKeep(store: ResponseStore, wall: () => number, append: Append): CallObserver {
  return {
    settled(call) {
      const { kept, error } = call;
      if (kept === null || kept.answer === null || error !== null) return;
      const turn = turnOf(call, kept, wall() + store.ttlMs);
      store.put(turn);
      if (kept.conversation !== null) append(turn.owner, kept.conversation, turn);
    },
  };
}

/** @param expiresMs since 1970. */
export function turnOf(call: Call, kept: KeptTurn, expiresMs: number): StoredResponse {
  const target = call.plan?.targets.find(
    ({ provider, model }) => provider.name === call.provider && model === call.upstreamModel,
  );
  return {
    kind: 'response',
    id: kept.id,
    owner: call.principal!.id,
    provider: call.provider,
    model: call.upstreamModel,
    upstream: target !== undefined && !call.translated && target.provider.quirks.keepsResponses === true,
    chain: kept.chain,
    input: kept.input,
    answer: kept.answer ?? '',
    expiresMs,
  };
}
