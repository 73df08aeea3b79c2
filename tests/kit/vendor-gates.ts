// Where each vendor has its API and how it takes keys, written from the vendors' own pages and on purpose without a look at the
// gateway's records: under `/at/NAME` the mock lets in only what NAME would.
import { tryJson } from './json.ts';
import type { WireRequest } from './mock-http.ts';

interface Gate {
  path: RegExp;
  /** The mock's own path for it. */
  to: string;
  /** Header that carries the key, whole. */
  auth: readonly [name: string, value: string];
  /** Query it wants. */
  query?: string;
  /** Claude on Vertex: the version in the body, and the model not. */
  vertex?: true;
}

const key = (name: string): string => `key-of-${name}`;
const bearer = (name: string) => ['authorization', `Bearer ${key(name)}`] as const;
const header = (header: string, name: string) => [header, key(name)] as const;

/** Chat, and a list of models beside it, under one path. */
function compatible(name: string, path: string, ...more: ('responses' | 'no-list')[]): Gate[] {
  const auth = bearer(name);
  const gates: Gate[] = [
    { path: new RegExp(`^${path}/chat/completions$`), to: '/v1/chat/completions', auth },
  ];
  if (more.includes('responses'))
    gates.push({ path: new RegExp(`^${path}/responses$`), to: '/v1/responses', auth });
  if (!more.includes('no-list')) gates.push({ path: new RegExp(`^${path}/models$`), to: '/v1/models', auth });
  return gates;
}

const messages = (path: string, auth: Gate['auth']): Gate => ({
  path: new RegExp(`^${path}/v1/messages$`),
  to: '/v1/messages',
  auth,
});
const VERTEX = '/v1/projects/my-project/locations/europe-west4';

const GATES: Readonly<Record<string, readonly Gate[]>> = {
  openai: compatible('openai', '/v1', 'responses'),
  anthropic: [
    messages('', header('x-api-key', 'anthropic')),
    { path: /^\/v1\/models$/, to: '/v1/models', auth: header('x-api-key', 'anthropic') },
  ],
  gemini: [
    {
      path: /^\/v1beta\/models\/([^/:]+:\w+)$/,
      to: '/v1beta/models/$1',
      auth: header('x-goog-api-key', 'gemini'),
    },
    { path: /^\/v1beta\/models$/, to: '/v1beta/models', auth: header('x-goog-api-key', 'gemini') },
  ],
  mistral: compatible('mistral', '/v1'),
  groq: compatible('groq', '/openai/v1', 'responses'),
  deepseek: [
    ...compatible('deepseek', '', 'responses'),
    messages('/anthropic', header('x-api-key', 'deepseek')),
  ],
  xai: compatible('xai', '/v1', 'responses'),
  openrouter: [...compatible('openrouter', '/api/v1', 'responses'), messages('/api', bearer('openrouter'))],
  together: compatible('together', '/v1'),
  fireworks: [...compatible('fireworks', '/inference/v1'), messages('/inference', bearer('fireworks'))],
  cerebras: compatible('cerebras', '/v1'),
  cohere: [{ path: /^\/v2\/chat$/, to: '/v2/chat', auth: bearer('cohere') }],
  nebius: compatible('nebius', '/v1'),
  huggingface: compatible('huggingface', '/v1', 'responses'),
  perplexity: compatible('perplexity', '/v1', 'responses').filter(({ to }) => to !== '/v1/chat/completions'),
  nvidia: compatible('nvidia', '/v1'),
  bedrock: [
    ...compatible('bedrock', '/openai/v1', 'responses', 'no-list'),
    {
      path: /^\/model\/([^/]+)\/(converse|converse-stream|invoke|invoke-with-response-stream)$/,
      to: '/model/$1/$2',
      auth: bearer('bedrock'),
    },
  ],
  azure: [
    ...compatible('azure', '/openai/v1', 'responses', 'no-list').map((gate) => ({
      ...gate,
      auth: header('api-key', 'azure'),
    })),
    messages('/anthropic', header('x-api-key', 'azure')),
  ],
  'azure-dated': [
    {
      path: /^\/openai\/deployments\/my-deployment\/chat\/completions$/,
      to: '/v1/chat/completions',
      auth: header('api-key', 'azure-dated'),
      query: 'api-version=2024-10-21',
    },
    {
      path: /^\/openai\/responses$/,
      to: '/v1/responses',
      auth: header('api-key', 'azure-dated'),
      query: 'api-version=2024-10-21',
    },
  ],
  vertex: [
    {
      path: new RegExp(`^${VERTEX}/publishers/google/models/([^/:]+:\\w+)$`),
      to: '/v1beta/models/$1',
      auth: bearer('vertex'),
    },
    {
      path: new RegExp(`^${VERTEX}/publishers/anthropic/models/count-tokens:rawPredict$`),
      to: '/v1/messages/count_tokens',
      auth: bearer('vertex'),
    },
    {
      path: new RegExp(`^${VERTEX}/publishers/anthropic/models/([^/:]+):(?:rawPredict|streamRawPredict)$`),
      to: '/v1/messages',
      auth: bearer('vertex'),
      vertex: true,
    },
    {
      path: new RegExp(`^${VERTEX}/endpoints/openapi/chat/completions$`),
      to: '/v1/chat/completions',
      auth: bearer('vertex'),
    },
  ],
  databricks: [
    ...compatible('databricks', '/serving-endpoints', 'no-list'),
    messages('/serving-endpoints/anthropic', bearer('databricks')),
    {
      path: /^\/serving-endpoints\/gemini\/v1beta\/models\/([^/:]+:\w+)$/,
      to: '/v1beta/models/$1',
      auth: bearer('databricks'),
    },
  ],
  cloudflare: compatible('cloudflare', '/client/v4/accounts/my-account/ai/v1', 'responses', 'no-list'),
  'github-models': [
    ...compatible('github-models', '/inference', 'no-list'),
    { path: /^\/catalog\/models$/, to: '/v1/models', auth: bearer('github-models') },
  ],
  ...Object.fromEntries(
    ['ollama', 'vllm', 'sglang', 'lmstudio', 'llamacpp'].map((name) => [
      name,
      [...compatible(name, '/v1', 'responses'), messages('', bearer(name))],
    ]),
  ),
};

