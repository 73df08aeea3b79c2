// Where Redis is, from one line of configuration:
//   redis://[user:password@]host[:6379][/db]                                  one server
//   redis-sentinel://[user:password@]host[:26379],host,.../name[/db]          the master `name` that these Sentinels watch
//   redis-cluster://[user:password@]host[:6379],host,...                      a Cluster, from any of its nodes
// `rediss`, `rediss-sentinel`, `rediss-cluster` speak TLS (the Sentinels too). User and password are those of Redis;
// `?sentinel_user=..&sentinel_password=..` are those of the Sentinels; `?prefix=..` begins every key. Several
// `redis://` URLs with commas between them are the nodes of a Cluster.

export interface RedisNode {
  host: string;
  port: number;
}

export interface RedisPlace {
  kind: 'standalone' | 'sentinel' | 'cluster';
  /** One server, the Sentinels, or nodes of the Cluster; at least one. */
  nodes: readonly RedisNode[];
  tls: boolean;
  user: string | null;
  password: string | null;
  db: number;
  /** Of the master, with Sentinel. */
  masterName: string | null;
  sentinelUser: string | null;
  sentinelPassword: string | null;
  /** What `?prefix=` said. */
  prefix: string | null;
  /** PEM of the only authorities to trust; null = the well-known ones. */
  ca: string | null;
}

const SHAPE = /^(rediss?)(-sentinel|-cluster)?:\/\/(?:([^@/]*)@)?([^/?#]+)((?:\/[^?#]*)?)(?:\?([^#]*))?$/;
const PARAMETERS = new Set(['sentinel_user', 'sentinel_password', 'prefix']);
const KINDS = { '-sentinel': 'sentinel', '-cluster': 'cluster' } as const;

/** @throws Error that says what is wrong and repeats nothing of the URL, which may hold a password. */
export function parseRedisUrl(url: string): RedisPlace {
  const listed = url.trim().split(/,(?=rediss?:\/\/)/);
  if (listed.length > 1) return asCluster(listed.map((one) => parseRedisUrl(one)));
  const shape = SHAPE.exec(url.trim());
  const [place] = url.split('?');
  const ats = place!.split('@').length - 1;
  // A password cut by one of its own characters: what follows would be told off for what it is not.
  if (
    /^rediss?(-sentinel|-cluster)?:\/\//.test(place!.trim()) &&
    (shape === null || ats > (shape[3] === undefined ? 0 : 1))
  ) {
    throw new Error(
      'the Redis URL cannot be read: in a user or password, `@`, `/`, `:` and `%` must be percent-encoded (`@` is %40, `/` is %2F)',
    );
  }
  if (shape === null) {
    throw new Error(
      'the Redis URL must begin with redis://, redis-sentinel:// or redis-cluster:// and name a host',
    );
  }
  const [, scheme, suffix, login, hosts, path, query] = shape;
  const kind = suffix === undefined ? 'standalone' : KINDS[suffix as keyof typeof KINDS];
  const segments = (path ?? '').split('/').filter((part) => part !== '');
  const masterName = kind === 'sentinel' ? decode(segments.shift() ?? '') : null;
  if (masterName === '') throw new Error('a Sentinel URL ends with the name of the master: /name');
  const nodes = hosts!.split(',').map((node) => nodeOf(node, kind === 'sentinel' ? 26_379 : 6_379));
  if (kind === 'standalone' && nodes.length > 1) {
    throw new Error('several hosts need redis-sentinel:// or redis-cluster://');
  }
  const db = dbOf(segments);
  if (kind === 'cluster' && db !== 0) throw new Error('a Redis Cluster has no database but 0');
  const parameters = new URLSearchParams(query ?? '');
  for (const name of parameters.keys()) {
    if (!PARAMETERS.has(name)) {
      throw new Error(`the Redis URL knows the parameters ${[...PARAMETERS].join(', ')} and no other`);
    }
  }
  const colon = login?.indexOf(':') ?? -1;
  return {
    kind,
    nodes,
    tls: scheme === 'rediss',
    user: login === undefined ? null : decode(colon < 0 ? login : login.slice(0, colon)) || null,
    password: login === undefined || colon < 0 ? null : decode(login.slice(colon + 1)) || null,
    db,
    masterName,
    sentinelUser: parameters.get('sentinel_user') || null,
    sentinelPassword: parameters.get('sentinel_password') || null,
    prefix: parameters.get('prefix') || null,
    ca: null,
  };
}

/** As configured: the URL and whom to trust there. @throws as parseRedisUrl */
export function redisPlace({ url, ca }: { url: string; ca?: string }): RedisPlace {
  return { ...parseRedisUrl(url), ca: ca ?? null };
}

function asCluster(places: readonly RedisPlace[]): RedisPlace {
  const [first] = places as [RedisPlace];
  for (const place of places) {
    if (place.tls !== first.tls || place.user !== first.user || place.password !== first.password) {
      throw new Error('the nodes of a Redis Cluster share one scheme, user and password');
    }
    if (place.db !== 0) throw new Error('a Redis Cluster has no database but 0');
  }
  const prefix = places.find((place) => place.prefix !== null)?.prefix ?? null;
  return { ...first, kind: 'cluster', prefix, nodes: places.flatMap((place) => place.nodes) };
}

function nodeOf(text: string, standard: number): RedisNode {
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(parts?.[2] ?? standard);
  if (parts === null || port < 1 || port > 65_535) throw new Error('a host of the Redis URL is none');
  return { host: parts[1]!.replace(/^\[|\]$/g, ''), port };
}

function dbOf(segments: readonly string[]): number {
  if (segments.length === 0) return 0;
  if (segments.length > 1 || !/^\d{1,5}$/.test(segments[0]!)) {
    throw new Error('the path of a Redis URL ends with the number of a database');
  }
  return Number(segments[0]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('a % in the Redis URL must be written %25');
  }
}
