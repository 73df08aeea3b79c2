// Keeps the turn of a call that was answered, when it has settled: off the path, nothing is parsed or copied for it.
import type { Call } from '../contracts/call.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { KeptTurn, ResponseStore, StoredConversation, StoredResponse } from '../contracts/responses.ts';
import { withTurn } from '../responses/conversation.ts';

export function createKeep(store: ResponseStore, wall: () => number): CallObserver {
  // At once, so that whoever asks behind the answer finds it. What another turn added here meanwhile stays before it.
  const append = (behind: StoredConversation, turn: StoredResponse): void => {
    const here = store.get(behind.owner, behind.id);
    const changed =
      !(here instanceof Promise) && here?.kind === 'conversation' && here.version > behind.version;
    store.put({ ...withTurn(changed ? here : behind, turn), expiresMs: turn.expiresMs });
  };
  return {
    settled(call) {
      const { kept, error } = call;
      if (kept === null || kept.answer === null || error !== null) return;
      const turn = turnOf(call, kept, wall() + store.ttlMs);
      store.put(turn);
      if (kept.behind !== null) append(kept.behind, turn);
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
