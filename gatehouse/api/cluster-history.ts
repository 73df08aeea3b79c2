// The last day of the gateway's processes: what the charts of the page show.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import type { ApiContext } from './context.ts';
import { list, object, text } from './fields.ts';
import type { ApiRoute } from './route.ts';

const whole = (description: string): SchemaNode => ({ type: 'integer', description });
const line = (description: string): SchemaNode =>
  list({ type: 'number', description: 'null = nothing is known.' }, description);

const schema = object({
  since: whole(
    'When the first sample was taken, ms since 1970; null = none yet. It is kept in memory: a gatehouse that is started again begins anew.',
  ),
  stepMs: whole('Width of a point.'),
  starts: list(whole('ms since 1970.'), 'Of each point.'),
  processes: list(
    object({
      node: text('Name of the machine.'),
      worker: whole('Place of the worker, from 0; null = the primary.'),
      values: object(
        {
          loopDelayMs: line(
            'How late timers of the event loop fired, p95 of a minute; the highest within the point.',
          ),
          memoryBytes: line('Resident; the highest within the point.'),
          connections: line('Of clients, open; the highest within the point.'),
          restarts: line(
            'Of this place since the gateway started, of the primary those of all; the last within the point.',
          ),
        },
        [],
        'A value for each of `starts`.',
      ),
    }),
    'The primary and its workers.',
  ),
});

export function clusterHistoryRoutes({ history }: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/cluster/history',
      access: { resource: 'cluster', verb: 'read' },
      operation: 'get-cluster-history',
      summary: 'Loop delay, memory, connections and restarts of the last 24 hours, as 288 points at most.',
      answer: { status: 200, schema },
      handle: async () => ({ status: 200, body: history.view() }),
    },
  ];
}
