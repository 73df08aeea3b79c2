import { expect, test } from 'vitest';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { googlePath } from './google-paths.ts';
import { createRouteTable } from './route-table.ts';

const providers = new Map<string, DialectName>([
  ['openai', 'openai-chat'],
  ['vertex', 'gemini'],
  ['gemini', 'gemini'],
]);

const vendors = new Map([['vertex', 'vertex']]);

test.each([
  ['/v1beta/files', 'gemini', '/v1beta/files'],
  ['/v1/files/abc', 'gemini', '/v1/files/abc'],
  ['/upload/v1beta/files', 'gemini', '/upload/v1beta/files'],
  ['/genai/upload/v1/files', 'gemini', '/upload/v1/files'],
  ['/download/v1beta/files/abc:download', 'gemini', '/download/v1beta/files/abc:download'],
  ['/vertex/v1beta1/cachedContents/c', 'vertex', '/v1beta1/cachedContents/c'],
  ['/litellm/gemini/v1beta/batches', 'gemini', '/v1beta/batches'],
  ['/v1beta/models/imagen-4:predict', 'gemini', '/v1beta/models/imagen-4:predict'],
  ['/v1beta/models/veo-3/operations/o', 'gemini', '/v1beta/models/veo-3/operations/o'],
  ...['', '/vertex', '/genai', '/litellm'].map((front): [string, string, string] => [
    `${front}/v1beta1/publishers/google/models/e:predict`,
    'vertex',
    '/v1beta1/publishers/google/models/e:predict',
  ]),
  [
    '/v1beta1/projects/p/locations/l/cachedContents/c',
    'vertex',
    '/v1beta1/projects/p/locations/l/cachedContents/c',
  ],
  ['/gemini/v1beta1/publishers/google/models/i:predict', 'gemini', '/v1beta1/models/i:predict'],
  // A provider's name before the model's says whose it is.
  ['/v1/models/gemini/g:batchGenerateContent', 'gemini', '/v1/models/g:batchGenerateContent'],
  ['/genai/v1beta/models/vertex/imagen-4:predict', 'vertex', '/v1beta/models/imagen-4:predict'],
  [
    '/v1beta1/projects/p/locations/l/publishers/vertex/models/imagen-4:predict',
    'vertex',
    '/v1beta1/projects/p/locations/l/publishers/google/models/imagen-4:predict',
  ],
  ['/v1beta/agents/a', 'gemini', '/v1beta/agents/a'],
  ['/v1alpha/auth_tokens', 'gemini', '/v1alpha/auth_tokens'],
  ['/v1alpha/webhooks/w:ping', 'gemini', '/v1alpha/webhooks/w:ping'],
  ['/genai/v1beta/decisions', 'gemini', '/v1beta/decisions'],
  ['/vertex/v1beta/voices', 'vertex', '/v1beta/voices'],
])('%s is asked of %s', (path, provider, rest) => {
  expect(googlePath(path, providers, vendors)).toEqual({ provider, rest });
  const match = createRouteTable(providers, vendors).google(path);
  expect(match).toMatchObject({
    route: { template: '/passthrough/{provider}/*', dialect: 'gemini' },
    params: { provider, rest },
    ambiguous: false,
  });
});

test.each([
  ['/v1beta/files', false],
  ['/upload/v1/files', false],
  ['/v1beta/files/abc:register', false],
  ['/v1beta/fileSearchStores', true],
  ['/v1beta/models/imagen-4:predict', true],
  ['/v1beta/models/files:predict', true],
])('%s costs something: %j', (path, costs) => {
  const { route } = createRouteTable(providers).google(path)!;
  expect(route).toMatchObject({
    operation: { name: 'passthrough', billed: costs, modelIn: costs ? '' : null },
  });
});

test.each([
  '/v1beta/models/m:generateContent',
  '/v1beta/models',
  '/openai/v1/files',
  '/nobody/v1beta/files',
  '/v1beta/filesystem',
  '/v1beta/models/openai/dall-e-3:predict',
  '/v1beta/models/nobody/m:predict',
  '/v2/files',
])('%s is none of it', (path) => {
  expect(googlePath(path, providers, vendors)).toBeNull();
});

