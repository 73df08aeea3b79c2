// The ledger: one row a charge, and what they come to.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import type { LogFilter, LogReads } from '../../src/contracts/log-store.ts';
import { CHARGE_FIELDS } from '../../src/stores/log/columns.ts';
import { ApiError } from '../errors/api-error.ts';
import { filterOf, filterQuery, timeOf } from '../logs/filter.ts';
import { logOf, teamsOf } from '../logs/reader.ts';
import { HOURS_KEPT_MS, windowOf } from '../logs/window.ts';
import { allCharged } from './all-charged.ts';
import type { ApiContext } from './context.ts';
import { flag, list, object, text } from './fields.ts';
import { ledgerSchema } from './log-fields.ts';
import { READ_LOG } from './logs.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import type { ApiRoute } from './route.ts';

/** Charges know who, what and how much; how a call ended is its row's. */
const LEDGER_WORDS: ReadonlySet<string> = new Set([
  ...CHARGE_FIELDS,
  'since',
  'until',
  'unpriced',
  'minCostUsd',
  'maxCostUsd',
  'minTokens',
  'maxTokens',
]);
const ledgerQuery = Object.fromEntries(
  Object.entries(filterQuery).filter(([name]) => LEDGER_WORDS.has(name)),
);

export function ledgerRoutes(context: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/ledger',
      access: READ_LOG,
      operation: 'list-ledger',
      summary:
        'Charges, newest first: one for each attempt that used something, with what it used and what that cost.',
      query: { cursor: cursorParameter, limit: limitParameter, ...ledgerQuery },
      answer: { status: 200, schema: ledgerSchema },
      async handle(request) {
        const log = logOf(context);
        const filter: LogFilter = filterOf(
          request.query,
          await teamsOf(context, request.actor),
          context.now(),
        );
        const page = await log.ledger({
          ...filter,
          cursor: request.query['cursor'] ?? null,
          limit: limitOf(request),
        });
        return { status: 200, body: page };
      },
    },
    {
      method: 'GET',
      path: '/api/ledger/reconcile',
      access: READ_LOG,
      operation: 'reconcile-ledger',
      summary:
        'Waits until the charges of all calls that ended here are in the ledger, reads every charge of the window, hour by hour, and says where ledger, sums and log do not agree.',
      query: { since: filterQuery['since']!, until: filterQuery['until']! },
      answer: { status: 200, schema: reconcileSchema },
      async handle(request) {
        const log = logOf(context);
        if ((await teamsOf(context, request.actor)) !== null)
          throw new ApiError(403, 'forbidden', 'The books of all teams are not for one of them.');
        const now = context.now();
        const { since, until } = windowOf(
          timeOf(request.query, 'since', now),
          timeOf(request.query, 'until', now),
          'hour',
          now,
        );
        if (now - since > HOURS_KEPT_MS)
          throw new ApiError(400, 'invalid_value', 'since: sums of hours are kept for 60 days', {
            param: 'since',
          });
        const complete = await allCharged(context);
        return { status: 200, body: { complete, ...(await reconciled(log, since, until)) } };
      },
    },
  ];
}

const HOUR_MS = 3_600_000;
const count = (description: string): SchemaNode => ({ type: 'integer', description });
const reconcileSchema = object({
  complete: flag(
    'All calls that this gateway had answered when this was asked are among the charges, but those that a worker which was killed had not written (200 ms at most). False: a worker stood still, or more waits to be read than fits into some seconds; ask again.',
  ),
  ok: flag('All agree.'),
  since: count('ms since 1970.'),
  until: count('Exclusive.'),
  charges: count('Read.'),
  costNano: count('Their sum.'),
  unpriced: count('Of them, without a price.'),
  withoutRow: count('Of them, whose row was deleted by age or by hand: no fault.'),
  faults: list(
    object({
      start: count('Of the hour.'),
      fault: text('What does not agree.'),
      ledger: count(''),
      other: count(''),
    }),
    '100 at most.',
  ),
});
const MAX_FAULTS = 100;
async function reconciled(log: LogReads, since: number, until: number): Promise<object> {
  const total = { charges: 0, costNano: 0, unpriced: 0, withoutRow: 0 };
  const faults: { start: number; fault: string; ledger: number; other: number }[] = [];
  for (let start = since; start < until; start += HOUR_MS) {
    const hour = await log.reconcile(start);
    for (const name of ['charges', 'costNano', 'unpriced', 'withoutRow'] as const) total[name] += hour[name];
    const compare = (fault: string, ledger: number, other: number): void => {
      if (ledger !== other) faults.push({ start, fault, ledger, other });
    };
    compare('the sums have another cost', hour.costNano, hour.summedNano);
    compare('the sums count other charges without a price', hour.unpriced, hour.summedUnpriced);
    compare('rows of the log say another cost', 0, hour.otherCost);
    compare('rows of the log are no charge', 0, hour.withoutCharge);
    compare('charges are not what their corrections make of them', 0, hour.miscorrected);
  }
  return { ok: faults.length === 0, since, until, ...total, faults: faults.slice(0, MAX_FAULTS) };
}
