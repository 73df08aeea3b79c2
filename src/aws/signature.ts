// Signature Version 4, as AWS signs requests and Bedrock's clients sign theirs (wire.md 5.2). Pure: it is told the time.
import { createHash, createHmac, hash } from 'node:crypto';
import type { RequestBody } from '../contracts/upstream.ts';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** What of a request is signed. */
export interface SignedRequest {
  method: string;
  /** Path as it stands on the wire, percent-encoded once. */
  path: string;
  /** Query as it stands on the wire, without `?`. */
  query: string;
  /** The signed headers, lower-case names in rising order, values as they stand on the wire. */
  headers: readonly (readonly [name: string, value: string])[];
  /** SHA-256 of the body in hex. */
  bodyHash: string;
}

/** Whose key signs what, where and when. */
export interface Scope {
  /** `YYYYMMDD`. */
  day: string;
  region: string;
  service: string;
}

/** `YYYYMMDD/region/service/aws4_request`. */
export function scopeText({ day, region, service }: Scope): string {
  return `${day}/${region}/${service}/aws4_request`;
}

/** The signature in hex. @param key of `signingKey`. @param time `YYYYMMDDTHHMMSSZ`. */
export function signatureOf(request: SignedRequest, scope: Scope, time: string, key: Buffer): string {
  const canonical = hash('sha256', canonicalRequest(request, scope.service === 's3'), 'hex');
  const text = `${ALGORITHM}\n${time}\n${scopeText(scope)}\n${canonical}`;
  return createHmac('sha256', key).update(text).digest('hex');
}

/** The key of one day, region and service. Four HMACs: callers keep it. */
export function signingKey(secretAccessKey: string, { day, region, service }: Scope): Buffer {
  const chain = (key: string | Buffer, text: string): Buffer =>
    createHmac('sha256', key).update(text).digest();
  return chain(chain(chain(chain(`AWS4${secretAccessKey}`, day), region), service), 'aws4_request');
}

/** SHA-256 in hex of a body that may lie in pieces. */
export function bodyHashOf(body: RequestBody | null): string {
  if (body === null) return hash('sha256', '', 'hex');
  if (Buffer.isBuffer(body)) return hash('sha256', body, 'hex');
  const digest = createHash('sha256');
  for (const piece of body.pieces()) digest.update(piece);
  return digest.digest('hex');
}

/** `YYYYMMDDTHHMMSSZ`. @param wallMs ms since 1970. */
export function timeText(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** ms since 1970 of such a time; null when it is none. */
export function timeOf(text: string): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? null : time;
}

function canonicalRequest({ method, path, query, headers, bodyHash }: SignedRequest, asIs: boolean): string {
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, ' ')}\n`);
  const names = headers.map(([name]) => name).join(';');
  return `${method}\n${asIs ? path : canonicalPath(path)}\n${canonicalQuery(query)}\n${lines.join('')}\n${names}\n${bodyHash}`;
}

// Without empty and dot segments, and encoded once more than it is on the wire; S3 alone takes it as it is.
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encoded(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      return `${encoded(decoded(name))}=${encoded(decoded(value))}`;
    })
    .sort()
    .join('&');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A segment of a path, or a part of a query, as AWS writes it. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
