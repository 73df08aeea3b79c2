// What Google's clients ask beside models' answers (files, cached contents, batches, films and pictures): it goes to the provider as it
// comes, as below /passthrough, so that its SDKs need no other address for it.
import type { DialectName } from '../../contracts/dialect-name.ts';

const KEPT = [
  'files',
  'cachedContents',
  'batches',
  'fileSearchStores',
  'operations',
  'tunedModels',
  'corpora',
];
/** Below a version that others have too, where others have their own of the name. */
const SHARED = [
  'auth_tokens',
  'agents',
  'credentials',
  'decisions',
  'environments',
  'triggers',
  'voices',
  'webhooks',
];
const VERBS = ['predict', 'predictLongRunning', 'batchGenerateContent', 'asyncBatchEmbedContent'];
/** What Vertex AI alone has. */
const VERTEX_KEPT = ['batchPredictionJobs', 'tuningJobs'];
const VERTEX_VERBS = ['fetchPredictOperation', 'computeTokens'];
const any = (...names: readonly string[]): string => `(?:${names.join('|')})`;
const PATH = new RegExp(
  '^(?:/(?:litellm|langchain))?(?:/(?!upload/|resumable/|download/|v1)([^/]+))?' +
    '(/(?:upload/|resumable/upload/|download/)?v1(?:alpha|beta\\d?)?/)' +
    // Where Vertex AI's clients say a project, a place and the maker of a model.
    '((?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?)' +
    `(${any(...KEPT, ...SHARED, ...VERTEX_KEPT)}(?:[/:].*)?|models/[^:]+(?::${any(...VERBS, ...VERTEX_VERBS)}|/operations/.*))$`,
);
/** Where only Google's clients mean theirs. */
const NOT_ALONE = new RegExp(`^/(?:upload/)?v1/${any(...SHARED)}(?:[/:]|$)`);
/** A model behind the name of its provider; for Vertex AI's clients that is its maker. */
const PREFIXED = /^models\/([^/:]+)\/(?!operations\/)(.+)$/;
const MAKER = /publishers\/([^/]+)\/$/;
/** Names that any provider of Google's goes by. */
const ANY: ReadonlySet<string | undefined> = new Set([undefined, 'genai', 'gemini']);

/** Google's own models for vectors, by name. */
const GOOGLES_VECTORS =
  /^(?:text-embedding-(?:0\d\d|large-exp|preview)|textembedding-|text-multilingual-|multimodalembedding|gemini-embedding|embeddinggemma)/;

/**
 * Whether `:predict` of a model asks for vectors of any provider's, in place of going to Google's as it comes: by the model's name. Vertex AI's
 * own models are asked there as its clients ask for them.
 *
 * @param prefix of the path; null = none. @param provider it would go to.
 */
export function isVectors(model: string, prefix: string | null, provider: string, vendor?: string): boolean {
  if (!/embed/i.test(model)) return false;
  if (vendor !== 'vertex') return true;
  return prefix !== provider && !model.startsWith(`${provider}/`) && !GOOGLES_VECTORS.test(model);
}

/** The same for docs/endpoints.md: with the version that its SDKs ask, each with all below it but for what is done with a model. */
export const GOOGLE_TEMPLATES: readonly string[] = [
  ...[...KEPT, ...SHARED].map((kind) => `/v1beta/${kind}`),
  '/upload/v1beta/files',
  '/upload/v1beta/fileSearchStores',
  '/download/v1beta/files',
  ...VERBS.map((verb) => `/v1beta/models/{model}:${verb}`),
  '/v1beta/models/{model}/operations/{id}',
];

export interface GooglePath {
  readonly provider: string;
  /** Below the provider. */
  readonly rest: string;
}

/** Whether a path below the provider is of files alone. */
export function isOfFiles(rest: string): boolean {
  return /^\/(?:(?:resumable\/)?upload\/|download\/)?v1(?:alpha|beta\d?)?\/files(?:[/:]|$)/.test(rest);
}

/**
 * @param providers with the dialect that each speaks first. @param vendors of those that are one's that is known.
 * @param google a client of Google's asks
 * @returns null: it is none of these, or nobody here has it.
 */
export function googlePath(
  path: string,
  providers: ReadonlyMap<string, DialectName>,
  vendors: ReadonlyMap<string, string>,
  google = false,
): GooglePath | null {
  const [, prefix, version = '', place = '', rest] = PATH.exec(path) ?? [];
  if (rest === undefined || (!google && NOT_ALONE.test(version + rest))) return null;
  const [, named, model] = PREFIXED.exec(rest) ?? [];
  const maker = MAKER.exec(place)?.[1];
  const again = (provider: string, below: string): GooglePath | null =>
    googlePath(`/${provider}${version}${below}`, providers, vendors, google);
  if (ANY.has(prefix) && (prefix === undefined || !providers.has(prefix))) {
    if (named !== undefined) return again(named, `${place}models/${model}`);
    // `vertex/m` comes as one that `vertex` publishes.
    if (maker !== undefined && maker !== 'google' && providers.has(maker))
      return again(maker, place.replace(MAKER, 'publishers/google/') + rest);
  }
  if (named !== undefined) return null;
  const speaks = (name: string): boolean => providers.get(name) === 'gemini';
  const isVertex = (name: string): boolean => speaks(name) && vendors.get(name) === 'vertex';
  // Google's other service knows neither projects nor makers.
  const found = (provider: string): GooglePath => ({
    provider,
    rest: version + (isVertex(provider) ? place : '') + rest,
  });
  if (prefix !== undefined && providers.has(prefix)) return speaks(prefix) ? found(prefix) : null;
  if (!ANY.has(prefix)) return null;
  const names = [...providers.keys()];
  const usual = speaks('gemini') ? 'gemini' : names.find(speaks);
  const provider = place === '' ? usual : (names.find(isVertex) ?? usual);
  return provider === undefined ? null : found(provider);
}
