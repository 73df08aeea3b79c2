// The sentence at the top: is it well, and if not, whose is it?
import { type Cell, errorsOf, OWNERS, type Owner } from '../../api/stats.ts';
import { percent, whole } from '../../format/number.ts';

export interface Verdict {
  readonly words: string;
  readonly state: 'ok' | 'warn' | 'bad' | 'idle';
}

/** Shares of failed calls from which it is worth a look, and from which it is trouble. */
const WARN = 0.01;
const BAD = 0.05;

const WHOSE: Readonly<Record<Owner, string>> = {
  caller: 'callers’ own requests',
  policy: 'your limits and rules',
  provider: 'providers',
  gateway: 'this gateway',
};

/** @param types of errors, the most frequent first */
export function verdictOf(
  total: Pick<Cell, 'requests' | 'errors'>,
  types: readonly { type: string; count: number }[],
): Verdict {
  if (total.requests === 0) return { words: 'No calls.', state: 'idle' };
  const failed = errorsOf(total);
  const calls = `${whole(total.requests)} ${total.requests === 1 ? 'call' : 'calls'}`;
  if (failed === 0) return { words: `All is well: ${calls}, none failed.`, state: 'ok' };
  // What callers sent wrong and what rules refused is not the gate's trouble.
  const ours = total.errors.provider + total.errors.gateway;
  const share = ours / total.requests;
  const state =
    total.errors.gateway > 0 && share >= WARN ? 'bad' : share >= BAD ? 'bad' : share >= WARN ? 'warn' : 'ok';
  const owner = [...OWNERS].sort((a, b) => total.errors[b] - total.errors[a])[0]!;
  const mostly =
    total.errors[owner] === failed ? 'all of it' : `${percent(total.errors[owner] / failed)} of that`;
  // Of whose it is: the most frequent of all may be somebody else's.
  const first = types.find(({ type }) => type.startsWith(`${owner}_`));
  const kind = first === undefined ? '' : `, most often ${first.type.replaceAll('_', ' ')}`;
  return {
    words: `${percent(failed / total.requests)} of ${calls} failed; ${mostly} by ${WHOSE[owner]}${kind}.`,
    state,
  };
}
