// What a client says within a spoken conversation may name objects too (a voice, a file): another's are answered as if they were not there.
import type { Call } from '../../contracts/call.ts';
import type { SocketMessage } from '../../contracts/tunnel.ts';
import { mayNameObjects, objectsInBody } from '../../names/object-names.ts';
import { mayName, type ObjectRightsDeps } from '../object-rights.ts';

/** @returns whether all that it names is the caller's, or nobody's that is known; null = it names nothing. Never rejects. */
export type MessageRights = (call: Call, message: SocketMessage) => Promise<boolean> | null;

export function createMessageRights(deps: ObjectRightsDeps): MessageRights {
  return (call, message) => {
    if (deps.alone(call)) return null;
    const text = typeof message === 'string' ? message : message.toString('latin1');
    if (!mayNameObjects(text, 'request')) return null;
    const ids = objectsInBody(text, 'request');
    return ids.length === 0 ? null : mayName(deps, call, ids);
  };
}
