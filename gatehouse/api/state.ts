// A copy of the store.
import path from 'node:path';
import { ApiError } from '../errors/api-error.ts';
import type { ApiContext } from './context.ts';
import { object, text } from './fields.ts';
import type { ApiRoute } from './route.ts';

export function stateRoutes(context: ApiContext): ApiRoute[] {
  const { store } = context;
  return [
    {
      method: 'POST',
      path: '/api/backup',
      access: { resource: 'config', verb: 'update' },
      operation: 'make-backup',
      summary: 'A whole and consistent copy of the store, beside it in the data folder.',
      answer: {
        status: 201,
        schema: object({ file: text('Path of the copy on the gateway’s machine.') }, ['file']),
      },
      async handle() {
        if (store.shared)
          throw new ApiError(
            409,
            'not_here',
            'The store lies in PostgreSQL: use its own tools (pg_dump, snapshots).',
          );
        const time = new Date(context.now()).toISOString().replace(/[:.]/g, '-');
        const file = path.join(context.dataDir, 'backups', `headgate-${time}.db`);
        await store.backup(file);
        return { status: 201, body: { file } };
      },
    },
  ];
}
