// Who shares answers with whom, as one text. Nothing of it comes from a body, but for the end user of a key who can only part
// that key's answers further.
import type { CacheLabels, CacheScope } from '../contracts/cache.ts';
import type { Principal } from '../contracts/principal.ts';

/** @returns a text that is the same for two callers only if they share. Who belongs to none of the kind shares with nobody. */
export function scopeOf(
  scope: CacheScope,
  principal: Pick<Principal, 'id' | 'organization' | 'team' | 'user'>,
  customer: string | null,
): string {
  switch (scope) {
    case 'all':
      return 'all';
    case 'organization':
    case 'team':
    case 'user': {
      const of = principal[scope];
      return of === null ? `key ${principal.id}` : `${scope} ${of}`;
    }
    case 'customer':
      return customer === null
        ? `key ${principal.id}`
        : `key ${principal.id.length} ${principal.id} ${customer}`;
    case 'key':
      return `key ${principal.id}`;
  }
}

/** Of whom an answer was made for: as `scopeOf` of that caller. */
export function scopeOfLabels(scope: CacheScope, labels: CacheLabels): string {
  return scopeOf(scope, { ...labels, id: labels.key }, labels.customer);
}

/** What an entry can be purged by. */
export function labelsOf(principal: Principal, customer: string | null, model: string): CacheLabels {
  const { id, organization, team, user, project, tags } = principal;
  return { key: id, organization, team, user, customer, project, tags, model };
}