test('without a provider of Google’s there is nothing of it', () => {
  expect(googlePath('/v1beta/files', new Map([['openai', 'openai-chat']]), vendors)).toBeNull();
});

test('any spelling but a safe one is ambiguous', () => {
  expect(createRouteTable(providers).google('/v1beta/files/../x')).toMatchObject({ ambiguous: true });
});

test('what only Google has goes there whoever asks, and what others have too is theirs', () => {
  const table = createRouteTable(providers);
  expect(table.match('/v1beta/files/abc').params).toEqual({ provider: 'gemini', rest: '/v1beta/files/abc' });
  expect(table.match('/v1/files/abc').route.template).toBe('/v1/files/{id}');
  for (const rest of ['/v1beta/models/imagen-4:predict', '/v1beta/models/veo-3/operations/o'])
    expect(table.match(rest).params).toEqual({ provider: 'gemini', rest });
  // Names of models.
  for (const path of ['/v1beta/models/ft:gpt-4o:x', '/v1/models/o%3Amodel', '/v1beta/models/org/operations'])
    expect(table.match(path).route.kind).toBe('local');
});

test('below a version that others have too, only Google’s clients mean what has the same name elsewhere', () => {
  for (const path of ['/v1/agents', '/v1/decisions', '/v1/webhooks/w', '/v1/environments/e/files/f']) {
    expect(googlePath(path, providers, vendors), path).toBeNull();
    expect(googlePath(path, providers, vendors, true), path).toEqual({ provider: 'gemini', rest: path });
  }
});

const PREDICTED = '/v1beta/models/{model}:predict';
const vectorsOf = (path: string, ...names: string[]): string | null => {
  const known =
    names.length === 0 ? providers : new Map([...providers].filter(([name]) => names.includes(name)));
  const { route, params } = createRouteTable(known, vendors).match(path);
  return route.template === PREDICTED ? params['model']! : null;
};

test.each([
  ['/v1beta1/publishers/openai/models/text-embedding-3-small:predict', 'openai/text-embedding-3-small'],
  ['/v1beta1/projects/p/locations/l/publishers/openai/models/o:predict', 'openai/o'],
  ['/genai/v1/projects/p/locations/l/publishers/google/models/openai/o:predict', 'openai/o'],
  ['/openai/v1beta1/publishers/google/models/o:predict', 'o'],
  ['/v1beta1/publishers/google/models/text-embedding-3-small:predict', 'text-embedding-3-small'],
  ['/v1beta1/publishers/google/models/my-embeddings:predict', 'my-embeddings'],
  // Gemini's own API has no such path.
  ['/v1beta1/publishers/gemini/models/gemini-embedding-001:predict', 'gemini/gemini-embedding-001'],
  ['/gemini/v1beta/models/text-embedding-004:predict', 'text-embedding-004'],
])('%s asks for vectors of %s', (path, model) => {
  expect(vectorsOf(path)).toBe(model);
  expect(createRouteTable(providers, vendors).match(path).route).toMatchObject({
    kind: 'model',
    dialect: 'gemini',
    operation: { name: 'embeddings' },
  });
});

test.each([
  '/v1beta1/projects/p/locations/l/publishers/google/models/imagen-4:predict',
  '/v1beta1/publishers/vertex/models/my-embeddings:predict',
  '/vertex/v1beta1/publishers/google/models/my-embeddings:predict',
  '/v1beta1/publishers/google/models/text-embedding-005:predict',
  '/v1beta1/publishers/google/models/gemini-embedding-001:predict',
  '/v1beta1/publishers/google/models/multimodalembedding@001:predict',
  '/v1beta/models/imagen-4:predict',
])('%s goes as it comes to whom it did', (path) => {
  const { route, params } = createRouteTable(providers, vendors).match(path);
  expect(route).toMatchObject({ operation: { name: 'passthrough' } });
  expect(params['provider']).toBe(path.startsWith('/v1beta/') ? 'gemini' : 'vertex');
});

test('without a provider of Google’s whatever is predicted is vectors', () => {
  for (const model of ['text-embedding-005', 'imagen-4', 'o'])
    expect(vectorsOf(`/v1beta1/publishers/google/models/${model}:predict`, 'openai')).toBe(model);
});
