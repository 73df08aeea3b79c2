// Every route there is, by its path without prefix and with the versions that may stand before it. How a path finds its route is
// in route-table.ts.
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { Operation } from '../../contracts/operation.ts';
import type { LocalAnswerName, LocalRoute, ModelRoute, Route, UnknownRoute } from '../../contracts/route.ts';
import { manners } from '../../registry/manners.ts';
import { operations } from '../../registry/operations.ts';
import { ADMIN } from './admin-route.ts';
import { CHAT_SOCKET, CHAT_TICKETS } from './chat-routes.ts';
import { OWN_MODEL, objectRoutes, SKILL_TWINS, STORED_CHATS } from './object-routes.ts';
import {
  LIVE_FORK,
  VIDEO_FORM,
  VIDEO_LIST,
  LIVE_SESSION,
  ANTHROPIC_TWINS,
  BIDI_LEAVES,
  passthroughIn,
  RAW_BETA_LEAVES,
  RAW_LEAVES,
  type RawLeaf,
} from './raw-routes.ts';
import { storedRoutes } from './stored-routes.ts';

const POST = ['POST'] as const;
const GET = ['GET', 'HEAD'] as const;

const model = (
  operation: Operation,
  template: string,
  dialect: DialectName = 'openai-chat',
  stream: boolean | null = null,
): ModelRoute => ({
  kind: 'model',
  operation,
  dialect,
  template,
  methods: POST,
  open: false,
  stream,
});
const local = (
  answer: LocalAnswerName,
  template: string,
  open = true,
  dialect: DialectName = 'openai-chat',
): LocalRoute => ({
  kind: 'local',
  answer,
  dialect,
  template,
  methods: GET,
  open,
});
export const unknownIn = (dialect: DialectName): UnknownRoute => ({
  kind: 'unknown',
  dialect,
  template: '_unknown',
  methods: [],
  open: false,
});

const {
  chat,
  'token-count': tokenCount,
  completion,
  fim,
  decision,
  embeddings,
  image,
  moderation,
  rerank,
} = operations;

/** Versions that may stand before a path: '' = none. */
export const V1 = ['', 'v1'] as const;
const UNVERSIONED = [''] as const;
/** Versions that only Google has. */
const BETA = ['v1alpha', 'v1beta', 'v1beta1'] as const;
const GOOGLE = [...V1, ...BETA] as const;

export interface Leaf {
  readonly route: Route;
  readonly versions: readonly string[];
}

/** A leaf that holds a model's name, which may have slashes: between `before` and `after`. */
export interface Pattern extends Leaf {
  readonly before: string;
  /** A colon at its beginning may come encoded. */
  readonly after: string;
  /** What lies between is one segment, an `id` and no model's name. */
  readonly id?: true;
  /** Only names with a slash inside. */
  readonly slashed?: boolean;
  /** `before` names the maker of a model too, as Vertex AI does. */
  readonly maker?: true;
}

/** Those that name no object. */
const plainOf = (leaves: readonly RawLeaf[], versions: readonly string[]): Record<string, Leaf> =>
  Object.fromEntries(
    leaves.filter(({ path }) => !path.includes('{')).map(({ path, route }) => [path, { route, versions }]),
  );

/** Where Claudes lie on Vertex AI, behind a project and a place. */
const CLAUDES = 'publishers/anthropic/models/';

/** Messages as Vertex AI hosts them. Whether to stream says the body there too. */
const onVertex = (operation: Operation, leaf: string): ModelRoute => ({
  ...model(operation, `/v1/projects/{project}/locations/{location}/${CLAUDES}${leaf}`, 'anthropic'),
  hosted: 'vertex',
});

