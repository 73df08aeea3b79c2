// From a path to a route: with and without /v1, with a trailing slash, under a provider's or a dialect's name.
// The query never decides. Results are cached by path, since a service calls few paths.
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { Route, RouteParams, UnknownRoute } from '../../contracts/route.ts';
import { VENDOR_NAMES } from '../../routing/vendor-names.ts';
import { ADMIN, isAdmin } from './admin-route.ts';
import { googlePath, isOfFiles, isVectors } from './google-paths.ts';
import { findObject } from './object-routes.ts';
import {
  FREE_PASSTHROUGH,
  LEAF_TABLES,
  leavesOf,
  PASSTHROUGH,
  PATTERNS,
  PREDICTED,
  ROOTS,
  UNKNOWN_OPENAI,
  unknownIn,
  V1,
} from './routes.ts';
import { findStored } from './stored-routes.ts';
import { vendorPath } from './vendor-paths.ts';

/** What Google's clients do with a model, or ask of what they began. */
const DEED = /:[a-zA-Z]+$|\/operations\//;

/** How Vertex AI names the project, the place and the maker of a model, before the path that Gemini's own API has. */
const VERTEX = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/([^/]+)\//;

/** The same before a maker that Gemini's own API does not know. */
const PROJECT = /^projects\/[^/]+\/locations\/[^/]+\/(?=publishers\/anthropic\/)/;

/** What a path that is no route looks like; the first that fits. */
const LOOKS: readonly (readonly [path: RegExp, route: UnknownRoute])[] = [
  [/(^|\/)(messages|anthropic|organizations|compliance)(\/|$)/, unknownIn('anthropic')],
  [/(^|\/)(model|bedrock)(\/|$)/, unknownIn('bedrock')],
  [/(^|\/)(v2|cohere)(\/|$)/, unknownIn('cohere')],
  [
    /(^|\/)(v1alpha|v1beta1?|gemini|genai)(\/|$)|(:|%3a)(\w*generateContent|countTokens|\w*EmbedContents?)$/i,
    unknownIn('gemini'),
  ],
  [/(^|\/)responses(\/|$)/, unknownIn('openai-responses')],
];
const NO_PARAMS: RouteParams = {};

const VERSIONS: ReadonlySet<string> = new Set(
  [...LEAF_TABLES.flatMap((table) => Object.values(table)), ...PATTERNS]
    .flatMap(({ versions }) => versions)
    .filter((name) => name !== ''),
);

export interface Match {
  route: Route;
  /** Provider or dialect name the path began with, else null. */
  prefix: string | null;
  params: RouteParams;
  /** The path can be read in two ways (`//`, `..`, encoded slash): 400. */
  ambiguous: boolean;
  /** For unknown routes: what the caller probably meant. */
  hint: string | null;
  /** Of paths that go to their vendor as they come: what Anthropic's clients mean by it; null = the same. */
  vendor?: { readonly anthropic: Match | null };
}

export interface RouteTable {
  match(path: string): Match;
  /** What a path means that Google's clients ask where others have another route; null = nothing. */
  google(path: string): Match | null;
}

const CACHED_PATHS = 1024;

/** Names of libraries that may stand before those of vendors: `/litellm/anthropic/v1/messages`. */
const LIBRARIES = ['litellm', 'langchain'] as const;
/** What vendors' own addresses hold before the version, which their SDKs put behind ours: `/groq/openai/v1/…`, `/fireworks/inference/v1/…`. */
const BASES = /^(?:openai|anthropic|inference|api)\//;
/** How Azure names a model: `/azure/openai/deployments/{model}/chat/completions`. */
const DEPLOYMENT = /^(?:azure\/)?openai\/deployments\/(.+)$/;

/**
 * @param providers may stand before the route by their names, as the vendors may; each with the dialect it speaks first.
 * @param vendors of those that are one's that is known
 */
