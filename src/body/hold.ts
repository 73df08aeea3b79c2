// Who still reads a call's body. The call holds it until it is settled, each attempt while its socket may send it; the last
// to let go frees its memory. A wrong count is memory freed under a socket's write, so nobody else frees a body.
import type { Call } from '../contracts/call.ts';
import { freeBody } from './free.ts';

/** One more reader, until its `releaseBody`. Only for a call that is not settled. */
export function holdBody(call: Call): void {
  call.bodyHolds++;
}

/** Once for each hold, and once by settle for the call's own. */
export function releaseBody(call: Call): void {
  if (--call.bodyHolds > 0 || call.body === null) return;
  freeBody(call.body);
  call.body = null;
}
