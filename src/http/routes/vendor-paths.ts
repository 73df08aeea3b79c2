// What Cohere's and Mistral's clients ask beside models' answers (data sets, jobs, agents, libraries): it goes to the provider as it comes,
// as below /passthrough, so that their SDKs need no other address for it. Google's: google-paths.ts.
import type { DialectName } from '../../contracts/dialect-name.ts';

interface VendorPaths {
  readonly vendor: string;
  /** Whoever speaks it is asked; null = its vendor alone. */
  readonly dialect: DialectName | null;
  readonly path: RegExp;
  /** Those of them that nobody else's clients ask: they need no prefix. */
  readonly own: RegExp;
  /** And those that no model works for: nothing is charged. */
  readonly free: RegExp;
}

export const VENDOR_PATHS: readonly VendorPaths[] = [
  {
    vendor: 'cohere',
    dialect: 'cohere',
    path: /^\/(?:v1\/(?:datasets|embed-jobs|connectors|finetuning|summarize|check-api-key)|v2\/(?:batches|parse|audio\/transcriptions))(?:[/:].*)?$/,
    own: /^\//,
    free: /^\/v1\/(?:datasets|connectors|check-api-key)(?:\/|$)/,
  },
  {
    vendor: 'mistral',
    dialect: null,
    path: /^\/v1\/(?:agents|conversations|libraries|batch\/jobs|fine_tuning|audio\/voices|files\/[^/]+\/url)(?:\/.*)?$/,
    own: /^\/v1\/(?:libraries|batch\/jobs)(?:\/|$)/,
    free: /^\/v1\/(?:libraries|audio\/voices|files)(?:\/|$)/,
  },
];

const PATH = /^(?:\/(?:litellm|langchain))?(?:\/(?!v\d)([^/]+))?(\/v\d\/.*)$/;

export interface VendorPath {
  readonly provider: string;
  /** Below the provider. */
  readonly rest: string;
  /** No model works for it. */
  readonly free: boolean;
}

/**
 * @param providers with the dialect that each speaks first. @param vendors of those that are one's that is known.
 * @returns null: it is none of these, or nobody here has it.
 */
export function vendorPath(
  path: string,
  providers: ReadonlyMap<string, DialectName>,
  vendors: ReadonlyMap<string, string>,
): VendorPath | null {
  const [, prefix, rest] = PATH.exec(path) ?? [];
  if (rest === undefined) return null;
  for (const paths of VENDOR_PATHS) {
    if (!paths.path.test(rest)) continue;
    const { vendor, dialect } = paths;
    const has = (name: string): boolean =>
      vendors.get(name) === vendor || (dialect !== null && providers.get(name) === dialect);
    const free = paths.free.test(rest);
    if (prefix !== undefined && providers.has(prefix)) {
      if (has(prefix)) return { provider: prefix, rest, free };
      continue;
    }
    if (prefix === undefined ? !paths.own.test(rest) : prefix !== vendor) continue;
    const provider = has(vendor) ? vendor : [...providers.keys()].find(has);
    if (provider !== undefined) return { provider, rest, free };
  }
  return null;
}
