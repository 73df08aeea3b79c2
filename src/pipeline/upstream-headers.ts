// Headers of the upstream request. Built, never forwarded: a fixed set per key, plus the few of the client's that
// belong to its dialect and mean something to the same vendor.
import { placeOf } from '../aws/place.ts';
import { bodyHashOf } from '../aws/signature.ts';
import { type AwsPlace, createSigner, isClockFault as speaksOfClock } from '../aws/signer.ts';
import { readAsked } from '../body/asked.ts';
import { type BodySource, isSource } from '../contracts/body-source.ts';
import type { Call } from '../contracts/call.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { AwsCredentials, Credential, Credentials } from '../contracts/credential.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { RingKey } from '../contracts/lane.ts';
import type { Speaker, Target } from '../contracts/plan.ts';
import type { Spoken } from '../contracts/provider.ts';
import type { CallTrace } from '../contracts/trace.ts';
import type { RequestBody, UpstreamHeaders } from '../contracts/upstream.ts';
import { traceparentOf } from '../observability/traces/traceparent.ts';
import { isUnmasked, MASK_HEADER } from './answer-form.ts';
import { withCallersCredential } from './caller-credential.ts';
import { forwardedIn, isPlain, nominatedByConnection, QUOTA_PROJECT, rawHeaders } from './raw/raw-headers.ts';

export interface UpstreamHeaderBuilder {
  build(call: Call, target: Target, key: RingKey | null): Record<string, string>;
  /**
   * Those of a request that is about to go out, with its signature where the key is a pair that signs.
   * @param fromOrigin `path` is below the origin of the provider alone.
   */
  sign(
    headers: Record<string, string>,
    target: Pick<Target, 'provider'>,
    key: RingKey | null,
    method: string,
    path: string,
    body: RequestBody | BodySource | null,
    fromOrigin?: boolean,
  ): Record<string, string>;
  /** Of a read at the storage where a provider's jobs leave their answers; null = this key opens none. */
  stored(provider: ProviderConfig, key: RingKey | null, path: string): Record<string, string> | null;
  /** False: the key expires, and there is nothing now that it stands for. */
  holds(key: RingKey): boolean;
  /** A request with that key was refused. @returns true: for its time alone, and the same may be right now. */
  isClockFault(target: Target, key: RingKey | null, headers: UpstreamHeaders, error: GatewayError): boolean;
  /** A request with that key was refused: where the key expires, what it stands for may be good no more. */
  refused(key: RingKey | null, error: GatewayError): void;
  /** Of a request that is no client's. */
  own(target: Speaker, key: RingKey | null): Record<string, string>;
}

/** What is sent for one key (or a keyless provider): requests share these objects, so nobody may write into them. */
type Shared = WeakMap<object, Record<string, string>>;

/**
 * @param wall ms since 1970, for signatures.
 * @param credentials what keys that expire stand for; left out = there are none.
 */