/** Those that take tokens (token-server.ts) too. */
const SIGN_IN: ReadonlySet<string> = new Set(['azure', 'vertex', 'databricks']);

/** Every vendor that has a gate. */
export const GATED: readonly string[] = Object.keys(GATES);

/** The request as the mock's own, where the vendor of `/at/NAME` would take it; else under a path that the mock has not. */
export function throughGate(wire: WireRequest): WireRequest {
  const found = /^\/at\/([\w-]+)(\/[^?]*)(?:\?(.*))?$/.exec(wire.target);
  if (found === null) return wire;
  const [, name = '', path = '', query = ''] = found;
  const gate = GATES[name]?.find((one) => one.path.test(path));
  if (gate === undefined) return refused(wire, `${name} has no ${path}`);
  const [header, value] = gate.auth;
  const signedIn = SIGN_IN.has(name) && /^Bearer token-\d+$/.test(wire.headers['authorization'] ?? '');
  if (!signedIn && wire.headers[header] !== value) return refused(wire, `${name} wants its key in ${header}`);
  if (gate.query !== undefined && !query.split('&').includes(gate.query))
    return refused(wire, `${name} wants ${gate.query}`);
  const target = path.replace(gate.path, gate.to) + (query === '' ? '' : `?${query}`);
  if (gate.vertex !== true) return { ...wire, target };
  const body = tryJson(wire.body.toString()) as Record<string, unknown> | undefined;
  if (body?.['anthropic_version'] !== 'vertex-2023-10-16')
    return refused(wire, 'anthropic_version: Field required');
  if ('model' in body) return refused(wire, 'model: Extra inputs are not permitted');
  if (query !== '') return refused(wire, 'Unknown name in the query');
  const { anthropic_version: _, ...rest } = body;
  const model = decodeURIComponent(gate.path.exec(path)![1]!);
  return { ...wire, target, body: Buffer.from(JSON.stringify({ model, ...rest })) };
}

function refused(wire: WireRequest, why: string): WireRequest {
  return { ...wire, target: `/refused/${encodeURIComponent(why)}` };
}
