// From a path to a route: with and without /v1, with a trailing slash, under a provider's or a dialect's name.
// The query never decides. Results are cached by path, since a service calls few paths.
import type { DialectName } from '../contracts/dialect-name.ts';
import type { Operation } from '../contracts/operation.ts';
import type {
  LocalAnswerName,
  LocalRoute,
  ModelRoute,
  Route,
  RouteParams,
  UnknownRoute,
} from '../contracts/route.ts';
import { operations } from '../registry/operations.ts';

const POST = ['POST'] as const;
const GET = ['GET', 'HEAD'] as const;

const model = (operation: Operation, template: string, dialect: DialectName = 'openai-chat'): ModelRoute => ({
  kind: 'model',
  operation,
  dialect,
  template,
  methods: POST,
  open: false,
});
const local = (answer: LocalAnswerName, template: string, open = true): LocalRoute => ({
  kind: 'local',
  answer,
  dialect: 'openai-chat',
  template,
  methods: GET,
  open,
});
const unknownIn = (dialect: DialectName): UnknownRoute => ({
  kind: 'unknown',
  dialect,
  template: '_unknown',
  methods: [],
  open: false,
});

const { chat, 'token-count': tokenCount } = operations;

/** Leaf path (no prefix, no /v1, no trailing slash) -> route. */
const LEAVES: Readonly<Record<string, Route>> = {
  'chat/completions': model(chat, '/v1/chat/completions'),
  messages: model(chat, '/v1/messages', 'anthropic'),
  'messages/count_tokens': model(tokenCount, '/v1/messages/count_tokens', 'anthropic'),
  models: local('model-list', '/v1/models', false),
};
const MODEL = local('model-card', '/v1/models/{model}', false);

/** Paths that exist only at the root. */
const ROOTS: Readonly<Record<string, Route>> = {
  '/': local('root', '/'),
  '/livez': local('live', '/livez'),
  '/health/liveness': local('live', '/livez'),
  '/health/liveliness': local('live', '/livez'),
  '/readyz': local('ready', '/readyz'),
  '/health/readiness': local('ready', '/readyz'),
  '/health': local('health', '/health'),
  '/metrics': local('metrics', '/metrics'),
};

/** Every route there is, for tests that walk them. */
export const routes: readonly Route[] = [...Object.values(LEAVES), MODEL, ...Object.values(ROOTS)];

const UNKNOWN_OPENAI = unknownIn('openai-chat');
const UNKNOWN_ANTHROPIC = unknownIn('anthropic');
const NO_PARAMS: RouteParams = {};

const NEUTRAL: readonly Route[] = [...routes.filter(({ kind }) => kind === 'local'), UNKNOWN_OPENAI];
const FOR_ANTHROPIC: ReadonlyMap<Route, Route> = new Map(
  NEUTRAL.map((route) => [route, { ...route, dialect: 'anthropic' }]),
);

/** The route for a client of Anthropic's: one that belongs to no vendor then speaks its dialect. */
export function forAnthropic(route: Route): Route {
  return FOR_ANTHROPIC.get(route) ?? route;
}

export interface Match {
  route: Route;
  /** Provider or dialect name the path began with, else null. */
  prefix: string | null;
  params: RouteParams;
  /** The path can be read in two ways (`//`, `..`, encoded slash): 400. */
  ambiguous: boolean;
  /** For unknown routes: what the caller probably meant. */
  hint: string | null;
}

export interface RouteTable {
  match(path: string): Match;
}

const CACHED_PATHS = 1024;

/** @param prefixes provider names that may stand before the route; `openai` and `anthropic` always may. */
export function createRouteTable(prefixes: readonly string[]): RouteTable {
  const known = new Set([...prefixes, 'openai', 'anthropic']);
  const cache = new Map<string, Match>();
  return {
    match(path) {
      const hit = cache.get(path);
      if (hit !== undefined) return hit;
      const made = matchPath(path, known);
      // Unknown paths are not kept: a scanner would push the real ones out.
      if (made.route.kind !== 'unknown' && made.params === NO_PARAMS && cache.size < CACHED_PATHS) {
        cache.set(path, made);
      }
      return made;
    },
  };
}

function matchPath(path: string, known: ReadonlySet<string>): Match {
  const result = (found: Route, prefix: string | null, params = NO_PARAMS): Match => ({
    route: found,
    prefix,
    params,
    ambiguous: false,
    hint: null,
  });
  const unknown = (hint: string | null): Match => ({
    route: /(^|\/)(messages|anthropic)(\/|$)/.test(path) ? UNKNOWN_ANTHROPIC : UNKNOWN_OPENAI,
    prefix: null,
    params: NO_PARAMS,
    ambiguous: false,
    hint,
  });
  if (isAmbiguous(path)) return { ...unknown(null), ambiguous: true };
  const root = ROOTS[path] ?? (path.length > 1 && path.endsWith('/') ? ROOTS[path.slice(0, -1)] : undefined);
  if (root !== undefined) return result(root, null);

  let rest = path.slice(1);
  if (rest.endsWith('/')) rest = rest.slice(0, -1);
  let prefix: string | null = null;
  for (;;) {
    const leaf = LEAVES[rest];
    if (leaf !== undefined) return result(leaf, prefix);
    if (rest.startsWith('models/')) {
      const id = decodeModel(rest.slice('models/'.length));
      return id === null ? { ...unknown(null), ambiguous: true } : result(MODEL, prefix, { model: id });
    }
    const slash = rest.indexOf('/');
    const first = slash === -1 ? rest : rest.slice(0, slash);
    if (first === 'v1' && slash !== -1) {
      rest = rest.slice(slash + 1);
      // `/v1/openai/...` is not a spelling anybody uses: after /v1 only a leaf may follow.
      const after = LEAVES[rest];
      if (after !== undefined) return result(after, prefix);
      if (rest.startsWith('models/')) continue;
      return unknown(hintFor(path));
    }
    if (prefix === null && slash !== -1 && known.has(first)) {
      prefix = first;
      rest = rest.slice(slash + 1);
      continue;
    }
    return unknown(hintFor(path));
  }
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
function isAmbiguous(path: string): boolean {
  if (!path.startsWith('/')) return true;
  if (/\/\/|\\|[\0-\x20\x7f]|%00|%5c/i.test(path)) return true;
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) return true;
  const inModel = /\/models\//.test(path);
  return !inModel && /%2f/i.test(path);
}

function hintFor(path: string): string | null {
  const doubled = /(chat\/completions|messages)\/.*\1$/.exec(path);
  if (doubled !== null) {
    return `the base URL should not end in /${doubled[1]}: the SDK adds that path itself`;
  }
  if (/\/v1\/v1\//.test(path)) return 'the path has /v1 twice: leave it out of the base URL';
  return null;
}
