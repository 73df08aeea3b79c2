// What LiteLLM's config.yaml says of Redis, of kept answers and of its database.
import type { Path } from '../path.ts';
import type { ImportAccount, Mapping } from './account.ts';

/** Sections that say where its Redis is, the first that does so counts. */
const PLACES: readonly Path[] = [['router_settings'], ['litellm_settings', 'cache_params']];
/** Kinds of its cache that are answers to requests which are the same. */
const EXACT: ReadonlySet<string> = new Set(['local', 'redis']);
const DATABASE: Path = ['general_settings', 'database_url'];

export function storesOf(account: ImportAccount): Mapping {
  const found = PLACES.map((place) => redisOf(account, place)).find((url) => url !== null);
  const cache = cacheOf(account);
  if (account.look(DATABASE) !== undefined)
    account.say(DATABASE, 'Headgate takes it from `HEADGATE_DATABASE_URL`, with a database of its own');
  return {
    ...(found === undefined || found === null ? {} : { redis: { url: found } }),
    ...(cache === null ? {} : { cache }),
  };
}

/** Null: it says nothing, or not all of it in the clear. */
function redisOf(account: ImportAccount, place: Path): string | null {
  const names = ['url', 'host', 'port', 'password', 'username', 'ssl'].map((name): [string, Path] => {
    // Of the cache they may stand without what they are of.
    const long = [...place, `redis_${name}`];
    return [name, account.look(long) === undefined && place.length > 1 ? [...place, name] : long];
  });
  const stated = new Map(names);
  const [url, host] = [account.look(stated.get('url')!), account.look(stated.get('host')!)];
  if (typeof url !== 'string' && typeof host !== 'string') return null;
  const values = Object.fromEntries(names.map(([name, path]) => [name, account.take(path)]));
  if (typeof url === 'string') return url;
  const { port = 6379, password, username = '', ssl } = values;
  const parts = [host, port, password, username].filter((part) => part !== undefined).map(String);
  if (parts.some((part) => /^(?:os\.environ\/|env\.)/.test(part))) {
    account.say(stated.get('host')!, 'is made of references: state it as one address, `redis.url`');
    return null;
  }
  const who =
    password === undefined
      ? ''
      : `${encodeURIComponent(String(username))}:${encodeURIComponent(String(password))}@`;
  return `${ssl === true ? 'rediss' : 'redis'}://${who}${String(host)}:${String(port)}`;
}

function cacheOf(account: ImportAccount): Mapping | null {
  const on: Path = ['litellm_settings', 'cache'];
  const params: Path = ['litellm_settings', 'cache_params'];
  const kind = account.look([...params, 'type']) ?? 'local';
  if (account.look(on) !== true || !EXACT.has(String(kind))) return null;
  account.take(on);
  account.take([...params, 'type']);
  const ttl = account.number([...params, 'ttl']);
  return { exact: ttl === undefined ? {} : { ttlMs: Math.max(1_000, Math.round(ttl * 1_000)) } };
}
