// The cookie of a session.
import { COOKIE } from '../who/authenticate.ts';
import { SESSION_MS } from '../who/sessions.ts';

/** Strict: no other site's page ever sends it. @param value '' = takes it away */
export function sessionCookie(value: string, secure: boolean): string {
  const seconds = value === '' ? 0 : SESSION_MS / 1_000;
  const parts = [`${COOKIE}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${seconds}`];
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
}
