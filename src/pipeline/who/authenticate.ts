// Who calls. Keys are read from every place an SDK may put them, on every route: the vendors' SDKs changed places
// within a major version.

import { Buffer } from 'node:buffer';
import type { Call, StageResult } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { HeaderBag } from '../../contracts/headers.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { principalOf } from '../../governance/principal.ts';
import { credentialKind } from '../../governance/virtual-key.ts';
import { keyOfProtocols } from './socket-key.ts';

/** A gatehouse that was ended is back by then, and a database looked after. */
const UNKNOWN_RETRY_MS = 1_000;

/** Ours alone: the usual places may hold a credential for the vendor, which then goes on to it (caller-credential.ts). */
export const GATE_KEY = 'x-headgate-key';
const PLACES = ['x-api-key', 'api-key', 'x-goog-api-key'] as const;

/** Sets `call.principal`. A request may carry several credentials (an SDK's default beside ours): the first known one counts. */
export function authenticate(call: Call): StageResult {
  const { snapshot, head } = call;
  let given = '';
  const own = head.headers.get(GATE_KEY);
  if (own !== undefined && own !== '') {
    call.principal = snapshot.identify(own);
    // Who names a key here means this one: what stands elsewhere is the vendor's.
    return call.principal !== null ? 'continue' : (stranger(own, snapshot) ?? anonymous(call));
  }
  const bearer = bearerOf(head.headers);
  if (bearer !== '') {
    given = bearer;
    call.principal = snapshot.identify(bearer);
    if (call.principal !== null) return 'continue';
  }
  for (const place of PLACES) {
    const value = head.headers.get(place);
    if (value === undefined || value === '') continue;
    given = value;
    call.principal = snapshot.identify(value);
    if (call.principal !== null) return 'continue';
  }
  const offered = keyOfProtocols(head.headers.get('sec-websocket-protocol'));
  if (offered !== '') {
    given = offered;
    call.principal = snapshot.identify(offered);
    if (call.principal !== null) return 'continue';
  }
  const query = queryKey(head.query);
  if (query !== '') {
    given = query;
    call.principal = snapshot.identify(query);
    if (call.principal !== null) return 'continue';
  }
  return certified(call, given) ?? stranger(given, snapshot) ?? anonymous(call);
}

/** Null: no certificate speaks for the caller. A key that is known goes before it; one that SDKs ask for and nobody knows does not. */
function certified(call: Call, given: string): StageResult | null {
  const certificates = call.snapshot.certificates ?? null;
  if (certificates === null) return null;
  // A key of ours that is revoked stays refused.
  if (given !== '' && credentialKind(given) !== null) return null;
  const shown = call.head.peer?.certificate?.() ?? null;
  if (shown === null) return null;
  const found = certificates.of(shown);
  if (found === null || found instanceof GatewayError) return found;
  call.principal = found;
  return 'continue';
}

/** Null: a caller without a name, where those are served. */
function stranger(given: string, { config, knowsAll }: Snapshot): GatewayError | null {
  // A key of ours that is revoked, or one of an administrator, is no anonymous caller: it is refused by what it is.
  const ours = given !== '' && credentialKind(given) !== null;
  if (config.auth.anonymous && !ours) return null;
  // The store cannot be asked: a key that is not known may be good.
  if (given !== '' && knowsAll?.() === false)
    return new GatewayError('GW_CALLER_UNKNOWN', { retryAfterMs: UNKNOWN_RETRY_MS });
  return new GatewayError('GW_CLIENT_AUTH', {
    message:
      given !== ''
        ? 'The API key is not known to this gateway.'
        : 'No API key was given. Send it as `Authorization: Bearer <key>` or in `x-api-key`.',
  });
}

function anonymous(call: Call): StageResult {
  call.principal = ANONYMOUS;
  return 'continue';
}

const ANONYMOUS = principalOf({ name: 'anonymous' });

/** Whether a scrape of the metrics presents their key: as Bearer or as the password of Basic, both of which Prometheus sends. */
export function mayScrape(call: Call): boolean {
  const { identifyScraper } = call.snapshot;
  if (identifyScraper === null) return true;
  const { headers } = call.head;
  const credential = bearerOf(headers) || passwordOf(headers);
  return credential !== '' && identifyScraper(credential) !== null;
}

function passwordOf(headers: HeaderBag): string {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1];
  const pair = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

/** `?key=`, as Google's APIs take it. The query is never logged, and never goes on to a provider. */
function queryKey(query: string): string {
  return query.includes('key=') ? (new URLSearchParams(query).get('key') ?? '') : '';
}

/** The credential behind `Bearer`; '' = there is none. */
export function bearerOf(headers: HeaderBag): string {
  const value = headers.get('authorization');
  if (value === undefined || value.length < 8) return '';
  return value.slice(0, 7).toLowerCase() === 'bearer ' ? value.slice(7).trim() : '';
}
