// The master key: which one seals, and another one in its place.
import { reseal } from '../keep/reseal.ts';
import { type ApiContext, eventOf } from './context.ts';
import { choice, flag, object, text, whole } from './fields.ts';
import type { ApiRoute } from './route.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const shownFields = {
  keyId: text('Names the master key that seals; 8 hexadecimal digits, which tell nothing of it.'),
  from: choice(
    ['file', 'environment'],
    'Where the master keys come from: `master.key` in the data folder, or HEADGATE_MASTER_KEY.',
  ),
  masterKeys: whole(1, MOST, 'How many there are: all of them open, the newest seals.'),
};

export function secretRoutes(context: ApiContext): ApiRoute[] {
  const { keys, store } = context;
  const shown = () => ({
    keyId: keys.envelopes.keyId,
    from: keys.master.from,
    masterKeys: keys.master.count(),
  });
  return [
    {
      method: 'GET',
      path: '/api/secrets',
      access: { resource: 'config', verb: 'update' },
      operation: 'get-secrets',
      summary: 'The master key that secrets at rest are sealed with.',
      answer: { status: 200, schema: object(shownFields, ['keyId', 'from', 'masterKeys']) },
      handle: async () => ({ status: 200, body: shown() }),
    },
    {
      method: 'POST',
      path: '/api/secrets/rotate',
      access: { resource: 'config', verb: 'update' },
      operation: 'rotate-secrets',
      summary:
        'A new master key where they are in a file, and every secret of the store wrapped with the newest one. With HEADGATE_MASTER_KEY put a new key in front, restart every gateway, then call this.',
      answer: {
        status: 200,
        schema: object(
          {
            ...shownFields,
            made: flag('A new master key was made.'),
            resealed: whole(0, MOST, 'Secrets that were wrapped anew.'),
            lost: whole(0, MOST, 'Secrets that none of the master keys opens.'),
          },
          ['keyId', 'from', 'masterKeys', 'made', 'resealed', 'lost'],
        ),
      },
      async handle(request) {
        const before = keys.envelopes.keyId;
        const made = keys.master.renew();
        const done = await reseal(store, keys.envelopes);
        const after = { keyId: keys.envelopes.keyId, ...done };
        const deed = { action: 'secrets.rotate', target: '', before: { keyId: before }, after };
        await store.commit([], eventOf(context, request, deed));
        return { status: 200, body: { ...shown(), made, ...done } };
      },
    },
  ];
}
