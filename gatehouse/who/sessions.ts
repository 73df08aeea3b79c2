// Sessions of administrators in a browser: a random id in a cookie, its hash in the store. Other pages cannot use them:
// the cookie is for this site alone, and what changes something needs a token that only its page can read.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store, StoredObject } from '../../src/contracts/store.ts';
import type { GatehouseKeys } from '../keep/keys.ts';

/** Without a word for so long it is over. */
export const SESSION_MS = 12 * 3_600_000;

export interface Sessions {
  /** The cookie's value; shown once. */
  begin(adminId: string): Promise<{ cookie: string; csrf: string; id: string }>;
  /** Null: unknown, or over. */
  find(cookie: string): Promise<StoredObject | null>;
  /** Token for calls that change something. */
  csrfOf(cookie: string): string;
  isCsrf(cookie: string, token: string): boolean;
  end(id: string): Promise<void>;
  /** All of one administrator, as after a change of the password. */
  endAll(adminId: string): Promise<void>;
}

export interface SessionDeps {
  readonly store: Store;
  readonly keys: Pick<GatehouseKeys, 'session' | 'csrf'>;
  id(kind: 'session'): string;
  now(): number;
}

export function createSessions({ store, keys, id, now }: SessionDeps): Sessions {
  const hashOf = (cookie: string): string =>
    createHmac('sha256', keys.session).update(cookie).digest('base64url');
  const csrfOf = (cookie: string): string =>
    createHmac('sha256', keys.csrf).update(cookie).digest('base64url');
  return {
    async begin(admin) {
      const cookie = randomBytes(32).toString('base64url');
      const session = id('session');
      await store.commit(
        [
          {
            op: 'create',
            kind: 'session',
            id: session,
            name: session,
            lookup: hashOf(cookie),
            data: { admin, until: now() + SESSION_MS },
          },
        ],
        null,
      );
      return { cookie, csrf: csrfOf(cookie), id: session };
    },
    async find(cookie) {
      const found = await store.byLookup('session', hashOf(cookie));
      return found !== null && Number(found.data['until']) > now() ? found : null;
    },
    csrfOf,
    isCsrf(cookie, token) {
      const wanted = Buffer.from(csrfOf(cookie));
      const given = Buffer.from(token);
      return wanted.length === given.length && timingSafeEqual(wanted, given);
    },
    async end(session) {
      await store.commit([{ op: 'delete', kind: 'session', id: session, from: null }], null);
    },
    async endAll(admin) {
      for (;;) {
        const { items } = await store.list({ kind: 'session', where: { admin }, limit: 100 });
        if (items.length === 0) return;
        await store.commit(
          items.map(
            ({ id: session }) => ({ op: 'delete', kind: 'session', id: session, from: null }) as const,
          ),
          null,
        );
      }
    },
  };
}
