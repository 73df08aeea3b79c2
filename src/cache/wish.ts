// What a request says of the cache by its headers: ours always, Bifrost's and LiteLLM's where the configuration says so.
import type { CacheConfig } from '../contracts/kept-answers-config.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { HeaderBag } from '../contracts/headers.ts';
import type { JsonObject } from '../contracts/json.ts';

export interface CacheWish {
  /** `use`: read and keep; `refresh`: keep alone; `only`: read, and never ask an upstream; `off`: neither. */
  mode: 'use' | 'off' | 'refresh' | 'only';
  /** Kinds of answers that may be given; null = all that are on. */
  type: 'exact' | 'semantic' | null;
  /** The answer is not kept. */
  noStore: boolean;
  /** Part of the key: only requests with the same one share. */
  space: string;
  /** In place of the configured one. */
  ttlMs: number | null;
  /** An older answer is none. */
  maxAgeMs: number | null;
  /** In place of the configured one, 0 to 1. */
  threshold: number | null;
}

const PLAIN: Readonly<CacheWish> = {
  mode: 'use',
  type: null,
  noStore: false,
  space: '',
  ttlMs: null,
  maxAgeMs: null,
  threshold: null,
};

const LONGEST_MS = 30 * 86_400_000;
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * @param litellm the body's `cache`, where LiteLLM's way is understood; null = there is none.
 * @throws GatewayError GW_CLIENT_BAD_HEADER for a value that means nothing.
 */
export function readWish(
  headers: HeaderBag,
  spellings: CacheConfig['spellings'],
  litellm: JsonObject | null,
): Readonly<CacheWish> {
  if (!headers.hasOwn && spellings.length === 0) return PLAIN;
  const wish = { ...PLAIN };
  if (litellm !== null) readLitellm(litellm, wish);
  if (spellings.includes('bifrost')) readBifrost(headers, wish);
  if (headers.hasOwn) readOwn(headers, wish);
  return wish;
}

function readOwn(headers: HeaderBag, wish: CacheWish): void {
  const stated = headers.get('x-headgate-cache')?.trim().toLowerCase();
  if (stated !== undefined) {
    if (stated === 'off' || stated === 'refresh' || stated === 'only') wish.mode = stated;
    else if (stated === 'exact' || stated === 'semantic') wish.type = stated;
    else wrong('x-headgate-cache', '`off`, `refresh`, `only`, `exact` or `semantic`');
  }
  wish.space = headers.get('x-headgate-cache-key') ?? wish.space;
  const ttl = headers.get('x-headgate-cache-ttl');
  if (ttl !== undefined)
    wish.ttlMs = readTtl(ttl) ?? wrong('x-headgate-cache-ttl', 'seconds, or a number with ms, s, m, h or d');
  const threshold = headers.get('x-headgate-cache-threshold');
  if (threshold !== undefined)
    wish.threshold = readThreshold(threshold) ?? wrong('x-headgate-cache-threshold', 'a number from 0 to 1');
}

// Of others' headers what cannot be read is passed over, as they do.
function readBifrost(headers: HeaderBag, wish: CacheWish): void {
  wish.space = headers.get('x-bf-cache-key') ?? wish.space;
  const ttl = headers.get('x-bf-cache-ttl');
  if (ttl !== undefined) wish.ttlMs = readTtl(ttl) ?? wish.ttlMs;
  const stated = headers.get('x-bf-cache-threshold') ?? '';
  const threshold = stated.trim() === '' ? Number.NaN : Number(stated);
  if (!Number.isNaN(threshold)) wish.threshold = Math.min(1, Math.max(0, threshold));
  const type = headers.get('x-bf-cache-type')?.trim();
  if (type === 'direct') wish.type = 'exact';
  else if (type === 'semantic') wish.type = 'semantic';
  if (headers.get('x-bf-cache-no-store')?.trim() === 'true') wish.noStore = true;
}

function readLitellm(cache: JsonObject, wish: CacheWish): void {
  if (cache['no-cache'] === true) wish.mode = 'refresh';
  if (cache['no-store'] === true) wish.noStore = true;
  const { ttl, namespace, 's-maxage': maxAge } = cache;
  if (typeof ttl === 'number' && ttl > 0) wish.ttlMs = Math.min(LONGEST_MS, Math.ceil(ttl * 1000));
  if (typeof maxAge === 'number' && maxAge >= 0) wish.maxAgeMs = maxAge * 1000;
  if (typeof namespace === 'string') wish.space = namespace;
}

function readTtl(text: string): number | null {
  const [, number, unit = ''] = /^\s*(\d{1,10}(?:\.\d{1,6})?)\s*(ms|s|m|h|d)?\s*$/.exec(text) ?? [];
  if (number === undefined) return null;
  const ms = Math.ceil(Number(number) * UNITS[unit]!);
  return ms > 0 ? Math.min(LONGEST_MS, ms) : null;
}

function readThreshold(text: string): number | null {
  const value = Number(text);
  return text.trim() !== '' && value >= 0 && value <= 1 ? value : null;
}

function wrong(name: string, wanted: string): never {
  throw new GatewayError('GW_CLIENT_BAD_HEADER', {
    message: `The header ${name} must be ${wanted}.`,
    param: name,
  });
}
