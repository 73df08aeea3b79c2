// The request log: pages, one call whole, a live tail.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import {
  LOG_FACETS,
  type LogFilter,
  type LogPage,
  type LogReads,
  type LoggedRow,
} from '../../src/contracts/log-store.ts';
import { ApiError } from '../errors/api-error.ts';
import { facetsOf } from '../logs/facets.ts';
import { filterOf, filterQuery } from '../logs/filter.ts';
import { logOf, teamsOf } from '../logs/reader.ts';
import { type ApiContext, eventOf } from './context.ts';
import { flag, object } from './fields.ts';
import { callSchema, pageSchema } from './log-fields.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

export const READ_LOG = { resource: 'log', verb: 'read' } as const;
const MAX_CHILDREN = 100;
const EXPORT_ROWS = 500;
/** Rows of one short write, and how long one call deletes. */
const DELETE_ROWS = 200;
const DELETE_MS = 5_000;
const REST_MS = 20;

const rowsParameter: SchemaNode = {
  type: 'string',
  enum: ['calls', 'attempts'],
  description: '`calls` by default.',
};

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
        rows: rowsParameter,
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
        const ofTeams = (await teamsOf(context, request.actor)) !== null;
        const counted = await facetsOf(log, wanted, LOG_FACETS, context.now(), ofTeams);
        return { status: 200, body: { ...page, ...counted } };
      },
    },
    {
      method: 'GET',
      path: '/api/logs/export',
      access: READ_LOG,
      operation: 'export-logs',
      summary: 'All rows that fit, newest first, one JSON object a line (NDJSON), as long as somebody reads.',
      query: { rows: rowsParameter, ...filterQuery },
      answer: { status: 200, schema: { type: 'string' }, types: ['application/x-ndjson'] },
      async handle(request) {
        const log = logOf(context);
        const wanted = await filter(request);
        return {
          status: 200,
          headers: { 'content-type': 'application/x-ndjson' },
          stream: async (out) => {
            for (let cursor: string | null = null; !out.left.aborted; ) {
              const page = await log.page({ ...wanted, cursor, limit: EXPORT_ROWS });
              await out.write(page.rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
              if (page.next === null) return;
              cursor = page.next;
            }
          },
        };
      },
    },
    {
      method: 'DELETE',
      path: '/api/logs',
      access: { resource: 'log', verb: 'delete' },
      operation: 'delete-logs',
      summary:
        'Deletes rows that fit, and what was kept of their bodies; charges and sums stay. A little at a time: `done: false` says to call again.',
      query: { ...filterQuery },
      answer: {
        status: 200,
        schema: object({ deleted: { type: 'integer', description: 'Rows.' }, done: flag('No more fit.') }, [
          'deleted',
          'done',
        ]),
      },
      async handle(request) {
        const log = logOf(context);
        const wanted = { ...(await filter(request)), attempts: true };
        if (Object.keys(request.query).length === 0)
          throw new ApiError(400, 'filter_needed', 'Say which rows: a filter, or `until`.', {
            param: 'until',
          });
        const result = await removed(log, wanted, context.now);
        const deed = {
          action: 'log.delete',
          target: 'log',
          after: { ...request.query, deleted: result.deleted },
        };
        await context.store.commit([], eventOf(context, request, deed));
        return { status: 200, body: result };
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

async function removed(
  log: LogReads,
  filter: LogFilter,
  now: () => number,
): Promise<{ deleted: number; done: boolean }> {
  const until = now() + DELETE_MS;
  let deleted = 0;
  for (let cursor: string | null = null; now() < until; ) {
    const page: LogPage = await log.page({ ...filter, cursor, limit: DELETE_ROWS });
    await log.remove(page.rows);
    deleted += page.rows.length;
    if (page.next === null) return { deleted, done: true };
    cursor = page.next;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  return { deleted, done: false };
}
