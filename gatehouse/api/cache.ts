// Kept answers: how many there are, and which are to go (docs/cache.md).
import type { CachePurge } from '../../src/contracts/cache.ts';
import type { CacheTold } from '../../src/contracts/cache-view.ts';
import { ApiError } from '../errors/api-error.ts';
import { type ApiContext, eventOf } from './context.ts';
import { object, text, whole } from './fields.ts';
import type { ApiRoute } from './route.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const PARTS = ['id', 'key', 'tag', 'tenant', 'model'] as const;
const filters = {
  id: text('Of one answer, as `x-headgate-cache` says it.'),
  key: text('Id of a key.'),
  tag: text('A tag of the key.'),
  tenant: text('Id of an organization, team, user, customer or project.'),
  model: text('A model or an alias, or `provider/model` of who answered.'),
};

export function cacheRoutes(context: ApiContext): ApiRoute[] {
  const { store, ask } = context;
  return [
    {
      method: 'GET',
      path: '/api/cache',
      access: { resource: 'cache', verb: 'read' },
      operation: 'get-cache',
      summary: 'How many answers the workers keep. What they saved: the metrics and /api/stats.',
      answer: {
        status: 200,
        schema: object({
          entries: whole(0, MOST, 'In the memory of the workers.'),
          bytes: whole(0, MOST, 'Memory they take.'),
        }),
      },
      async handle() {
        const { entries, bytes } = (await ask({ do: 'cache', wanted: null })) as CacheTold; // what the primary answers to this
        return { status: 200, body: { entries, bytes } };
      },
    },
    {
      method: 'DELETE',
      path: '/api/cache',
      access: { resource: 'cache', verb: 'delete' },
      operation: 'purge-cache',
      summary:
        'Forgets answers that fit all that is stated: `all=true` for every one. 503 where Redis could not be asked: the workers have forgotten theirs then.',
      query: { ...filters, all: text('`true`: every answer.') },
      answer: { status: 200, schema: object({ purged: whole(0, MOST, 'Answers that went.') }) },
      async handle(request) {
        const wanted: CachePurge = {};
        for (const part of PARTS) if (request.query[part] !== undefined) wanted[part] = request.query[part];
        if (Object.keys(wanted).length === 0 && request.query['all'] !== 'true')
          throw new ApiError(400, 'nothing_named', 'Name what is to go, or say `all=true`.');
        const { gone, missed } = (await ask({ do: 'cache', wanted })) as CacheTold; // as above
        await store.commit(
          [],
          eventOf(context, request, { action: 'cache.purge', target: `cache/${describe(wanted)}` }),
        );
        if (missed)
          throw new ApiError(
            503,
            'not_purged',
            'Not all could be asked: what Redis or a worker that did not answer keeps is still there. Purge again.',
            { headers: { 'retry-after': '5' } },
          );
        return { status: 200, body: { purged: gone } };
      },
    },
  ];
}

function describe(wanted: CachePurge): string {
  return (
    PARTS.flatMap((part) => (wanted[part] === undefined ? [] : `${part}=${wanted[part]}`)).join(',') || 'all'
  );
}