export function createRouteTable(
  providers: ReadonlyMap<string, DialectName>,
  vendors: ReadonlyMap<string, string> = new Map(),
): RouteTable {
  const known = new Set([...providers.keys(), ...VENDOR_NAMES]);
  const cache = new Map<string, Match>();
  return {
    match(path) {
      const hit = cache.get(path);
      if (hit !== undefined) return hit;
      const found =
        matchPassthrough(path, providers) ??
        matchVendor(path, providers, vendors) ??
        matchPath(path, known, providers);
      // What is done with a model looks like a model's name.
      const other = found.route.kind === 'unknown' || (found.route.kind === 'local' && DEED.test(path));
      const made =
        found.route === PREDICTED.route
          ? predicted(found, path, providers, vendors)
          : other
            ? (matchGoogle(path, providers, vendors) ?? found)
            : found;
      // Unknown paths are not kept: a scanner would push the real ones out.
      if (
        made.route.kind !== 'unknown' &&
        made.route !== ADMIN &&
        made.params === NO_PARAMS &&
        cache.size < CACHED_PATHS
      ) {
        cache.set(path, made);
      }
      return made;
    },
    google: (path) => matchGoogle(path, providers, vendors, true),
  };
}

/** What stands at the same path for another method than the route's own. */
export function forMethod(match: Match, method: string): Match {
  const { otherwise, methods } = match.route;
  if (otherwise === undefined || methods.includes(method) || !otherwise.methods.includes(method))
    return match;
  return { ...match, route: otherwise };
}

/** Forwarded by its provider's name, whatever comes behind it. */
function matchPassthrough(path: string, providers: ReadonlyMap<string, DialectName>): Match | null {
  const [, provider, rest = '/'] = /^\/passthrough\/([^/]+)(\/.*)?$/s.exec(path) ?? [];
  if (provider === undefined) return null;
  const route = PASSTHROUGH.get(providers.get(provider) ?? 'openai-chat')!;
  return { route, prefix: null, params: { provider, rest }, ambiguous: isAmbiguous(path, true), hint: null };
}

function matchGoogle(
  path: string,
  providers: ReadonlyMap<string, DialectName>,
  vendors: ReadonlyMap<string, string>,
  google = false,
): Match | null {
  const found = googlePath(path, providers, vendors, google);
  return found === null ? null : forwarded(found, providers, isOfFiles(found.rest));
}

function matchVendor(
  path: string,
  providers: ReadonlyMap<string, DialectName>,
  vendors: ReadonlyMap<string, string>,
): Match | null {
  const found = vendorPath(path, providers, vendors);
  if (found === null) return null;
  const match = forwarded(found, providers, found.free);
  const twin = vendorPath(path, providers, vendors, 'anthropic');
  return {
    ...match,
    vendor: { anthropic: twin === null ? null : forwarded(twin, providers, twin.free) },
  };
}

/** What Vertex AI's clients predict: vectors, of any model that embeds, or what goes there as it comes. */
function predicted(
  found: Match,
  path: string,
  providers: ReadonlyMap<string, DialectName>,
  vendors: ReadonlyMap<string, string>,
): Match {
  const google = googlePath(path, providers, vendors);
  if (google === null) return found;
  const { provider } = google;
  const vectors = isVectors(found.params['model']!, found.prefix, provider, vendors.get(provider));
  return vectors ? found : forwarded(google, providers, false);
}

/** @param free no model works for it. */
function forwarded(
  { provider, rest }: { provider: string; rest: string },
  providers: ReadonlyMap<string, DialectName>,
  free: boolean,
): Match {
  const match = matchPassthrough(`/passthrough/${provider}${rest}`, providers)!; // it is one
  return free ? { ...match, route: FREE_PASSTHROUGH.get(match.route.dialect)! } : match;
}

