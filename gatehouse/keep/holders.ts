// From a key in the store, and what it belongs to, to the holder that workers know: its rows, one for each credential that
// holds. Pure.
import type { IssuedRow } from '../../src/contracts/gatehouse-ipc.ts';
import type { Grant, Holder, Priority } from '../../src/contracts/holder.ts';
import type { StoredData, StoredObject, StoredValue } from '../../src/contracts/store.ts';
import type { CredentialHashes } from '../../src/governance/virtual-key.ts';

/** Kinds that a key may belong to, each under the field of its name. */
export const OWNER_KINDS = ['organization', 'team', 'user', 'customer', 'project'] as const;
export type OwnerKind = (typeof OWNER_KINDS)[number];

/** Objects by kind and id. */
export type FindOwner = (kind: OwnerKind, id: string) => StoredObject | null;

/** Of an object of kind `key`. */
export function hashesOf({ data }: StoredObject): CredentialHashes {
  const secret = data['secret'] as { current: string; previous: { hash: string; untilMs: number } | null }; // written by api/keys.ts
  return { current: secret.current, previous: secret.previous };
}

export function issuedRows(key: StoredObject, find: FindOwner): IssuedRow[] {
  const holder = holderOf(key, find);
  const { current, previous } = hashesOf(key);
  const rows: IssuedRow[] = [[current, JSON.stringify(holder)]];
  if (previous !== null) {
    const { untilMs } = previous;
    const over = holder.expiresAtMs === undefined ? untilMs : Math.min(untilMs, holder.expiresAtMs);
    rows.push([previous.hash, JSON.stringify({ ...holder, expiresAtMs: over })]);
  }
  return rows;
}

export function holderOf(key: StoredObject, find: FindOwner): Holder {
  const owners = ownersOf(key, find);
  const { data } = key;
  const grants = [data, ...[...owners.values()].map((owner) => owner.data)]
    .map(grantOf)
    .filter((grant): grant is Grant => grant !== null);
  const tags = [data, ...[...owners.values()].map((owner) => owner.data)].flatMap(
    (one) => texts(one['tags']) ?? [],
  );
  const blocked = [data, ...[...owners.values()].map((owner) => owner.data)].some(
    (one) => one['blocked'] === true,
  );
  const named = (kind: OwnerKind): Partial<Record<OwnerKind, string>> => {
    const owner = owners.get(kind);
    return owner === undefined ? {} : { [kind]: owner.name };
  };
  return {
    name: key.name,
    id: key.id,
    ...named('organization'),
    ...named('team'),
    ...named('user'),
    ...named('customer'),
    ...named('project'),
    ...(tags.length === 0 ? {} : { tags: [...new Set(tags)] }),
    ...optional('priority', data['priority'] as Priority | undefined), // a choice of the schema
    ...(data['service'] === true ? { service: true } : {}),
    ...(typeof data['expiresAt'] === 'string' ? { expiresAtMs: Date.parse(data['expiresAt']) } : {}),
    ...(blocked ? { blocked: true } : {}),
    ...(grants.length === 0 ? {} : { grants }),
    ...optional('aliases', data['aliases'] as Record<string, string[]> | undefined), // as the schema has it
    ...optional('fallbacks', texts(data['fallbacks']) ?? undefined),
  };
}

/** What the key names, and what that belongs to: a user's team, a team's organization. What is named nearer counts. */
function ownersOf(key: StoredObject, find: FindOwner): ReadonlyMap<OwnerKind, StoredObject> {
  const owners = new Map<OwnerKind, StoredObject>();
  const take = ({ data }: StoredObject): void => {
    for (const kind of OWNER_KINDS) {
      const id = data[kind];
      if (typeof id !== 'string' || owners.has(kind)) continue;
      const owner = find(kind, id);
      if (owner === null) continue;
      owners.set(kind, owner);
      take(owner);
    }
  };
  take(key);
  return owners;
}

const GRANTS = ['models', 'providers', 'endpoints', 'ips'] as const;

function grantOf(data: StoredData): Grant | null {
  const stated = GRANTS.map((field) => [field, texts(data[field])] as const).filter(
    ([, value]) => value !== null,
  );
  return stated.length === 0 ? null : (Object.fromEntries(stated) as Grant);
}

function texts(value: StoredValue | undefined): string[] | null {
  return Array.isArray(value) ? value.map(String) : null;
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
