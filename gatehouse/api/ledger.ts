// The ledger: one row a charge, and what they come to.
import { filterOf, filterQuery } from '../logs/filter.ts';
import { logOf, teamsOf } from '../logs/reader.ts';
import type { ApiContext } from './context.ts';
import { ledgerSchema } from './log-fields.ts';
import { READ_LOG } from './logs.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import type { ApiRoute } from './route.ts';

export function ledgerRoutes(context: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/ledger',
      access: READ_LOG,
      operation: 'list-ledger',
      summary:
        'Charges, newest first: one for each attempt that used something, with what it used and what that cost.',
      query: { cursor: cursorParameter, limit: limitParameter, ...filterQuery },
      answer: { status: 200, schema: ledgerSchema },
      async handle(request) {
        const log = logOf(context);
        const filter = filterOf(request.query, await teamsOf(context, request.actor), context.now());
        const page = await log.ledger({
          ...filter,
          cursor: request.query['cursor'] ?? null,
          limit: limitOf(request),
        });
        return { status: 200, body: page };
      },
    },
  ];
}