function matchPath(
  path: string,
  known: ReadonlySet<string>,
  providers: ReadonlyMap<string, DialectName>,
): Match {
  const result = (found: Route, prefix: string | null, params = NO_PARAMS): Match => ({
    route: found,
    prefix,
    params,
    ambiguous: false,
    hint: null,
  });
  const unknown = (hint: string | null): Match => ({
    route: LOOKS.find(([look]) => look.test(path))?.[1] ?? UNKNOWN_OPENAI,
    prefix: null,
    params: NO_PARAMS,
    ambiguous: false,
    hint,
  });
  // Google's SDKs put theirs behind a base URL that ends in a slash.
  if (path.startsWith('//ws/google.')) path = path.slice(1);
  if (isAmbiguous(path)) return { ...unknown(null), ambiguous: true };
  const root = ROOTS[path] ?? (path.length > 1 && path.endsWith('/') ? ROOTS[path.slice(0, -1)] : undefined);
  if (root !== undefined) return result(root, null);
  if (isAdmin(path)) return result(ADMIN, null);

  let rest = path.slice(1);
  if (rest.endsWith('/')) rest = rest.slice(0, -1);
  for (const library of LIBRARIES) {
    if (known.has(library) || !rest.startsWith(`${library}/`)) continue;
    rest = rest.slice(library.length + 1);
    break;
  }
  const [, deployed] = DEPLOYMENT.exec(rest) ?? [];
  if (deployed !== undefined) {
    // A model's name may have slashes, which Azure's clients write as they are where the deployment is a part of their address.
    for (let end = deployed.indexOf('/'); end >= 0; end = deployed.indexOf('/', end + 1)) {
      const leaf = findLeaf(deployed.slice(end + 1), '', providers);
      const name = decodeModel(deployed.slice(0, end));
      if (leaf === 'ambiguous' || name === null) return { ...unknown(null), ambiguous: true };
      if (leaf !== null) return result(leaf.route, 'azure', { ...leaf.params, model: name });
    }
    return unknown(null);
  }
  let prefix: string | null = null;
  for (;;) {
    const slash = rest.indexOf('/');
    const first = slash === -1 ? rest : rest.slice(0, slash);
    const versioned = slash !== -1 && VERSIONS.has(first);
    const leaf = findLeaf(versioned ? rest.slice(slash + 1) : rest, versioned ? first : '', providers);
    if (leaf === 'ambiguous') return { ...unknown(null), ambiguous: true };
    if (leaf !== null) return result(leaf.route, prefix, leaf.params);
    // `/v1/openai/...` is not a spelling anybody uses: after a version only a leaf may follow.
    if (versioned || prefix !== null || slash === -1 || !known.has(first)) return unknown(hintFor(path));
    prefix = first;
    rest = rest.slice(slash + 1).replace(BASES, '');
  }
}

/** As Gemini's own API has it: Vertex AI's clients take the provider in `vertex/m` for who publishes it. */
function withoutPlace(path: string, providers: ReadonlyMap<string, DialectName>): string {
  const [place, maker = ''] = VERTEX.exec(path) ?? [];
  if (place === undefined) return path;
  const below = path.slice(place.length);
  const ours = maker !== 'google' && providers.has(maker) && below.startsWith(MODELS);
  return ours ? `${MODELS}${maker}/${below.slice(MODELS.length)}` : below;
}
const MODELS = 'models/';

/** @param path without prefix, version and trailing slash. */
function findLeaf(
  path: string,
  version: string,
  providers: ReadonlyMap<string, DialectName>,
): { route: Route; params: RouteParams } | 'ambiguous' | null {
  const made = path.replace(PROJECT, '');
  const plain = version === '' ? path : withoutPlace(path, providers);
  const leaf = leavesOf(version)[plain === 'models' ? plain : made];
  if (leaf?.versions.includes(version)) return { route: leaf.route, params: NO_PARAMS };
  for (const { before, after, versions, route, slashed, id, maker } of PATTERNS) {
    const below = maker === true ? made : plain;
    if (!versions.includes(version) || !below.startsWith(before)) continue;
    const end = endOf(below, after);
    if (end <= before.length) continue;
    if (slashed === true && !/^[^/]+\/.*[^/]$/.test(below.slice(0, end))) continue;
    const middle = below.slice(before.length, end);
    if (id === true && middle.includes('/')) continue;
    const name = decodeModel(middle);
    if (name !== null && id === true) return { route, params: { id: name } };
    return name === null ? 'ambiguous' : { route, params: { model: name } };
  }
  return V1.some((known) => known === version) ? (findStored(path) ?? findObject(path)) : null;
}

