// Cross-origin answers. With keys any origin may call (a key is the right to call, cookies are never used); a gateway
// that asks for no key answers only pages served from this machine, or any web page could spend the operator's money.
import type { RequestHead } from '../../contracts/call.ts';
import type { Route } from '../../contracts/route.ts';
import type { HeaderList } from '../../contracts/sink.ts';

const EXPOSED =
  'x-request-id, request-id, retry-after, retry-after-ms, x-should-retry, www-authenticate, server-timing, ' +
  'x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, ' +
  'x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, ' +
  'x-headgate-provider, x-headgate-model, x-headgate-attempts, x-headgate-fallback, x-headgate-overhead-us, ' +
  'x-headgate-dropped, x-headgate-adapted, x-headgate-estimated';

const LOOPBACK = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

export interface Cors {
  /** Whether a page of this origin may call. */
  allows(origin: string): boolean;
  /** Headers of an ordinary answer to a request with this `origin`; [] when the origin is not allowed. */
  answer(origin: string): HeaderList;
  /** Headers of the answer to a preflight. */
  preflight(origin: string, requestedHeaders: string | undefined): HeaderList;
}

/** @param origins `*`, `loopback`, or exact origins. */
export function createCors(origins: readonly string[]): Cors {
  const any = origins.includes('*');
  const loopback = origins.includes('loopback');
  const allowed = (origin: string): boolean =>
    any || origins.includes(origin) || (loopback && LOOPBACK.test(origin));
  const allow = (origin: string): [string, string][] =>
    any
      ? [['access-control-allow-origin', '*']]
      : [
          ['access-control-allow-origin', origin],
          ['vary', 'origin'],
        ];
  return {
    allows: allowed,
    answer: (origin) =>
      allowed(origin) ? [...allow(origin), ['access-control-expose-headers', EXPOSED]] : [],
    preflight: (origin, requested) =>
      allowed(origin)
        ? [
            ...allow(origin),
            ['access-control-allow-methods', 'GET, HEAD, POST, OPTIONS'],
            ['access-control-allow-headers', cleanList(requested)],
            ['access-control-max-age', '86400'],
          ]
        : [],
  };
}

/** What the browser asked for, echoed only if it is a plain list of header names. */
function cleanList(requested: string | undefined): string {
  return requested !== undefined && /^[\w\-, ]{1,2000}$/.test(requested) ? requested : '*';
}

/** The page a call comes from. Health and metrics are for operators' tools: no page of the web is let read them. */
export function originOf(route: Route, head: RequestHead): string | undefined {
  return route.open ? undefined : head.headers.get('origin');
}
