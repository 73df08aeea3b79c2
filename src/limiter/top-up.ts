// Streams under a budget whose longest answer nobody knows: what was set aside for one is what such answers have had, and one that
// goes on beyond it takes more from its budgets, some tokens at a time. Where there is no more it ends as far as it was paid for,
// with the error of a budget that is used up. Of all other calls it costs one comparison a piece.
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Ask, Grant } from '../contracts/limits.ts';
import type { Clock } from '../contracts/ports.ts';
import { budgetRefusal } from './budget-refusal.ts';
import { choicesOf } from './choices.ts';
import type { Leases } from './leases.ts';
import type { LocalBucket } from './local-bucket.ts';
import type { Hold, Reservation } from './reservation.ts';

/** Tokens that are taken at once: a stream passes what it has by no more than about so many. */
const QUANTUM_TOKENS = 256;
/** Share of what it has at which it asks for more: the answer may take a while. */
const EARLY = 0.8;

export interface TopUpDeps {
  readonly clock: Clock;
  readonly leases: Leases;
  /** A new name for a question, unlike any other's. */
  token(): string;
}

/** @param tokens that were set aside for each of its answers. */
export function watchStream(deps: TopUpDeps, call: Call, hold: Hold, tokens: number): void {
  const { own } = hold;
  if (!(own.tokenCost > 0)) return;
  let has = Math.max(1, tokens * choicesOf(call));
  let refused: GatewayError | null = null;
  call.moreAt = Math.max(1, Math.floor(has * EARLY));
  call.more = () => {
    call.moreAt = Number.POSITIVE_INFINITY;
    if (refused !== null) {
      end(call, refused);
      return;
    }
    const more = Math.max(QUANTUM_TOKENS, call.contentEvents - has + QUANTUM_TOKENS);
    const heard = (error: GatewayError | null): void => {
      if (!hold.open) return;
      if (error === null) {
        has += more;
        call.moreAt = Math.floor(has - QUANTUM_TOKENS * (1 - EARLY));
        return;
      }
      // What was paid for is told.
      refused = error;
      call.moreAt = has;
      if (call.contentEvents >= has) end(call, error);
    };
    const taken = take(deps, own, Math.ceil(more * own.tokenCost));
    if (taken instanceof Promise) void taken.then(heard);
    else heard(taken);
  };
}

/** Behind the piece that is being written: nothing may follow the end of an answer. */
function end(call: Call, error: GatewayError): void {
  setImmediate(() => {
    if (!call.settled) call.work?.cancel(error);
  });
}

/** All of its budgets or none. */
function take(
  { clock, leases, token }: TopUpDeps,
  reservation: Reservation,
  nano: number,
): null | Promise<GatewayError | null> {
  const now = clock.now();
  const here: LocalBucket[] = [];
  const away: LocalBucket[] = [];
  for (const bucket of reservation.buckets)
    if (bucket.cost) (bucket.covers(nano, now) ? here : away).push(bucket);
  for (const bucket of here) bucket.spend(nano);
  if (away.length === 0) {
    reservation.cost += nano;
    return null;
  }
  const asks = away.map(({ bucket }): Ask => ({ bucket, need: nano, want: nano }));
  const back = (buckets: readonly LocalBucket[]): void => {
    for (const bucket of buckets) leases.putBack(bucket, nano, clock.now());
  };
  return away[0]!.authority.ask(asks, token()).then((grants) => {
    const at = grants.findIndex(({ granted }) => granted < nano);
    const over = reservation.state !== 'held';
    if (at === -1) {
      if (over) back([...here, ...away]);
      else reservation.cost += nano;
      return null;
    }
    back(here);
    // Who cannot be asked says nothing of a call that was let in: it is settled by what it used.
    if (over || grants[at]!.degraded === true) return null;
    return refusal(away[at]!, grants[at]!, nano, clock);
  });
}

function refusal(bucket: LocalBucket, grant: Grant, nano: number, clock: Clock): GatewayError {
  bucket.refused(grant, nano, clock.now());
  bucket.meter.refused();
  bucket.tally?.refused(bucket.bucket);
  const { endsAtMs = 0 } = bucket.rule;
  const waitMs = endsAtMs === 0 ? Number.POSITIVE_INFINITY : Math.max(1, endsAtMs - clock.wall());
  const { message, retryAfterMs } = budgetRefusal(bucket, nano, waitMs, clock);
  return new GatewayError('GW_BUDGET_EXCEEDED', { message, retryAfterMs });
}
