// Who reads the log: whether there is one, and what of it they may see.
import type { LogReads } from '../../src/contracts/log-store.ts';
import type { Store } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Actor } from '../who/actor.ts';

/** @throws ApiError 404 where no log is kept. */
export function logOf({ logs }: { logs(): LogReads | null }): LogReads {
  const log = logs();
  if (log === null)
    throw new ApiError(404, 'log_off', 'No request log is kept here: it is switched off (`log.requests`).');
  return log;
}

/** Names of the teams whose calls may be seen; null = all calls. */
export async function teamsOf(
  { store }: { readonly store: Pick<Store, 'get'> },
  actor: Actor,
): Promise<readonly string[] | null> {
  if (actor.kind !== 'admin' || actor.administrator.role !== 'team-admin') return null;
  const { teams } = actor.administrator;
  const named = await Promise.all(teams.map((id) => store.get('team', id)));
  return named.flatMap((team) => team?.name ?? []);
}
