// How many answers a request asks for at once: each may be as long as one.
import type { Call } from '../contracts/call.ts';

const N = 0x6e;
const MOST = 128;

/** `n` of the body; 1 where it says none, or none that makes sense. */
export function choicesOf({ body, facts }: Pick<Call, 'body' | 'facts'>): number {
  if (body === null || facts === null) return 1;
  const { members } = facts;
  for (let at = 0; at < members.length; at += 4) {
    // In quotes.
    if (members[at + 1]! - members[at]! !== 3 || body[members[at]! + 1] !== N) continue;
    const count = Number(body.toString('latin1', members[at + 2]!, members[at + 3]!));
    return Number.isInteger(count) && count > 1 ? Math.min(count, MOST) : 1;
  }
  return 1;
}
