// `/api/edge/events`: what devices did without the centre, sent when it was back, and what they refused.
import { EDGE_LIMITS, EDGE_OUTCOMES, type EdgeEvent } from '../../src/contracts/edge.ts';
import type { EdgeEvents } from '../../src/stores/log/edge-events.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiContext } from './context.ts';
import { ownDevice } from './edge-self.ts';
import { choice, list, object, pageOf, text, whole } from './fields.ts';
import { limitOf, limitParameter } from './paging.ts';
import type { ApiRoute } from './route.ts';

const free = (description: string, maxLength: number) => ({
  type: 'string' as const,
  maxLength,
  description,
});
const count = (description: string) => whole(0, Number.MAX_SAFE_INTEGER, description);

const fields = {
  id: text('Its own, made by the device.', 64),
  at: count('When it ended, ms since 1970.'),
  outcome: choice(
    EDGE_OUTCOMES,
    '`blocked`: refused on the device; `fallback`: answered by a gate there; `failed`: the centre could not be reached.',
  ),
  app: free('Which asked; empty: not known.', 64),
  reason: free('What it was refused for: `device`, `app:claude`, `server:github`, `host:…`.', 2_100),
  method: free('Of the request.', 16),
  path: free('Without its query.', 1_024),
  model: free('As the request names it.', 256),
  status: whole(0, 999, 'As the app saw it.'),
  durationMs: { type: 'number' as const, minimum: 0, maximum: 1e12, description: 'Length, ms.' },
  bytesIn: count('Of the request’s body.'),
  bytesOut: count('Of the answer’s.'),
};
const event = object(fields, Object.keys(fields));

/** @throws ApiError 409 */
function kept({ edgeEvents }: ApiContext): EdgeEvents {
  const events = edgeEvents();
  if (events === null)
    throw new ApiError(409, 'no_log', 'No log is kept here (log.requests), and so none of devices.');
  return events;
}

export function edgeEventRoutes(context: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/edge/events',
      access: { resource: 'device', verb: 'read' },
      operation: 'list-edge-events',
      summary:
        'What devices refused, or had answered on the machine, newest first. Kept as long as rows of the log.',
      query: {
        cursor: {
          type: 'string',
          pattern: '^[0-9]{1,16}:[0-9]{1,16}:dev_[a-z0-9]{1,64}$',
          'x-expected': 'the `next` of the page before',
          description: 'The `next` of the page before.',
        },
        limit: limitParameter,
        device: text('Only of this device; an id.'),
        outcome: choice(EDGE_OUTCOMES, 'Only these.'),
        since: {
          type: 'string',
          pattern: '^[0-9]{1,16}$',
          'x-expected': 'ms since 1970',
          description: 'From then on, ms since 1970.',
        },
      },
      answer: {
        status: 200,
        schema: pageOf(object({ device: text('Id of the device.'), ...fields })),
      },
      async handle(request) {
        const { cursor, device, outcome, since } = request.query;
        const page = await kept(context).page({
          ...(cursor === undefined ? {} : { cursor }),
          ...(device === undefined ? {} : { device }),
          ...(outcome === undefined ? {} : { outcome }),
          ...(since === undefined ? {} : { since: Number(since) }),
          limit: limitOf(request),
        });
        return { status: 200, body: page };
      },
    },
    {
      method: 'POST',
      path: '/api/edge/self/events',
      access: 'self',
      operation: 'send-edge-events',
      summary:
        'Events of the device with this key, from the `from`th on. `place` says which is wanted next: what was taken already is not taken twice.',
      body: object(
        {
          from: count('Place of the first of them among all of the device.'),
          events: { ...list(event, 'In their order.'), maxItems: EDGE_LIMITS.events },
        },
        ['from', 'events'],
      ),
      answer: { status: 200, schema: object({ place: count('Which is wanted next.') }, ['place']) },
      async handle(request) {
        const device = await ownDevice(context, request);
        const { from, events } = request.body as { from: number; events: readonly EdgeEvent[] }; // as the schema has it
        const now = context.now();
        // A clock that is ahead would keep them forever.
        const told = events.map((one) => (one.at > now ? { ...one, at: now } : one));
        return { status: 200, body: { place: await kept(context).put(device.id, from, told) } };
      },
    },
  ];
}
