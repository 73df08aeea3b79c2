// What a caller is told whose call a limit keeps out. The reservation that was tried for it ends here, and is counted.
import type { Call } from '../contracts/call.ts';
import type { Clock } from '../contracts/ports.ts';
import { GatewayError } from '../contracts/errors.ts';
import { rateText } from '../limits/rate-text.ts';
import { isBilled } from '../prices/attempt-charge.ts';
import type { BucketList } from './bucket-list.ts';
import { budgetRefusal } from './budget-refusal.ts';
import type { LocalBucket } from './local-bucket.ts';
import type { MoneyEstimator } from './money-estimator.ts';
import type { Reservation } from './reservation.ts';

const UNKNOWN_RETRY_MS = 1_000;

/** @param waitMs until `bucket` has room; of a budget until its window ends, Infinity = it never does. */
export function refuse(
  reservation: Reservation,
  bucket: LocalBucket,
  waitMs: number,
  clock: Pick<Clock, 'now' | 'wall'>,
): GatewayError {
  reservation.state = 'refused';
  bucket.meter.refused();
  if (bucket.cost) {
    bucket.tally?.refused(bucket.bucket);
    const { message, retryAfterMs } = budgetRefusal(bucket, reservation.cost, waitMs, clock);
    return new GatewayError('GW_BUDGET_EXCEEDED', { message, retryAfterMs });
  }
  const { rule } = bucket;
  const slots = rule.dimension === 'concurrent';
  const what = slots ? 'calls at once' : rule.dimension;
  return new GatewayError('GW_LIMIT_EXCEEDED', {
    message: `The limit \`${rule.name}\` (${rateText(rule.limit, rule.periodMs)} ${what}) is reached. Try again in ${seconds(waitMs)} s.`,
    retryAfterMs: waitMs,
    ...(slots ? { errorType: 'policy_concurrency' } : {}),
  });
}

/** None of the targets has a price, and a budget counts the call. */
export function refuseUnpriced(reservation: Reservation): GatewayError {
  reservation.state = 'refused';
  for (const bucket of reservation.buckets) if (bucket.cost) bucket.meter.refused();
  return new GatewayError('GW_BUDGET_UNPRICED');
}

/** What it begins goes past the gateway, and so past the limits of tokens that hold for it. */
export function refuseUncounted(reservation: Reservation): GatewayError {
  reservation.state = 'refused';
  for (const bucket of reservation.buckets) if (countsTokens(bucket)) bucket.meter.refused();
  return new GatewayError('GW_LIMIT_UNCOUNTED');
}

/** A limit would want tokens of it that nobody counts: who allows calls without a price allows these. */
export function goesPast(
  { operation, head }: Call,
  { all }: BucketList,
  { unknownPrice }: Pick<MoneyEstimator, 'unknownPrice'>,
): boolean {
  return unknownPrice === 'refuse' && isBilled(operation!, head.method) && all.some(countsTokens);
}

function countsTokens({ rule }: LocalBucket): boolean {
  return rule.dimension === 'tokens';
}

/** Nobody can say whether there is room. */
export function refuseUnknown(reservation: Reservation): GatewayError {
  reservation.state = 'refused';
  for (const bucket of reservation.buckets) bucket.meter.unknown();
  return new GatewayError('GW_LIMIT_UNKNOWN', { retryAfterMs: UNKNOWN_RETRY_MS });
}

function seconds(ms: number): string {
  return ms < 10_000 ? String(Math.ceil(ms / 100) / 10) : String(Math.ceil(ms / 1000));
}
