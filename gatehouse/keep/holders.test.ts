import { expect, it } from 'vitest';
import type { ObjectKind, StoredData, StoredObject } from '../../src/contracts/store.ts';
import { createBelongings, type FindOwner, holderOf, issuedRows } from './holders.ts';

const object = (kind: ObjectKind, id: string, data: StoredData): StoredObject => ({
  kind,
  id,
  name: `name of ${id}`,
  version: 1,
  revision: 1,
  lookup: null,
  createdAt: 0,
  updatedAt: 0,
  data,
});
const finder = (...objects: StoredObject[]): FindOwner => {
  return (kind, id) => objects.find((one) => one.kind === kind && one.id === id) ?? null;
};

it('a key has what it says and what its user, team and organization say, each as a grant of its own', () => {
  const find = finder(
    object('organization', 'o', { models: ['!secret*'], tags: ['org'] }),
    object('team', 't', { organization: 'o', ips: ['10.0.0.0/8'] }),
    object('user', 'u', { team: 't', tags: ['org', 'person'] }),
  );
  const holder = holderOf(
    object('key', 'k', { user: 'u', models: ['openai/*'], expiresAt: '2027-01-01T00:00:00Z' }),
    find,
  );
  expect(holder).toMatchObject({
    id: 'k',
    name: 'name of k',
    organization: 'name of o',
    team: 'name of t',
    user: 'name of u',
    tags: ['org', 'person'],
    expiresAtMs: Date.UTC(2027, 0, 1),
  });
  expect(holder.grants).toEqual(
    expect.arrayContaining([{ models: ['openai/*'] }, { models: ['!secret*'] }, { ips: ['10.0.0.0/8'] }]),
  );
  expect(holder.blocked).toBeUndefined();
});

it('a blocked team blocks its keys, and an empty list is a grant of nothing', () => {
  const key = object('key', 'k', { team: 't', models: [] });
  expect(holderOf(key, finder(object('team', 't', { blocked: true })))).toMatchObject({
    blocked: true,
    grants: [{ models: [] }],
  });
});

it('while a rotated key has grace it has two rows, and the older ends with it, or with the key', () => {
  const secret = { current: 'new', previous: { hash: 'old', untilMs: 5_000 } };
  const rows = issuedRows(object('key', 'k', { secret }), createBelongings(finder()));
  expect(rows.map(([hash, text]) => [hash, JSON.parse(text).expiresAtMs])).toEqual([
    ['new', undefined],
    ['old', 5_000],
  ]);
  const early = object('key', 'k', { secret, expiresAt: '1970-01-01T00:00:01Z' });
  expect(JSON.parse(issuedRows(early, createBelongings(finder()))[1]![1]).expiresAtMs).toBe(1_000);
});
