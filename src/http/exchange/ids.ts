// Request ids: the caller's own when it is harmless, else ours.
import { randomBytes } from 'node:crypto';

const SAFE = /^[\w.:/+=@-]{1,128}$/;

/** Makes ids of one worker: a random run and a count, so that they are unique without a draw per request. */
export function createIds(): (inbound: string | undefined) => string {
  const run = randomBytes(10).toString('hex');
  let count = 0;
  return (inbound) => {
    if (inbound !== undefined && SAFE.test(inbound)) return inbound;
    count++;
    return `req_${run}${count.toString(36).padStart(6, '0')}`;
  };
}
