// What is kept of answers: the section, and for each alias that has a word of its own what holds there in sum.
import type { CachePolicy } from '../contracts/cache.ts';
import type { CacheConfig } from '../contracts/config.ts';
import { DEFAULT_CACHE_BYTES, DEFAULT_EXACT_CACHE } from './defaults.ts';
import type { FileConfig } from './schema.ts';

type Section = NonNullable<FileConfig['cache']>;
type ModelSection = NonNullable<NonNullable<FileConfig['models']>[string]['cache']>;

/** Nothing where neither the section nor a model says anything: then no call pays for it. */
export function buildCache(
  section: Section | undefined,
  models: FileConfig['models'],
): { cache?: CacheConfig } {
  const some = Object.values(models ?? {}).some(({ cache }) => cache?.exact !== undefined);
  if (section?.exact === undefined && !some) return {};
  return {
    cache: {
      maxBytes: section?.exact?.maxBytes ?? DEFAULT_CACHE_BYTES,
      spellings: [...(section?.spellings ?? [])],
      ...policyOf(section ?? {}, {}),
    },
  };
}

/** What holds for an alias that says something. */
export function buildModelCache(section: Section | undefined, own: ModelSection): CachePolicy {
  return policyOf(section ?? {}, own);
}

function policyOf(section: Section, own: ModelSection): CachePolicy {
  const stated = own.exact ?? section.exact;
  if (stated === undefined || stated === null || stated.enabled === false) return { exact: null };
  const { enabled: _on, maxBytes: _bytes, ...shared } = section.exact ?? {};
  const { enabled: _also, ...more } = own.exact ?? {};
  return { exact: { ...DEFAULT_EXACT_CACHE, ...shared, ...more } };
}
