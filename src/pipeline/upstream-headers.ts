// Headers of the upstream request. Built, never forwarded: a fixed set per key, plus the few of the client's that
// belong to its dialect and mean something to the same vendor.
import type { Call } from '../contracts/call.ts';
import type { HeaderBag } from '../contracts/headers.ts';
import type { RingKey } from '../contracts/lane.ts';
import type { Speaker, Target } from '../contracts/plan.ts';
import type { Spoken } from '../contracts/provider.ts';

export interface UpstreamHeaderBuilder {
  build(call: Call, target: Target, key: RingKey | null): Record<string, string>;
  /** Of a request that is no client's. */
  own(target: Speaker, key: RingKey | null): Record<string, string>;
}

/** What is sent for one key (or a keyless provider): requests share these objects, so nobody may write into them. */
type Shared = WeakMap<object, Record<string, string>>;

export function createUpstreamHeaders(version: string): UpstreamHeaderBuilder {
  const bySpoken = new WeakMap<Spoken, { unary: Shared; streamed: Shared }>();

  const base = (target: Speaker, key: RingKey | null, stream: boolean): Record<string, string> => {
    const { provider, spoken } = target;
    let shared = bySpoken.get(spoken);
    if (shared === undefined)
      bySpoken.set(spoken, (shared = { unary: new WeakMap(), streamed: new WeakMap() }));
    const cache = stream ? shared.streamed : shared.unary;
    const owner = key ?? provider;
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
    const { auth } = spoken;
    if (key !== null && auth.kind === 'bearer') headers['authorization'] = `Bearer ${key.config.value}`;
    if (key !== null && auth.kind === 'header') headers[auth.name] = key.config.value;
    cache.set(owner, headers);
    return headers;
  };

  return {
    own: (target, key) => base(target, key, false),
    build(call, target, key) {
      const shared = base(target, key, call.stream);
      if (call.translated) return shared;
      const { forwardedHeaders } = target.dialect.manner;
      const bag = call.head.headers;
      let own: Record<string, string> | null = null;
      let nominated: Set<string> | null = null;
      for (let i = 0; i < bag.count; i++) {
        const name = bag.nameAt(i);
        if (!isForwarded(name, forwardedHeaders)) continue;
        nominated ??= nominatedByConnection(bag);
        const value = bag.get(name)!;
        if (nominated.has(name) || !isPlain(value)) continue;
        own ??= { ...shared };
        own[name] = value;
      }
      return own ?? shared;
    },
  };
}

function isForwarded(name: string, forwarded: readonly string[]): boolean {
  for (const entry of forwarded) {
    if (entry.endsWith('-') ? name.startsWith(entry) : name === entry) return true;
  }
  return false;
}

/** Names a `connection` header declares hop-by-hop: they end here. */
function nominatedByConnection(bag: HeaderBag): Set<string> {
  const value = bag.get('connection');
  return new Set(value === undefined ? [] : value.toLowerCase().split(/[\s,]+/));
}

function isPlain(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return !/[\0-\x08\x0a-\x1f\x7f]/.test(value);
}