/** Where `after` begins at the end of the path; -1 = it does not end so. */
function endOf(path: string, after: string): number {
  if (path.endsWith(after)) return path.length - after.length;
  if (!after.startsWith(':')) return -1;
  const encoded = `%3a${after.slice(1)}`.toLowerCase();
  return path.toLowerCase().endsWith(encoded) ? path.length - encoded.length : -1;
}

function decodeModel(text: string): string | null {
  try {
    const model = decodeURIComponent(text);
    return model === '' || /[\0-\x20\x7f]/.test(model) ? null : model;
  } catch {
    return null;
  }
}

/** Spellings two readers may take differently; an encoded slash is fine only inside a model id. */
function isAmbiguous(path: string, anySlash = false): boolean {
  if (!path.startsWith('/')) return true;
  if (/\/\/|\\|[\0-\x20\x7f]|%00|%5c/i.test(path)) return true;
  if (/(^|\/|%2f)(\.|%2e){1,2}(\/|%2f|$)/i.test(path)) return true;
  const inModel = anySlash || /\/(?:models?|deployments)\//.test(path);
  return !inModel && /%2f/i.test(path);
}

/**
 * What a base URL may wrongly end in, as it then stands inside of the path: every client's path that a model answers, the
 * longest first. Behind `models/` stands a name that may hold anything, and behind `v1/chat/` other paths.
 */
const ENDINGS: readonly string[] = [
  ...LEAF_TABLES.flatMap((table) => Object.entries(table)).flatMap(([leaf, { versions }]) =>
    leaf === 'models' || (leaf === 'chat' && versions.includes('v1'))
      ? []
      : versions.map((version) => (version === '' ? leaf : `${version}/${leaf}`)),
  ),
  ...PATTERNS.flatMap(({ before, after }) => (before === 'model/' ? [after.slice(1)] : [])),
].toSorted((a, b) => b.length - a.length);

/** What clients of administrators ask, of all callers of their vendor's and with keys of its own; and AWS's streams in both directions. */
const ELSEWHERE: readonly (readonly [path: RegExp, hint: string])[] = [
  [
    /(?:^|\/)(?:organization|webhook_endpoints|webhook_event_types|safety)(?:\/|$)/,
    'what OpenAI has of a whole organization or project is asked below /passthrough, with a base URL that ends in /passthrough/openai/v1, where `openai` is a provider whose key may do so',
  ],
  [
    /(?:^|\/)(?:organizations|compliance)(?:\/|$)/,
    'what Anthropic has of a whole organization is asked below /passthrough, with a base URL that ends in /passthrough/anthropic, where `anthropic` is a provider whose key may do so',
  ],
  [
    /\/invoke-with-bidirectional-stream(?:-websocket)?$/,
    'streams in both directions are not served: ask converse-stream, or a spoken conversation of another vendor at /v1/realtime',
  ],
];

function hintFor(path: string): string | null {
  const doubled = ENDINGS.find((ending) => path.includes(`/${ending}/`));
  if (doubled !== undefined)
    return `the base URL should not end in /${doubled}: the SDK adds that path itself`;
  const elsewhere = ELSEWHERE.find(([at]) => at.test(path));
  if (elsewhere !== undefined) return elsewhere[1];
  if (/\/v1\/v1\//.test(path)) return 'the path has /v1 twice: leave it out of the base URL';
  return null;
}
