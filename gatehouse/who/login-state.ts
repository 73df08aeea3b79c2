// A login that is on its way to the provider and back, as its browser carries it: signed, for a few minutes, with where to go
// afterwards. Nonce and proof are made of the state with a key of ours, so that nobody who reads the cookie or the address
// knows them, and any gateway with the same master key can finish what another began.
//
//   <state>.<ms since 1970 when it is over>.<path, base64url>.<HMAC of what stands before, base64url>
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LoginChecks } from './oidc-client.ts';

/** Long enough to find a phone and type a code. */
export const LOGIN_MS = 600_000;
export const LOGIN_COOKIE = 'headgate_login';

export interface BegunLogin extends LoginChecks {
  /** Path of the page to go to. */
  readonly goTo: string;
}

export interface LoginStates {
  /** @returns what to ask the provider with, and the cookie's value */
  begin(goTo: string): { login: BegunLogin; cookie: string };
  /** Null: not ours, altered, or over. */
  read(cookie: string): BegunLogin | null;
}

export interface LoginStateDeps {
  readonly key: Buffer;
  randomBytes(size: number): Buffer;
  /** ms since 1970. */
  now(): number;
}

export function createLoginStates({ key, randomBytes, now }: LoginStateDeps): LoginStates {
  const mac = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  const loginOf = (state: string, goTo: string): BegunLogin => ({
    state,
    nonce: mac(`nonce ${state}`),
    verifier: mac(`verifier ${state}`),
    goTo,
  });
  return {
    begin(goTo) {
      const state = randomBytes(24).toString('base64url');
      const text = `${state}.${now() + LOGIN_MS}.${Buffer.from(goTo).toString('base64url')}`;
      return { login: loginOf(state, goTo), cookie: `${text}.${mac(`cookie ${text}`)}` };
    },
    read(cookie) {
      const [state, until, goTo, sealed, ...more] = cookie.split('.');
      if (state === undefined || until === undefined || goTo === undefined || sealed === undefined)
        return null;
      const wanted = Buffer.from(mac(`cookie ${state}.${until}.${goTo}`));
      const given = Buffer.from(sealed);
      if (more.length > 0 || wanted.length !== given.length || !timingSafeEqual(wanted, given)) return null;
      if (Number(until) <= now()) return null;
      return loginOf(state, Buffer.from(goTo, 'base64url').toString('utf8'));
    },
  };
}