/** Leaf path (no prefix, no version, no trailing slash, no project) -> route. */
const LEAVES: Readonly<Record<string, Leaf>> = {
  'chat/completions': {
    route: { ...model(chat, '/v1/chat/completions'), otherwise: STORED_CHATS },
    versions: V1,
  },
  messages: { route: model(chat, '/v1/messages', 'anthropic'), versions: V1 },
  'messages/count_tokens': {
    route: model(tokenCount, '/v1/messages/count_tokens', 'anthropic'),
    versions: V1,
  },
  responses: { route: model(chat, '/v1/responses', 'openai-responses'), versions: V1 },
  'responses/compact': { route: model(chat, '/v1/responses/compact', 'openai-responses'), versions: V1 },
  'responses/input_tokens': {
    route: model(tokenCount, '/v1/responses/input_tokens', 'openai-responses'),
    versions: V1,
  },
  embeddings: { route: model(embeddings, '/v1/embeddings', 'openai-chat', false), versions: V1 },
  // Cohere's first API, which its SDK's first client still asks.
  chat: { route: { ...model(chat, '/v1/chat', 'cohere'), readsAll: true }, versions: ['v1'] },
  generate: { route: { ...model(chat, '/v1/generate', 'cohere'), readsAll: true }, versions: ['v1'] },
  embed: { route: model(embeddings, '/v1/embed', 'cohere', false), versions: V1 },
  rerank: { route: model(rerank, '/v1/rerank', 'openai-chat', false), versions: V1 },
  completions: { route: model(completion, '/v1/completions'), versions: V1 },
  'fim/completions': { route: model(fim, '/v1/fim/completions'), versions: V1 },
  decisions: { route: model(decision, '/v1/decisions', 'openai-chat', false), versions: V1 },
  'images/generations': { route: model(image, '/v1/images/generations'), versions: V1 },
  moderations: { route: model(moderation, '/v1/moderations', 'openai-chat', false), versions: V1 },
  ...plainOf(RAW_LEAVES, V1),
  ...plainOf(RAW_BETA_LEAVES, ['v1']),
  ...plainOf(BIDI_LEAVES, UNVERSIONED),
  'chat/ws': { route: CHAT_SOCKET, versions: V1 },
  'chat/ws/tickets': { route: CHAT_TICKETS, versions: V1 },
  models: { route: local('model-list', '/v1/models', false), versions: V1 },
  [`${CLAUDES}count-tokens:rawPredict`]: {
    route: onVertex(tokenCount, 'count-tokens:rawPredict'),
    versions: V1,
  },
  'inference-profiles': {
    route: local('inference-profiles', '/inference-profiles', false, 'bedrock'),
    versions: UNVERSIONED,
  },
  'foundation-models': {
    route: local('model-list', '/foundation-models', false, 'bedrock'),
    versions: UNVERSIONED,
  },
};

/** The same for paths that another vendor has under another version. */
const V2_LEAVES: Readonly<Record<string, Leaf>> = {
  chat: { route: model(chat, '/v2/chat', 'cohere'), versions: ['v2'] },
  embed: { route: model(embeddings, '/v2/embed', 'cohere', false), versions: ['v2'] },
  rerank: { route: model(rerank, '/v2/rerank', 'cohere', false), versions: ['v2'] },
};
const BETA_LEAVES: Readonly<Record<string, Leaf>> = {
  ...plainOf(RAW_BETA_LEAVES, BETA),
  models: { route: local('model-list', '/v1beta/models', false, 'gemini'), versions: BETA },
};

export const LEAF_TABLES = [LEAVES, V2_LEAVES, BETA_LEAVES];

/** What AWS's clients ask where others have Cohere's rerank. */
export const AWS_RERANK = model(rerank, '/rerank', 'bedrock-invoke', false);
export const isDecision = (route: Route): boolean => route === LEAVES['decisions']!.route;
export const isRerank = (route: Route): boolean => route === LEAVES['rerank']!.route;

/** Paths without a prefix, below this version. */
export function leavesOf(version: string): Readonly<Record<string, Leaf>> {
  if (version === 'v2') return V2_LEAVES;
  return BETA.some((name) => name === version) ? BETA_LEAVES : LEAVES;
}

const gemini = (operation: Operation, verb: string, stream: boolean): Pattern => ({
  before: 'models/',
  after: `:${verb}`,
  route: model(operation, `/v1beta/models/{model}:${verb}`, 'gemini', stream),
  versions: GOOGLE,
});
const GEMINI: readonly Pattern[] = [
  gemini(chat, 'generateContent', false),
  gemini(chat, 'streamGenerateContent', true),
  gemini(tokenCount, 'countTokens', false),
  gemini(embeddings, 'embedContent', false),
  gemini(embeddings, 'batchEmbedContents', false),
];

/** What Vertex AI's clients ask for vectors; what else they ask so goes to it as it comes (route-table.ts). */
export const PREDICTED = gemini(embeddings, 'predict', false);

const claude = (verb: string): Pattern => ({
  before: CLAUDES,
  after: `:${verb}`,
  route: onVertex(chat, `{model}:${verb}`),
  versions: V1,
  maker: true,
});

const bedrock = (
  verb: string,
  dialect: DialectName,
  stream: boolean,
  operation: Operation = chat,
): Pattern => ({
  before: 'model/',
  after: `/${verb}`,
  route: model(operation, `/model/{model}/${verb}`, dialect, stream),
  versions: UNVERSIONED,
});

/** What `InvokeModel` asks for vectors. */
const INVOKED_EMBEDDINGS = model(embeddings, '/model/{model}/invoke', 'bedrock-invoke', false);
/** And to have documents put in order. */
const INVOKED_RERANK = model(rerank, '/model/{model}/invoke', 'bedrock-invoke', false);
const INVOKE: Pattern = {
  ...bedrock('invoke', 'bedrock-invoke', false),
  route: {
    ...model(chat, '/model/{model}/invoke', 'bedrock-invoke', false),
    likes: [INVOKED_EMBEDDINGS, INVOKED_RERANK],
  },
};

