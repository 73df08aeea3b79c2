// Whether a caller may name objects: what another made is answered as if it were not there.
import type { Call } from '../contracts/call.ts';
import type { ObjectBook } from '../contracts/objects.ts';
import type { ResponseStore } from '../contracts/responses.ts';
import { plainNumber } from '../names/object-names.ts';

export interface ObjectRightsDeps {
  book: ObjectBook;
  /** Turns of Responses, which are found by whose they are. */
  turns: Pick<ResponseStore, 'get'>;
  /** There is one caller: nobody whose objects it could see. */
  alone(call: Call): boolean;
}

/** What the gateway keeps itself, or knows by a list of its own, and not in the book. */
const TURN = /^(?:resp|conv)[-_]/;
const CHAT = /^chatcmpl-/;

/**
 * Of a path or a body that goes on as it came. What nobody knows the maker of goes on too: it was put there past the gateway, and
 * the provider knows whose it is; but for turns, of which the configuration says it (`responses.unknown`), and chat completions,
 * whose ids are noted where they are to be kept. Never rejects.
 */
export async function mayName(
  { book, turns }: ObjectRightsDeps,
  { principal, snapshot }: Call,
  named: readonly string[],
): Promise<boolean> {
  // However a number is spelled, many a provider reads it.
  const ids = [...named, ...named.flatMap((id) => plainNumber(id) ?? [])];
  const owners = await book.many(ids);
  const own = principal!.id;
  const checks = owners.map(async (owner, at) => {
    if (owner !== null) return owner.owner === own;
    const id = ids[at]!;
    if (CHAT.test(id)) return false;
    if (!TURN.test(id) || snapshot.config.responses.unknown === 'pass') return true;
    return (await turns.get(own, id)) !== null;
  });
  return (await Promise.all(checks)).every(Boolean);
}
