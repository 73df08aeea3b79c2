// What the holder of a key may know of it, asked with the key itself. A key of the file is known to workers alone: they are asked who it is.
import type { KeyView } from '../../src/contracts/standing.ts';
import type { StoredObject } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiContext } from './context.ts';
import { list, object, text } from './fields.ts';
import type { ApiAnswer, ApiRequest } from './route.ts';
import { standingSchema, standingView } from './standing-view.ts';
import { FILE_PREFIX } from './view.ts';

export const ownFields = {
  spend: object(standingSchema, [], 'How the budgets and limits stand that count its calls.'),
  usable: list(text(''), 'Models it may use now, of those that can be listed.'),
};

/** @param answer shows a key of the store. @throws ApiError 401, 503 */
export async function ownKey(
  context: ApiContext,
  { actor, credential }: ApiRequest,
  answer: (found: StoredObject, more: object) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const found = actor.kind === 'key' && actor.id !== '' ? await context.store.get('key', actor.id) : null;
  const view = (await context.ask({ do: 'worker', what: { do: 'key', credential } })) as KeyView | null; // as a worker answers
  if (view === null)
    throw new ApiError(401, 'unauthenticated', 'The key is not known to this gateway.', {
      headers: { 'www-authenticate': 'Bearer' },
    });
  const own = { spend: standingView(view.standings, context.now()), usable: view.models };
  if (found !== null) return answer(found, own);
  const { name, expiresAtMs, tags, blocked } = view;
  const { organization, team, user, customer, project } = view;
  const owners = Object.entries({ organization, team, user, customer, project }).filter(
    ([, of]) => of !== null,
  );
  return {
    status: 200,
    body: {
      id: `${FILE_PREFIX}${name}`,
      name,
      managed: 'file',
      ...Object.fromEntries(owners),
      ...(tags.length === 0 ? {} : { tags }),
      ...(blocked ? { blocked } : {}),
      ...(expiresAtMs === 0 ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }),
      ...own,
    },
  };
}