/** Those that name an object. */
const patternsOf = (leaves: readonly RawLeaf[], versions: readonly string[]): Pattern[] =>
  leaves
    .filter(({ path }) => path.includes('{id}'))
    .map(({ path, route }) => {
      const [before = '', after = ''] = path.split('{id}');
      return { before, after, route, versions, id: true };
    });

/** The first that fits. */
export const PATTERNS: readonly Pattern[] = [
  ...patternsOf(RAW_LEAVES, V1),
  ...patternsOf(RAW_BETA_LEAVES, ['v1', ...BETA]),
  bedrock('converse', 'bedrock', false),
  bedrock('converse-stream', 'bedrock', true),
  INVOKE,
  bedrock('invoke-with-response-stream', 'bedrock-invoke', true),
  bedrock('count-tokens', 'bedrock', false, tokenCount),
  {
    before: 'inference-profiles/',
    after: '',
    route: local('inference-profile', '/inference-profiles/{model}', false, 'bedrock'),
    versions: UNVERSIONED,
  },
  {
    before: 'foundation-models/',
    after: '',
    route: local('model-card', '/foundation-models/{model}', false, 'bedrock'),
    versions: UNVERSIONED,
  },
  claude('rawPredict'),
  claude('streamRawPredict'),
  ...GEMINI,
  PREDICTED,
  {
    before: 'models/',
    after: '',
    route: local('model-card', '/v1beta/models/{model}', false, 'gemini'),
    versions: BETA,
  },
  {
    before: 'models/',
    after: '',
    route: { ...local('model-card', '/v1/models/{model}', false), otherwise: OWN_MODEL },
    versions: V1,
  },
  // A name with a slash says its collection itself (`tunedModels/m`), which the AI SDK takes `openai/gpt-4o` for. Behind a
  // version only: without one it could not be told from a prefix.
  ...GEMINI.map((pattern) => ({ ...pattern, before: '', versions: ['v1', ...BETA], slashed: true })),
];

export const PASSTHROUGH: ReadonlyMap<DialectName, ModelRoute> = new Map(
  Object.values(manners).map(({ dialect }) => [dialect, passthroughIn(dialect)]),
);

/** The same where no model works for what is asked, and nothing is charged for it. */
export const FREE_PASSTHROUGH: ReadonlyMap<DialectName, ModelRoute> = new Map(
  [...PASSTHROUGH].map(([dialect, { operation, ...route }]) => [
    dialect,
    { ...route, operation: { ...operation, billed: false, modelIn: null } },
  ]),
);

/** Paths that exist only at the root. */
export const ROOTS: Readonly<Record<string, Route>> = {
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
export const routes: readonly Route[] = [
  ...[...LEAF_TABLES.flatMap((table) => Object.values(table)), ...PATTERNS].flatMap(({ route }) =>
    route.kind === 'model' && route.likes !== undefined ? [route, ...route.likes] : route,
  ),
  ...storedRoutes,
  ...objectRoutes,
  LIVE_SESSION,
  LIVE_FORK,
  VIDEO_LIST,
  VIDEO_FORM,
  AWS_RERANK,
  ...Object.values(ROOTS),
  ...[...ANTHROPIC_TWINS, ...SKILL_TWINS].map(([, twin]) => twin),
  PASSTHROUGH.get('openai-chat')!,
  ADMIN,
];

export const UNKNOWN_OPENAI = unknownIn('openai-chat');

/** Answers that belong to no vendor. */
const NEUTRAL: readonly Route[] = [
  ...routes.filter(({ kind, dialect }) => kind === 'local' && dialect === 'openai-chat'),
  UNKNOWN_OPENAI,
];
const spokenIn = (dialect: DialectName): ReadonlyMap<Route, Route> =>
  new Map(NEUTRAL.map((route) => [route, { ...route, dialect }]));
const FOR_CALLER: ReadonlyMap<DialectName, ReadonlyMap<Route, Route>> = new Map([
  ['anthropic', new Map<Route, Route>([...spokenIn('anthropic'), ...ANTHROPIC_TWINS, ...SKILL_TWINS])],
  ['bedrock', spokenIn('bedrock')],
  ['cohere', spokenIn('cohere')],
  ['gemini', spokenIn('gemini')],
]);

/** The route for a client of a vendor's: one that belongs to no vendor, or to two, is then its own. */
export function forCaller(route: Route, dialect: DialectName): Route {
  return FOR_CALLER.get(dialect)?.get(route) ?? route;
}
