// Which answers are kept: those that came whole, were meant so by the model, and would be given again as they are.
import type { ExactCachePolicy } from '../contracts/cache.ts';
import type { Call } from '../contracts/call.ts';

type Settled = Pick<Call, 'error' | 'status' | 'rescued' | 'stop' | 'operation'>;

/**
 * @param call that has settled. Never kept: errors, refusals, streams that broke off (also those that were told whole by another
 *   target), and answers whose end nobody knows.
 */
export function isKeepable(call: Settled, { truncated }: Pick<ExactCachePolicy, 'truncated'>): boolean {
  if (call.error !== null || call.status !== 200 || call.rescued !== '') return false;
  if (call.operation?.answer !== 'deltas') return true;
  switch (call.stop) {
    case 'end':
    case 'stop_sequence':
    case 'tool_use':
      return true;
    case 'max_tokens':
      return truncated;
    default:
      return false;
  }
}
