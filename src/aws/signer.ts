// Signs the requests to AWS that go out with a key pair: after the last change of the body, anew for each attempt. Keeps the
// difference of each host's clock where ours is wrong.
import type { AwsCredentials } from '../contracts/credential.ts';
import type { RequestBody } from '../contracts/upstream.ts';
import { ALGORITHM, bodyHashOf, scopeText, signatureOf, timeText } from './signature.ts';
import { SigningKeys } from './signing-keys.ts';

/** Where a provider is, of its base URL. */
export interface AwsPlace {
  /** As the `host` header has it. */
  host: string;
  /** Path of the base URL, without a slash at its end: it goes before each path. */
  prefix: string;
  /** Query of the base URL, without `?`. */
  query: string;
  region: string;
  service: string;
}

export interface Signer {
  /**
   * The headers with the signature among them; `headers` itself is not changed.
   * @param path path and query below the base URL. @param wallMs ms since 1970.
   */
  sign(
    place: AwsPlace,
    credentials: AwsCredentials,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: RequestBody | null,
    wallMs: number,
  ): Record<string, string>;
  /**
   * The host refused a request for its time. @param date its `date` header.
   * @returns true: it has another clock than was thought, and the same may be right now.
   */
  refused(host: string, date: string | undefined, wallMs: number): boolean;
}

/** AWS takes what is five minutes off; less than this is no reason. */
const WORTH_MS = 60_000;
/** Proxies on the way and AWS itself change or add these. */
const UNSIGNED: ReadonlySet<string> = new Set([
  'user-agent',
  'accept-encoding',
  'traceparent',
  'tracestate',
  'x-amzn-trace-id',
]);

export function createSigner(): Signer {
  const keys = new SigningKeys();
  /** Their clock less ours, ms; of the few hosts that are providers. */
  const offsets = new Map<string, number>();
  return {
    sign(place, credentials, method, path, headers, body, wallMs) {
      const { host, prefix, region, service } = place;
      const time = timeText(wallMs + (offsets.get(host) ?? 0));
      const signed: Record<string, string> = { ...headers, 'x-amz-date': time };
      if (credentials.sessionToken !== undefined) signed['x-amz-security-token'] = credentials.sessionToken;
      const named = Object.entries(signed).filter(([name]) => !UNSIGNED.has(name));
      named.push(['host', host]);
      named.sort(([a], [b]) => (a < b ? -1 : 1));
      const [below = '', query = ''] = path.split(/\?(.*)/s);
      const scope = { day: time.slice(0, 8), region, service };
      const signature = signatureOf(
        {
          method,
          path: prefix + below,
          query: [query, place.query].filter((part) => part !== '').join('&'),
          headers: named,
          bodyHash: bodyHashOf(body),
        },
        scope,
        time,
        keys.of(credentials.secretAccessKey, scope),
      );
      const names = named.map(([name]) => name).join(';');
      signed['authorization'] =
        `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${names}, Signature=${signature}`;
      return signed;
    },
    refused(host, date, wallMs) {
      const theirs = Date.parse(date ?? '');
      if (Number.isNaN(theirs)) return false;
      const offset = theirs - wallMs;
      if (Math.abs(offset - (offsets.get(host) ?? 0)) < WORTH_MS) return false;
      offsets.set(host, offset);
      return true;
    },
  };
}

/** Whether a refusal speaks of the time of the request. */
export function isClockFault(type: string | null, message: string): boolean {
  if (type === 'RequestTimeTooSkewed' || type === 'RequestExpired') return true;
  return /signature (?:expired|not yet current)|request has expired|clock skew/i.test(message);
}
