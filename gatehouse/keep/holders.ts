// From a key in the store, and what it belongs to, to the holder that workers know: its rows, one for each credential that
// holds. Pure.
import type { IssuedRow } from '../../src/contracts/gatehouse-ipc.ts';
import type { Grant, Holder, Priority } from '../../src/contracts/holder.ts';
import type { BriefObject, StoredData, StoredObject, StoredValue } from '../../src/contracts/store.ts';
import type { CredentialHashes } from '../../src/governance/virtual-key.ts';
import { OWNER_KINDS, type OwnerKind, ownLimitsOf } from './limits.ts';

/** Objects by kind and id. */
export type FindOwner = (kind: OwnerKind, id: string) => StoredObject | null;

/** Of an object of kind `key`. */
export function hashesOf({ data }: Pick<StoredObject, 'data'>): CredentialHashes {
  const secret = data['secret'] as { current: string; previous: { hash: string; untilMs: number } | null }; // written by api/keys.ts
  return { current: secret.current, previous: secret.previous };
}

export function issuedRows(key: BriefObject, belongings: Belongings): IssuedRow[] {
  const holder = holderWith(key, belongings(key.data));
  const { current, previous } = hashesOf(key);
  const rows: IssuedRow[] = [[current, JSON.stringify(holder)]];
  if (previous !== null) {
    const { untilMs } = previous;
    const over = holder.expiresAtMs === undefined ? untilMs : Math.min(untilMs, holder.expiresAtMs);
    rows.push([previous.hash, JSON.stringify({ ...holder, expiresAtMs: over })]);
  }
  return rows;
}

export function holderOf(key: BriefObject, find: FindOwner): Holder {
  return holderWith(key, createBelongings(find)(key.data));
}

/** What a key has of those it belongs to. */
interface Belonging {
  readonly names: Partial<Record<OwnerKind, string>>;
  readonly grants: readonly Grant[];
  readonly tags: readonly string[];
  readonly blocked: boolean;
}

export type Belongings = (data: StoredData) => Belonging;

const MAX_KEPT = 1_000;

/** Thousands of keys belong to the same few: what those say is put together once. @param find of owners that do not change meanwhile */
export function createBelongings(find: FindOwner): Belongings {
  const kept = new Map<string, Belonging>();
  return (data) => {
    let place = '';
    for (const kind of OWNER_KINDS) place += `${String(data[kind] ?? '')} `;
    const known = kept.get(place);
    if (known !== undefined) return known;
    const made = belongingOf(data, find);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(place, made);
    return made;
  };
}

function belongingOf(data: StoredData, find: FindOwner): Belonging {
  const owners = ownersOf(data, find);
  const said = [...owners.values()].map((owner) => owner.data);
  const names: Partial<Record<OwnerKind, string>> = {};
  for (const kind of OWNER_KINDS) {
    const owner = owners.get(kind);
    if (owner !== undefined) names[kind] = owner.name;
  }
  return {
    names,
    grants: said.map(grantOf).filter((grant) => grant !== null),
    tags: said.flatMap((one) => texts(one['tags']) ?? []),
    blocked: said.some((one) => one['blocked'] === true),
  };
}

/** Its name stands first: it is looked for there (governance/issued-frame.ts). */
function holderWith(
  { id, name, version, data }: BriefObject,
  { names, grants, tags, blocked }: Belonging,
): Holder {
  const own = grantOf(data);
  const allGrants = own === null ? grants : [own, ...grants];
  const allTags = [...(texts(data['tags']) ?? []), ...tags];
  return {
    name,
    id,
    ...names,
    ...(allTags.length === 0 ? {} : { tags: [...new Set(allTags)] }),
    ...optional('priority', data['priority'] as Priority | undefined), // a choice of the schema
    ...(data['service'] === true ? { service: true } : {}),
    ...(typeof data['expiresAt'] === 'string' ? { expiresAtMs: Date.parse(data['expiresAt']) } : {}),
    ...(blocked || data['blocked'] === true ? { blocked: true } : {}),
    ...(allGrants.length === 0 ? {} : { grants: allGrants }),
    ...optional('aliases', data['aliases'] as Record<string, string[]> | undefined), // as the schema has it
    ...optional('fallbacks', texts(data['fallbacks']) ?? undefined),
    ...optional('own', ownLimitsOf({ version, data })),
  };
}

/** What the key names, and what that belongs to: a user's team, a team's organization. What is named nearer counts. */
function ownersOf(key: StoredData, find: FindOwner): ReadonlyMap<OwnerKind, StoredObject> {
  const owners = new Map<OwnerKind, StoredObject>();
  const take = (data: StoredData): void => {
    for (const kind of OWNER_KINDS) {
      const id = data[kind];
      if (typeof id !== 'string' || owners.has(kind)) continue;
      const owner = find(kind, id);
      if (owner === null) continue;
      owners.set(kind, owner);
      take(owner.data);
    }
  };
  take(key);
  return owners;
}

const GRANTS = ['models', 'providers', 'endpoints', 'ips'] as const;

function grantOf(data: StoredData): Grant | null {
  let grant: Partial<Record<(typeof GRANTS)[number], string[]>> | null = null;
  for (const field of GRANTS) {
    const stated = texts(data[field]);
    if (stated === null) continue;
    grant ??= {};
    grant[field] = stated;
  }
  return grant;
}

function texts(value: StoredValue | undefined): string[] | null {
  return Array.isArray(value) ? value.map(String) : null;
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
