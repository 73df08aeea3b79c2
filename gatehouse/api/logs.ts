// The request log: pages, one call whole, a live tail.
import { LOG_FACETS, type LogFilter, type LoggedRow } from '../../src/contracts/log-store.ts';
import { ApiError } from '../errors/api-error.ts';
import { facetsOf } from '../logs/facets.ts';
import { filterOf, filterQuery } from '../logs/filter.ts';
import { logOf, teamsOf } from '../logs/reader.ts';
import type { ApiContext } from './context.ts';
import { callSchema, pageSchema } from './log-fields.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

export const READ_LOG = { resource: 'log', verb: 'read' } as const;
const MAX_CHILDREN = 100;

export function logRoutes(context: ApiContext): ApiRoute[] {
  const filter = async (request: ApiRequest): Promise<LogFilter> => ({
    ...filterOf(request.query, await teamsOf(context, request.actor), context.now()),
    ...(request.query['rows'] === 'attempts' ? { attempts: true } : {}),
  });
  return [
    {
      method: 'GET',
      path: '/api/logs',
      access: READ_LOG,
      operation: 'list-logs',
      summary: 'Calls, newest first: one row each, or one for each attempt. Facets count the shown window.',
      query: {
        cursor: cursorParameter,
        limit: limitParameter,
        rows: { type: 'string', enum: ['calls', 'attempts'], description: '`calls` by default.' },
        facets: {
          type: 'string',
          enum: ['true', 'false'],
          description: '`false`: without them, for the pages behind the first.',
        },
        ...filterQuery,
      },
      answer: { status: 200, schema: pageSchema },
      async handle(request) {
        const log = logOf(context);
        const wanted = await filter(request);
        const page = await log.page({
          ...wanted,
          cursor: request.query['cursor'] ?? null,
          limit: limitOf(request),
        });
        if (request.query['facets'] === 'false') return { status: 200, body: page };
        const counted = await facetsOf(log, wanted, LOG_FACETS, context.now());
        return { status: 200, body: { ...page, ...counted } };
      },
    },
    {
      method: 'GET',
      path: '/api/logs/{id}',
      access: READ_LOG,
      operation: 'get-log',
      summary:
        'One call by its request id: all attempts, what the ledger has of it, calls made for it, bodies if kept.',
      answer: { status: 200, schema: callSchema },
      async handle(request) {
        const log = logOf(context);
        const id = request.params['id']!;
        const teams = await teamsOf(context, request.actor);
        const rows = await log.call(id);
        const call = rows.findLast(({ final }) => final) ?? rows.at(-1);
        if (call === undefined || !maySee(call, teams))
          throw new ApiError(404, 'not_found', 'There is no such call in the log.');
        const [charges, bodies, children] = await Promise.all([
          log.charges(id),
          log.bodies(id),
          log.page({ values: { parent: [id] }, ranges: {}, limit: MAX_CHILDREN }),
        ]);
        const attempts = rows.filter(({ attempt }) => attempt > 0);
        return { status: 200, body: { call, attempts, charges, bodies, children: children.rows } };
      },
    },
  ];
}

const maySee = ({ team }: LoggedRow, teams: readonly string[] | null): boolean =>
  teams === null || teams.includes(team);
