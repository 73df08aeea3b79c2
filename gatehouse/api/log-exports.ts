// Exports of the log to storage that speaks S3: how far they are, and a window by itself.
import type { LogJob } from '../../src/contracts/log-store.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Exporter } from '../export/exporter.ts';
import { isExportState } from '../export/job-state.ts';
import { timeOf } from '../logs/filter.ts';
import { logOf, teamsOf } from '../logs/reader.ts';
import { type ApiContext, eventOf } from './context.ts';
import { choice, flag, list, object, text } from './fields.ts';
import { READ_LOG } from './logs.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

const time = (description: string) => ({ type: 'integer' as const, description });
const exportSchema = object(
  {
    id: text(''),
    mode: text(
      '`hourly`: each hour once it is over. `corrections`: charges that were priced anew, by the hour in which they were. `window`: what was asked for.',
    ),
    since: time('ms since 1970.'),
    until: time('Exclusive; absent: it goes on.'),
    at: time('Everything before is there.'),
    folder: text('Of its objects, below the prefix.'),
    rows: time('Rows that are there.'),
    objects: time('Objects that are there.'),
    done: flag('It is over.'),
    error: text('Why it ended before its end.'),
    updatedAt: time('ms since 1970.'),
  },
  ['id', 'mode', 'since', 'at', 'folder', 'rows', 'objects', 'done', 'error', 'updatedAt'],
);

export function logExportRoutes(context: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/logs/exports',
      access: READ_LOG,
      operation: 'list-log-exports',
      summary: 'Exports of the log to storage, newest first.',
      query: {
        mode: choice(
          ['hourly', 'corrections', 'window'],
          'Only the one of every hour, of corrections, or those somebody asked for.',
        ),
        done: choice(['true', 'false'], 'Only those that are over, or go on.'),
      },
      answer: {
        status: 200,
        schema: object({ items: list(exportSchema, ''), next: text('Always null.') }, ['items', 'next']),
      },
      async handle(request) {
        const exporter = await exporterOf(context, request);
        const { mode, done } = request.query;
        const fitting = (await exporter.jobs()).filter(
          (job) =>
            (done === undefined || String(job.done) === done) &&
            (mode === undefined || (isExportState(job.state) && job.state.mode === mode)),
        );
        return { status: 200, body: { items: fitting.flatMap(viewOf), next: null } };
      },
    },
    {
      method: 'POST',
      path: '/api/logs/exports',
      access: { resource: 'log', verb: 'create' },
      operation: 'export-logs-to-storage',
      summary:
        'Begins to export all rows of a window, in a folder of their own. It goes on by itself, over restarts, too.',
      body: object(
        {
          since: text('A time in ISO 8601, ms since 1970, or such as `24h`.'),
          until: text('As `since`, exclusive; now if absent.'),
        },
        ['since'],
      ),
      answer: { status: 202, schema: exportSchema },
      async handle(request) {
        const exporter = await exporterOf(context, request);
        const now = context.now();
        const stated = request.body as { since: string; until?: string }; // the schema looked
        const since = timeOf(stated, 'since', now) ?? now;
        const until = Math.min(now, timeOf({ until: stated.until ?? String(now) }, 'until', now) ?? now);
        if (since >= until)
          throw new ApiError(400, 'invalid_value', 'since: must be before until', { param: 'since' });
        const job = await exporter.ask(since, until);
        const deed = { action: 'log.export', target: job.id, after: { since, until } };
        await context.store.commit([], eventOf(context, request, deed));
        return { status: 202, body: viewOf(job)[0]! };
      },
    },
  ];
}

/** @throws ApiError 404, 403 */
async function exporterOf(context: ApiContext, request: ApiRequest): Promise<Exporter> {
  logOf(context);
  const exporter = context.exporter();
  if (exporter === null)
    throw new ApiError(404, 'no_storage', 'No storage is configured for the log (`log.export`).');
  if ((await teamsOf(context, request.actor)) !== null)
    throw new ApiError(403, 'forbidden', 'Exports are of all teams, and not for one of them.');
  return exporter;
}

function viewOf({ id, done, updatedAt, state }: LogJob): object[] {
  if (!isExportState(state)) return [];
  const { mode, since, until, hour, folder, rows, objects, error } = state;
  return [
    {
      id,
      mode,
      since,
      ...(mode === 'window' ? { until } : {}),
      at: Math.min(until, Math.max(since, hour)),
      folder,
      rows,
      objects,
      done,
      error,
      updatedAt,
    },
  ];
}
