// What a client calls its session, in a header of ours or of its own.
import type { HeaderBag } from '../contracts/headers.ts';

/** The first that is there counts. */
export const SESSION_HEADERS = [
  'x-headgate-session',
  'x-session-id',
  'x-claude-code-session-id',
  'session_id',
] as const;

/** '' = it says none. */
export function sessionOf(headers: HeaderBag): string {
  let best: number = SESSION_HEADERS.length;
  let found = '';
  for (let at = 0; at < headers.count; at++) {
    const name = headers.nameAt(at);
    const first = name.charCodeAt(0);
    if (first !== 120 /* x */ && first !== 115 /* s */) continue;
    for (let rank = 0; rank < best; rank++) {
      if (SESSION_HEADERS[rank] !== name || headers.valueAt(at) === '') continue;
      best = rank;
      found = headers.valueAt(at);
      break;
    }
  }
  return found;
}
