// Who has the handle of a session goes on with it, whoever began it: at their provider all callers of the gateway are one. So of several
// callers each gets, in place of a handle, a text that stands for it, with whose it is sealed into it. Handles come every few seconds:
// nobody keeps any, and any process with the same secret knows whose one is.
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { SocketMessage } from '../../contracts/tunnel.ts';
import { createSeal } from '../who/sealed-credentials.ts';
import type { HandleWords } from './session-kind.ts';

const MARK = 'hgl_';
/** No vendor keeps what is said for longer (Google: two hours, a day on Vertex AI). */
const TTL_MS = 24 * 3_600_000;

interface Sealed {
  /** Id of the principal that it is for. */
  readonly o: string;
  readonly p: string;
  /** The provider's own. */
  readonly h: string;
  /** ms since 1970. */
  readonly e: number;
}

/** What a client's handle stands for. */
export interface KnownHandle {
  readonly handle: string;
  /** Who has the session; null = it was not told here. */
  readonly provider: string | null;
}

export interface SessionHandles {
  /** What the client is told in place of a provider's. */
  given(call: Call, provider: string, handle: string): string;
  /** Null: it is not the caller's, or too old. */
  known(call: Call, handle: string): KnownHandle | null;
}

/** @param secret any text; the same at every worker. @param wall ms since 1970. @param alone there is one caller, whose everything is. */
export function createSessionHandles(
  secret: () => string,
  wall: () => number,
  alone: (call: Call) => boolean,
): SessionHandles {
  const seal = createSeal<Sealed>(MARK, 'session', secret);
  return {
    given: (call, provider, handle) =>
      alone(call)
        ? handle
        : seal.close({ o: call.principal!.id, p: provider, h: handle, e: wall() + TTL_MS }),
    known(call, handle) {
      const sealed = seal.open(handle);
      if (sealed === null) return alone(call) ? { handle, provider: null } : null;
      if ((sealed.o !== call.principal!.id && !alone(call)) || sealed.e < wall()) return null;
      return { handle: sealed.h, provider: sealed.p };
    },
  };
}

/**
 * The first message of a session, with the provider's own names for what it goes on from, or why it may not. Sets `call.keptAt`: that
 * session is where it is.
 */
export function resumed(
  call: Call,
  words: HandleWords,
  handles: SessionHandles,
  first: SocketMessage,
): SocketMessage | GatewayError {
  const asked = words.asked(first);
  if (asked.length === 0) return first;
  const known = new Map<string, string>();
  for (const handle of asked) {
    const found = handles.known(call, handle);
    if (found === null) return new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND');
    known.set(handle, found.handle);
    call.keptAt = found.provider ?? call.keptAt;
  }
  return words.asking(first, (handle) => known.get(handle)!);
}
