// Request ids: the caller's own when it is harmless, else ours.
import { randomBytes } from 'node:crypto';

const SAFE = /^[\w.:/+=@-]{1,128}$/;

/** The last two digits of a count, of base 36: printing the whole of it each time takes 0.2 us. */
const LAST: readonly string[] = Array.from({ length: 36 * 36 }, (_, at) => at.toString(36).padStart(2, '0'));

/** Makes ids of one worker: a random run and a count, so that they are unique without a draw per request. */
export function createIds(): (inbound: string | undefined) => string {
  const run = randomBytes(10).toString('hex');
  let count = 0;
  let begin = '';
  let last = LAST.length;
  return (inbound) => {
    if (inbound !== undefined && SAFE.test(inbound)) return inbound;
    if (last === LAST.length) {
      begin = `req_${run}${(count++).toString(36).padStart(4, '0')}`;
      last = 0;
    }
    return begin + LAST[last++]!;
  };
}
