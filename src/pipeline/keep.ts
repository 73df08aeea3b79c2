// Keeps the turn of a call that was answered, when it has settled: off the path, nothing is parsed or copied for it.
import type { Call } from '../contracts/call.ts';
import type { ObjectBook } from '../contracts/objects.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { KeptTurn, ResponseStore, StoredConversation, StoredResponse } from '../contracts/responses.ts';
import { madeInAnswer, mayTellOfMade } from '../names/made-names.ts';
import { objectsInBody } from '../names/object-names.ts';
import { withTurn } from '../responses/conversation.ts';
import type { ConversationLocks } from './conversation-locks.ts';

/** @param book whose objects are. @param locks of conversations: theirs end when what a turn added is where all find it. */
export function createKeep(
  store: ResponseStore,
  wall: () => number,
  locks: Pick<ConversationLocks, 'until'>,
  book: Pick<ObjectBook, 'claim'>,
): CallObserver {
  // At once, so that whoever asks behind the answer finds it. What another turn added here meanwhile stays before it.
  const append = (behind: StoredConversation, turn: StoredResponse): Promise<void> | null => {
    const here = store.get(behind.owner, behind.id);
    const changed =
      !(here instanceof Promise) && here?.kind === 'conversation' && here.version > behind.version;
    return store.write({ ...withTurn(changed ? here : behind, turn), expiresMs: turn.expiresMs });
  };
  /** Containers that the provider made for it: its client fetches files out of them. */
  const noteContainers = ({ principal, provider, body }: Call, answer: Buffer | string): void => {
    if (!mayTellOfMade(answer)) return;
    const owner = { owner: principal!.id, provider };
    const named = body === null ? [] : objectsInBody(body, 'request');
    for (const id of madeInAnswer(answer.toString('latin1'))) {
      // What its request names was there before it.
      if (!named.includes(id)) book.claim(id, owner);
    }
  };
  return {
    settled(call) {
      const { kept, error } = call;
      if (kept === null || kept.answer === null || error !== null) return;
      const turn = turnOf(call, kept, wall() + store.ttlMs);
      store.put(turn);
      if (turn.upstream) noteContainers(call, kept.answer);
      const written = kept.behind === null ? null : append(kept.behind, turn);
      if (written !== null) locks.until(call, written);
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
    ...(kept.events !== undefined && { events: kept.events }),
    expiresMs,
  };
}
