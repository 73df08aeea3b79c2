import { describe, expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { RouteParams } from '../contracts/route.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import { nameProvider } from './name-provider.ts';
import { upstreamPath } from './upstream-path.ts';

interface Asked {
  params?: RouteParams;
  headers?: Record<string, string>;
  prefix?: string;
  query?: string;
  forward?: string;
  has?: boolean;
  path?: string;
  /** Path of Gemini at providers that are Vertex AI. */
  vertex?: string;
  dialect?: DialectName;
  method?: string;
}

/** A call without a model to a gateway with the providers `oa` and `b`; tells which was asked for. */
function ask({
  params = {},
  headers = {},
  prefix,
  query = '',
  forward,
  has = true,
  path = '/',
  vertex,
  dialect = 'openai-chat',
  method = 'POST',
}: Asked) {
  const chat = dialectByName('openai-chat');
  const providers = [fakeProvider('oa', chat), fakeProvider('b', chat)];
  const { call } = fakeCall('openai-chat', { model: 'm', messages: [] }, providers);
  for (const [name, value] of Object.entries(headers)) call.head.headers.add(name, value);
  if (vertex !== undefined) {
    const speaks = [{ dialect: 'gemini', path: vertex, hosted: 'vertex', auth: { kind: 'bearer' } }];
    for (const { target } of providers) Object.assign(target.provider, { speaks });
  }
  const names: (string | null)[] = [];
  Object.assign(call.snapshot.config, { providers: providers.map(({ target }) => target.provider) });
  Object.assign(call.snapshot, {
    models: {
      at(name: string | null) {
        names.push(name);
        const found = providers.find(({ target }) => target.provider.name === (name ?? 'oa'))!.target;
        return has ? planOf(`${found.provider.name}/*`, tiersInOrder([found])) : null;
      },
    },
  });
  const route = {
    ...call.route,
    dialect,
    operation: operations.file,
    ...(forward !== undefined && { forward }),
  };
  Object.assign(call, { route, params, prefix: prefix ?? null, head: { ...call.head, method, path, query } });
  return { result: nameProvider(call), names, call };
}

describe('a call without a model goes to', () => {
  it.each<[string, Asked, string | null]>([
    ['the provider of its path', { params: { provider: 'b', rest: '/x' } }, 'b'],
    ['the one its header names', { headers: { 'x-headgate-provider': 'b' }, forward: '/files' }, 'b'],
    ['the one before its path', { prefix: 'b', forward: '/files' }, 'b'],
    ['the first that has it', { forward: '/files' }, null],
    ['the first that has it, where only a vendor is named', { prefix: 'openai', forward: '/files' }, null],
  ])('%s', (_who, asked, name) => {
    const { result, names, call } = ask(asked);
    expect([result, names]).toEqual(['continue', [name]]);
    expect(call.model).toBe(`${name ?? 'oa'}/*`);
  });
});

it('goes where its route says, or where its path does', () => {
  const { call } = ask({ forward: '/files/{id}', params: { id: 'a/b' }, query: 'a=1&key=s' });
  expect(upstreamPath(call, call.plan!.targets[0]!)).toBe('/files/a%2Fb?a=1');
  const through = ask({ params: { provider: 'oa', rest: '/v1/x%2Fy' }, query: 'a=1' }).call;
  expect(through.address).toMatch(/\/v1\/x%2Fy\?a=1$/);
  expect(through.fromOrigin).toBe(true);
});

it.each([
  ['/v2/batches', 'cohere', true],
  ['/v2%2Fbatches', 'cohere', true],
  ['/v2/rerank', 'cohere', false],
  ['/v1/models/m:batchGenerateContent', 'gemini', true],
  ['/v1/batchPredictionJobs', 'gemini', false],
] as const)('knows of %s, that begins a batch, that it is charged later: %s %s', (rest, dialect, later) => {
  const params = { provider: 'oa', rest };
  expect(ask({ params, dialect }).call.chargedLater).toBe(later);
  expect(ask({ params, dialect, method: 'GET' }).call.chargedLater).toBe(false);
});

const PREDICT = 'publishers/google/models/m:predict';

it.each([
  [
    `/v1beta1/${PREDICT}`,
    '/projects/own/locations/eu/publishers/google',
    `/projects/own/locations/eu/${PREDICT}`,
  ],
  [
    `/v1/projects/p/locations/l/${PREDICT}`,
    '/projects/own/locations/eu/publishers/google',
    `/projects/own/locations/eu/${PREDICT}`,
  ],
  [
    '/v1beta1/cachedContents/c',
    '/projects/own/locations/eu/publishers/google',
    '/projects/own/locations/eu/cachedContents/c',
  ],
  [`/v1beta1/projects/p/locations/l/${PREDICT}`, '/publishers/google', `/${PREDICT}`],
])('%s of a client of Vertex AI is asked of the project that the provider has', (rest, vertex, expected) => {
  const asked = { params: { provider: 'oa', rest }, vertex };
  const version = /^\/v\w+/.exec(rest)![0];
  expect(ask({ ...asked, path: rest }).call.address).toMatch(new RegExp(`${version}${expected}$`));
  expect(ask({ ...asked, path: `/passthrough/oa${rest}` }).call.address).toMatch(new RegExp(`${rest}$`));
});

it.each<[string, Asked, string]>([
  ['a provider that is none', { params: { provider: 'no\nbody', rest: '/' } }, 'has no provider `no?body`'],
  [
    'a provider without it',
    { params: { provider: 'oa', rest: '/' }, has: false },
    '`oa` does not have this route',
  ],
  ['no provider at all', { forward: '/files', has: false }, 'No provider of this gateway has this route'],
])('%s is a 404', (_what, asked, message) => {
  const { result } = ask(asked);
  expect(result).toBeInstanceOf(GatewayError);
  expect(result).toMatchObject({ status: 404, publicMessage: expect.stringContaining(message) as unknown });
});
