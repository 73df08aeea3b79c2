// Which of a client's headers go on to a provider. What is the connection's own, a credential or a word about the way here
// ends at the gateway.
import type { HeaderBag } from '../../contracts/headers.ts';
import type { Raw } from '../../contracts/operation.ts';
import type { Target } from '../../contracts/plan.ts';

const NEVER: ReadonlySet<string> = new Set([
  'accept-encoding',
  'api-key',
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'origin',
  'priority',
  'proxy-authorization',
  'proxy-connection',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-api-key',
  'x-goog-api-key',
  // What a request may do, costs and tells is known by its method.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-real-ip',
  'x-request-id',
]);
const NEVER_BEGINNINGS = ['x-headgate-', 'x-forwarded-', 'x-envoy-', 'sec-', 'cf-'] as const;
/** Google's word for who pays: it goes with the login that it was said of, and with no other. */
export const QUOTA_PROJECT = 'x-goog-user-project';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** Of any request whose body goes on as it came. */
const ABOUT_THE_BODY = ['content-type', 'content-encoding', 'accept', 'range', 'if-none-match'] as const;

/**
 * Headers of a request that goes on as it came.
 *
 * @param shared what requests with that key carry, its credential among them; it is not written into.
 * @param decoded its body had a coding and has none any more.
 */
export function rawHeaders(
  shared: Readonly<Record<string, string>>,
  bag: HeaderBag,
  { dialect, provider, spoken }: Target,
  which: Raw['headers'],
  decoded: boolean,
): Record<string, string> {
  const made: Record<string, string> = { ...shared };
  // What its body is only its sender knows.
  delete made['content-type'];
  delete made['accept'];
  const nominated = nominatedByConnection(bag);
  const ours = spoken.auth.kind === 'header' ? spoken.auth.name : '';
  const wanted = [...ABOUT_THE_BODY, ...dialect.manner.forwardedHeaders];
  for (let i = 0; i < bag.count; i++) {
    const name = bag.nameAt(i);
    if (NEVER.has(name) || name === ours || nominated.has(name) || provider.headers[name] !== undefined)
      continue;
    if (decoded && name === 'content-encoding') continue;
    if (name === QUOTA_PROJECT && made[name] !== undefined) continue;
    const all = which === 'all' && !NEVER_BEGINNINGS.some((start) => name.startsWith(start));
    if (!all && !isForwarded(name, wanted)) continue;
    const value = bag.get(name)!;
    if (isPlain(value) && TOKEN.test(name)) made[name] = value;
  }
  return made;
}

/** @param forwarded whole names, and beginnings that end in `-`. */
export function isForwarded(name: string, forwarded: readonly string[]): boolean {
  for (const entry of forwarded) {
    if (entry.endsWith('-') ? name.startsWith(entry) : name === entry) return true;
  }
  return false;
}

const NO_NAMES: readonly string[] = [];

/** Names of the bag that are forwarded. Whole names are looked up: most are not there, which costs next to nothing to find out. */
export function forwardedIn(bag: HeaderBag, forwarded: readonly string[]): readonly string[] {
  let names: string[] | null = null;
  for (const entry of forwarded) {
    if (!entry.endsWith('-')) {
      if (bag.get(entry) !== undefined) (names ??= []).push(entry);
      continue;
    }
    for (let i = 0; i < bag.count; i++) {
      const name = bag.nameAt(i);
      if (name.startsWith(entry)) (names ??= []).push(name);
    }
  }
  return names ?? NO_NAMES;
}

/** Names a `connection` header declares hop-by-hop: they end here. */
export function nominatedByConnection(bag: HeaderBag): Set<string> {
  const value = bag.get('connection');
  return new Set(value === undefined ? [] : value.toLowerCase().split(/[\s,]+/));
}

/** Whether a value can be sent: visible, and a byte each. */
export function isPlain(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
