// What is kept of answers: the section, and for each alias that has a word of its own what holds there in sum.
import type { CachePolicy, ExactCachePolicy, SemanticCachePolicy } from '../contracts/cache.ts';
import type { CacheConfig } from '../contracts/kept-answers-config.ts';
import {
  DEFAULT_CACHE_BYTES,
  DEFAULT_CACHE_ENTRIES,
  DEFAULT_EXACT_CACHE,
  DEFAULT_SEMANTIC_CACHE,
  DEFAULT_VECTORS,
} from './schema/defaults.ts';
import type { BuildContext } from './build-context.ts';
import { parseRedisUrl } from './redis-url.ts';
import type { FileConfig } from './schema/schema.ts';

type Section = NonNullable<FileConfig['cache']>;
type VectorsSection = NonNullable<NonNullable<Section['semantic']>['vectors']>;
type ModelSection = NonNullable<NonNullable<FileConfig['models']>[string]['cache']>;

/** Nothing where neither the section nor a model says anything: then no call pays for it. */
export function buildCache(
  section: Section | undefined,
  models: FileConfig['models'],
  context: Pick<BuildContext, 'report'>,
): { cache?: CacheConfig } {
  const says = (stated: Section | ModelSection | undefined | null): boolean =>
    stated?.exact !== undefined || stated?.semantic !== undefined;
  if (!says(section) && !Object.values(models ?? {}).some(({ cache }) => says(cache))) return {};
  return {
    cache: {
      maxBytes: section?.exact?.maxBytes ?? DEFAULT_CACHE_BYTES,
      maxEntries: section?.semantic?.maxEntries ?? DEFAULT_CACHE_ENTRIES,
      vectors: vectorsOf(section?.semantic?.vectors, context),
      spellings: [...(section?.spellings ?? [])],
      ...policyOf(section ?? {}, {}),
    },
  };
}

const SCHEMES = { qdrant: /^https?:/, postgres: /^postgres(?:ql)?:/, redis: /^rediss?:/ } as const;

function vectorsOf(
  stated: VectorsSection | undefined,
  context: Pick<BuildContext, 'report'>,
): CacheConfig['vectors'] {
  if (stated === undefined) return null;
  const fault = urlFault(stated);
  if (fault !== null) context.report(['cache', 'semantic', 'vectors', 'url'], fault);
  return { ...DEFAULT_VECTORS, key: null, ...stated };
}

function urlFault({ store, url }: VectorsSection): string | null {
  if (!SCHEMES[store].test(url)) return `it is no address of the store \`${store}\``;
  if (store !== 'redis') return null;
  try {
    parseRedisUrl(url);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read';
  }
}

/** What holds for an alias that says something. */
export function buildModelCache(section: Section | undefined, own: ModelSection): CachePolicy {
  return policyOf(section ?? {}, own);
}

function policyOf(section: Section, own: ModelSection): CachePolicy {
  const semantic = semanticOf(section, own);
  return { exact: exactOf(section, own, semantic), semantic };
}

function exactOf(
  section: Section,
  own: ModelSection,
  semantic: SemanticCachePolicy | null,
): ExactCachePolicy | null {
  const stated = own.exact ?? section.exact;
  if (stated?.enabled === false) return null;
  // What is found by likeness is kept by its key.
  if (stated === undefined)
    return semantic && { ...DEFAULT_EXACT_CACHE, ttlMs: semantic.ttlMs, scope: semantic.scope };
  const { enabled: _on, maxBytes: _bytes, ...shared } = section.exact ?? {};
  const { enabled: _also, ...more } = own.exact ?? {};
  return { ...DEFAULT_EXACT_CACHE, ...shared, ...more };
}

function semanticOf(section: Section, own: ModelSection): SemanticCachePolicy | null {
  const stated = own.semantic ?? section.semantic;
  if (stated === undefined || stated.enabled === false || (own.exact ?? section.exact)?.enabled === false)
    return null;
  const { enabled: _on, maxEntries: _entries, vectors: _vectors, ...shared } = section.semantic ?? {};
  const { enabled: _also, ...more } = own.semantic ?? {};
  return { ...DEFAULT_SEMANTIC_CACHE, ...shared, ...more };
}
