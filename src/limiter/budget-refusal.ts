// What a caller is told whose budget has no room: which one, whose, what is left of it, and when it begins anew.
import type { Clock } from '../contracts/ports.ts';
import { usdText } from '../prices/usd-text.ts';
import { budgetName } from './budget-tally.ts';
import type { LocalBucket } from './local-bucket.ts';

/** SDKs wait in silence for as long as they are told: a window that ends later is no reason to. */
const SOON_MS = 60_000;

export interface BudgetRefusal {
  readonly message: string;
  /** Undefined: coming again soon is for nothing. */
  readonly retryAfterMs: number | undefined;
}

/** @param nano what the call may cost. @param waitMs until the window ends; Infinity = it never does. */
export function budgetRefusal(
  bucket: LocalBucket,
  nano: number,
  waitMs: number,
  clock: Pick<Clock, 'now' | 'wall'>,
): BudgetRefusal {
  const { rule } = bucket;
  const name = budgetName(rule.name);
  const { endsAtMs = 0 } = rule;
  const window = rule.budget?.window ?? 'never';
  const left = bucket.left(clock.now());
  const each = window === 'never' ? 'in all' : `per ${window}`;
  const used =
    left > 0 ? `has $${usdText(left)} left, and this call may cost up to $${usdText(nano)}` : 'is used up';
  const again =
    endsAtMs === 0 ? 'It does not begin anew.' : `It begins anew at ${new Date(endsAtMs).toISOString()}.`;
  return {
    message: `The budget \`${name}\` of ${bucket.bucket.owner ?? 'the gateway'} ($${usdText(rule.limit)} ${each}) ${used}. ${again}`,
    retryAfterMs: waitMs <= SOON_MS ? waitMs : undefined,
  };
}
