// The way to a first administrator: a token that is printed when the gateway starts and nobody administers it yet. It works
// once, and from the moment there is an administrator not at all.
import { randomBytes } from 'node:crypto';
import type { Store } from '../../src/contracts/store.ts';
import { credentialHash, issueCredential } from '../../src/governance/virtual-key.ts';
import type { GatehouseKeys } from '../keep/keys.ts';

/** Gateways that share a store print one each. */
const MAX_TOKENS = 8;

/** Null: there is an administrator. */
export async function offerSetupToken(
  store: Store,
  keys: GatehouseKeys,
  id: (kind: 'token') => string,
): Promise<string | null> {
  // Who may look and no more cannot make anybody an administrator.
  const { items: admins } = await store.list({ kind: 'admin', where: { role: 'admin' }, limit: 1 });
  if (admins.length > 0) return null;
  const { items } = await store.list({ kind: 'token', where: { setup: true }, limit: 100 });
  const old = items.slice(0, Math.max(0, items.length - MAX_TOKENS + 1));
  const token = issueCredential('setup', randomBytes);
  const made = id('token');
  await store.commit(
    [
      ...old.map(({ id: one }) => ({ op: 'delete', kind: 'token', id: one, from: null }) as const),
      {
        op: 'create',
        kind: 'token',
        id: made,
        name: made,
        lookup: credentialHash(keys.adminToken, token),
        data: { setup: true },
      },
    ],
    null,
  );
  return token;
}