export function createUpstreamHeaders(
  version: string,
  wall: () => number = Date.now,
  credentials?: Credentials,
): UpstreamHeaderBuilder {
  const bySpoken = new WeakMap<Spoken, { unary: Shared; streamed: Shared }>();

  const base = (target: Speaker, key: RingKey | null, stream: boolean): Record<string, string> => {
    const { provider, spoken } = target;
    let shared = bySpoken.get(spoken);
    if (shared === undefined)
      bySpoken.set(spoken, (shared = { unary: new WeakMap(), streamed: new WeakMap() }));
    const cache = stream ? shared.streamed : shared.unary;
    const held = heldBy(key);
    const owner = held ?? key ?? provider;
    const known = cache.get(owner);
    if (known !== undefined) return known;
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: stream ? target.dialect.chat.framing.mediaType : 'application/json',
      // A compressed event stream would have to be unpacked to be watched.
      'accept-encoding': 'identity',
      'user-agent': `headgate/${version}`,
    };
    Object.assign(headers, target.dialect.manner.fixedHeaders, provider.headers);
    if (key !== null) authenticate(headers, spoken, key, held);
    // Stated for the provider, it is the last word.
    const paid = provider.headers[QUOTA_PROJECT];
    if (paid !== undefined) headers[QUOTA_PROJECT] = paid;
    cache.set(owner, headers);
    return headers;
  };

  const heldBy = (key: RingKey | null): Credential | null => {
    const expires = key?.config.credential;
    return expires === undefined ? null : (credentials?.of(expires.id) ?? null);
  };
  const pairOf = (key: RingKey | null): AwsCredentials | undefined => key?.config.aws ?? heldBy(key)?.aws;
  const signer = createSigner();
  const places = new WeakMap<ProviderConfig, AwsPlace>();
  const placeOfProvider = (provider: ProviderConfig): AwsPlace => {
    let place = places.get(provider);
    if (place === undefined) places.set(provider, (place = placeOf(provider.baseUrl, provider.region ?? '')));
    return place;
  };

  return {
    sign(headers, { provider }, key, method, path, body, fromOrigin = false) {
      const pair = pairOf(key);
      if (pair === undefined) return headers;
      // Read whole before, for such a provider.
      if (isSource(body)) throw new Error('a body on its way cannot be signed');
      const place = placeOfProvider(provider);
      const below = fromOrigin && place.prefix !== '' ? { ...place, prefix: '' } : place;
      return signer.sign(below, pair, method, path, headers, body, wall());
    },
    stored(provider, key, path) {
      const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': `headgate/${version}` };
      const pair = pairOf(key);
      if (pair !== undefined) {
        const { region } = placeOfProvider(provider);
        const place = { ...placeOf(provider.batchStorage!, region), region, service: 's3' };
        const hashed = { ...headers, 'x-amz-content-sha256': bodyHashOf(null) };
        return signer.sign(place, pair, 'GET', path, hashed, null, wall());
      }
      const held = heldBy(key);
      if (held?.token === undefined) return null;
      const paid = provider.headers[QUOTA_PROJECT] ?? held.quotaProject;
      const authorized = { ...headers, authorization: `Bearer ${held.token}` };
      return paid === undefined ? authorized : { ...authorized, [QUOTA_PROJECT]: paid };
    },
    isClockFault({ provider }, key, headers, { fault }) {
      if (pairOf(key) === undefined || fault === null || !speaksOfClock(fault.type, fault.message))
        return false;
      const { date } = headers;
      return signer.refused(
        placeOfProvider(provider).host,
        typeof date === 'string' ? date : undefined,
        wall(),
      );
    },
    holds: (key) => key.config.credential === undefined || heldBy(key) !== null,
    refused(key, { fault }) {
      const expires = key?.config.credential;
      if (expires === undefined || fault === null) return;
      // AWS says 403 to a token that is over, and to what the role may not do.
      if (fault.status === 401 || /Expired|UnrecognizedClient|InvalidClientTokenId/.test(fault.type ?? ''))
        credentials?.refused(expires.id);
    },
    own: (target, key) => base(target, key, false),
    build(call, target, key) {
      const own =
        target.provider.passthrough === true
          ? withCallersCredential(builtFor(call, target, key), call, target)
          : builtFor(call, target, key);
      const more = call.plugins?.upstreamHeaders ?? null;
      const built = more === null ? own : { ...own, ...more };
      const { trace, facts, body: asked } = call;
      if (trace === null) return built;
      // The last place where the request is there for certain: it is let go of when its answer is told.
      if (trace.sampled && trace.asked === undefined && facts !== null && asked !== null)
        trace.asked = readAsked(asked, facts);
      return trace.told ? withTrace(built, trace, call.attempts.length) : built;
    },
  };

  function builtFor(call: Call, target: Target, key: RingKey | null): Record<string, string> {
    const shared = base(target, key, call.stream);
    const { raw } = call.operation!;
    if (raw !== undefined) {
      const decoded = call.facts !== null || call.upload?.decoded === true;
      const made = rawHeaders(shared, call.head.headers, target, raw.headers, decoded);
      if (isUnmasked(call)) delete made[MASK_HEADER];
      return made;
    }
    if (call.translated) return shared;
    const bag = call.head.headers;
    const names = forwardedIn(bag, target.dialect.manner.forwardedHeaders);
    if (names.length === 0) return shared;
    const nominated = nominatedByConnection(bag);
    const own: Record<string, string> = { ...shared };
    for (const name of names) {
      const value = bag.get(name)!;
      if (name === QUOTA_PROJECT && own[name] !== undefined) continue;
      if (!nominated.has(name) && isPlain(value)) own[name] = value;
    }
    return own;
  }
}

/** What stands for a key that expires goes as Bearer wherever it goes: API keys alone have headers of their own. */
function authenticate(
  headers: Record<string, string>,
  { auth }: Spoken,
  { config }: RingKey,
  held: Credential | null,
): void {
  if (config.credential !== undefined) {
    if (held?.token !== undefined) headers['authorization'] = `Bearer ${held.token}`;
    if (held?.quotaProject !== undefined) headers[QUOTA_PROJECT] = held.quotaProject;
    return;
  }
  const plain = auth.kind === 'bearer' || (auth.kind === 'aws' && config.aws === undefined);
  if (plain) headers['authorization'] = `Bearer ${config.value}`;
  if (auth.kind === 'header') headers[auth.name] = config.value;
}

/** @param headers shared, and not written into. @param attempt number of the one that is about to go out. */
function withTrace(
  headers: Readonly<Record<string, string>>,
  trace: CallTrace,
  attempt: number,
): Record<string, string> {
  const traced: Record<string, string> = { ...headers, traceparent: traceparentOf(trace, attempt) };
  if (trace.state !== '') traced['tracestate'] = trace.state;
  return traced;
}
