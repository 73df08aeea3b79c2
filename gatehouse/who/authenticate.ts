// Who makes a call: by a credential of ours or by the cookie of a session. An administrator's credential is looked up among
// those of administrators alone, a virtual key among virtual keys: neither ever stands for the other.
import type { IncomingHttpHeaders } from 'node:http';
import type { Store, StoredObject } from '../../src/contracts/store.ts';
import type { Administrator, Role } from '../../src/governance/roles.ts';
import { credentialHash, credentialKind } from '../../src/governance/virtual-key.ts';
import { ApiError } from '../errors/api-error.ts';
import type { GatehouseKeys } from '../keep/keys.ts';
import { type Actor, NOBODY } from './actor.ts';
import type { Sessions } from './sessions.ts';

export const COOKIE = 'headgate_session';
export const CSRF_HEADER = 'x-csrf-token';

export interface Caller {
  readonly actor: Actor;
  /** As it was shown; '' = none. */
  readonly credential: string;
  /** Value of the session's cookie; '' = none. */
  readonly cookie: string;
}

export interface AuthenticateDeps {
  readonly store: Store;
  readonly keys: GatehouseKeys;
  readonly sessions: Sessions;
  now(): number;
}

/** @throws ApiError 401 for a credential that is not known, 403 for a call that another page may have made. */
export function createAuthenticate(deps: AuthenticateDeps) {
  const { store, keys, sessions } = deps;

  async function byCredential(credential: string): Promise<Actor> {
    switch (credentialKind(credential)) {
      case 'token':
      case 'setup': {
        const token = await store.byLookup('token', credentialHash(keys.adminToken, credential));
        if (token === null || over(token, deps.now())) throw unknown();
        if (token.data['setup'] === true) return { kind: 'setup', name: 'setup' };
        const admin = await store.get('admin', String(token.data['admin']));
        if (admin === null || admin.data['blocked'] === true) throw unknown();
        const scopes = token.data['scopes'];
        return {
          kind: 'admin',
          name: `token:${admin.name}/${String(token.data['label'] ?? token.name)}`,
          id: admin.id,
          administrator: administratorOf(admin, Array.isArray(scopes) ? scopes.map(String) : null),
          session: null,
        };
      }
      default: {
        const key = await store.byLookup('key', credentialHash(keys.virtualKey, credential));
        if (key === null) throw unknown(NO_KEY);
        return { kind: 'key', name: `key:${key.name}`, id: key.id };
      }
    }
  }

  async function bySession(cookie: string): Promise<Actor> {
    const session = await sessions.find(cookie);
    if (session === null) throw unknown('The session is over: log in again.');
    const admin = await store.get('admin', String(session.data['admin']));
    if (admin === null || admin.data['blocked'] === true) throw unknown();
    return {
      kind: 'admin',
      name: `admin:${admin.name}`,
      id: admin.id,
      administrator: administratorOf(admin, null),
      session: session.id,
    };
  }

  return async (method: string, headers: IncomingHttpHeaders): Promise<Caller> => {
    const credential = bearerOf(headers);
    // A program's credential goes before a cookie that a browser adds by itself.
    if (credential !== '') return { actor: await byCredential(credential), credential, cookie: '' };
    const cookie = cookieOf(headers, COOKIE);
    if (cookie === '') return { actor: NOBODY, credential: '', cookie: '' };
    if (method !== 'GET' && method !== 'HEAD') {
      const site = headers['sec-fetch-site'];
      const token = headers[CSRF_HEADER];
      const foreign = typeof site === 'string' && site !== 'same-origin' && site !== 'none';
      if (foreign || typeof token !== 'string' || !sessions.isCsrf(cookie, token))
        throw new ApiError(
          403,
          'csrf',
          `A call with a session's cookie needs its token in \`${CSRF_HEADER}\`.`,
        );
    }
    return { actor: await bySession(cookie), credential: '', cookie };
  };
}

export type Authenticate = ReturnType<typeof createAuthenticate>;

export function administratorOf({ data }: StoredObject, scopes: readonly string[] | null): Administrator {
  const teams = data['teams'];
  return {
    role: data['role'] as Role, // checked by the schema when it was written
    teams: Array.isArray(teams) ? teams.map(String) : [],
    scopes,
  };
}

function over({ data }: StoredObject, now: number): boolean {
  const until = data['until'];
  return typeof until === 'number' && until <= now;
}

/** A rotated key's old credential goes on calling models for a while. */
const NO_KEY =
  'The key is not known to the administration of this gateway. One that was rotated is known here by its newest credential.';

function unknown(message = 'The credential is not known to the administration of this gateway.'): ApiError {
  return new ApiError(401, 'unauthenticated', message, { headers: { 'www-authenticate': 'Bearer' } });
}

/** The credential a program shows; '' = none. */
export function bearerOf(headers: IncomingHttpHeaders): string {
  const found = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  const plain = headers['x-api-key'];
  return found ?? (typeof plain === 'string' ? plain.trim() : '');
}

/** Value of a cookie; '' = it was not sent. */
export function cookieOf({ cookie = '' }: IncomingHttpHeaders, name: string): string {
  for (const part of cookie.split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return '';
}
