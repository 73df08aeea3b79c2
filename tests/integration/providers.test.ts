// Every record of a provider against a mock that is as strict about paths and keys as the vendor: each dialect it speaks, whole and
// streamed, and its list of models.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import { PROVIDERS as ALL } from '../../src/providers/registry.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { GATED } from '../kit/vendor-gates.ts';

/** Those that are asked by gRPC: model-servers.test.ts. What only ranks has no chat: nvidia.test.ts. */
const PROVIDERS = ALL.filter(({ grpc, name }) => grpc === undefined && name !== 'nvidia-rerank');

let mock: MockUpstream;
let gateway: GatewayProcess;

/** The customer's own parts, as the gates know them. */
const PARTS: Readonly<Record<string, string>> = {
  region: 'europe-west4',
  project: 'my-project',
  account: 'my-account',
  resource: 'my-resource',
  workspace: 'my-workspace',
};

function entryOf(name: string, vendor = name): Record<string, unknown> {
  const record = PROVIDERS.find((known) => known.name === vendor)!;
  const { pathname } = new URL(record.baseUrl.replaceAll(/\{(\w+)\}/g, (_, part: string) => PARTS[part]!));
  const parts = (record.parts ?? []).map(({ name: part }) => [part, PARTS[part]]);
  return {
    ...Object.fromEntries(parts),
    baseUrl: `http://127.0.0.1:${mock.port}/at/${name}${pathname === '/' ? '' : pathname}`,
    keys: [`key-of-${name}`],
    // Its API keys have a header of their own; what an account is given goes as Bearer, as here.
    ...(vendor === 'vertex' ? { auth: 'bearer' } : {}),
    retries: { max: 0 },
  };
}

beforeAll(async () => {
  mock = await startMock();
  const known = PROVIDERS.map(({ name }) => [name, entryOf(name)]);
  const dated = { ...entryOf('azure-dated', 'azure'), vendor: 'azure', apiVersion: '2024-10-21' };
  gateway = await startGateway({
    config: { auth: { keys: [gateKey] }, providers: { ...Object.fromEntries(known), 'azure-dated': dated } },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
});

const messages = [{ role: 'user', content: 'hi' }];

/** A request in the client's dialect, for a model of `provider`. */
function request(
  dialect: DialectName,
  provider: string,
  model: string,
  stream: boolean,
): [path: string, body: object] {
  const name = `${provider}/${model}`;
  const encoded = encodeURIComponent(name);
  switch (dialect) {
    case 'openai-chat':
      return ['/v1/chat/completions', { model: name, messages, stream }];
    case 'openai-responses':
      return ['/v1/responses', { model: name, input: 'hi', stream, store: false }];
    case 'anthropic':
      return ['/v1/messages', { model: name, max_tokens: 10, messages, stream }];
    case 'cohere':
      return ['/v2/chat', { model: name, messages, stream }];
    case 'gemini':
      return [
        `/${provider}/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
      ];
    case 'bedrock':
      return [
        `/model/${encoded}/converse${stream ? '-stream' : ''}`,
        { messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
      ];
    case 'bedrock-invoke':
      return [
        `/model/${encoded}/invoke${stream ? '-with-response-stream' : ''}`,
        { anthropic_version: 'bedrock-2023-05-31', max_tokens: 10, messages },
      ];
  }
}

/** A model of each dialect at each provider: the names that its own pages show. */
const MODELS: Readonly<Record<string, string>> = {
  'azure anthropic': 'claude-sonnet-4-5',
  'vertex gemini': 'gemini-2.5-flash',
  'vertex anthropic': 'claude-sonnet-4-5@20250929',
  'vertex openai-chat': 'meta/llama-3.3-70b-instruct-maas',
  'databricks anthropic': 'databricks-claude-sonnet-4-5',
  'databricks gemini': 'databricks-gemini-2-5-flash',
  'cloudflare openai-responses': '@cf/openai/gpt-oss-120b',
  'bedrock openai-chat': 'openai.gpt-oss-120b-1:0',
  'bedrock openai-responses': 'openai.gpt-6-luna',
  'bedrock bedrock-invoke': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
};

const spoken = [
  ...PROVIDERS.flatMap(({ name, speaks }) => speaks.map(({ dialect }) => [name, dialect] as const))
    // For embeddings alone.
    .filter(([name, dialect]) => name !== 'perplexity' || dialect !== 'openai-chat'),
  ['azure-dated', 'openai-chat'] as const,
  ['azure-dated', 'openai-responses'] as const,
];

test('every record has a gate', () => {
  expect([...GATED].sort()).toEqual([...PROVIDERS.map(({ name }) => name), 'azure-dated'].sort());
});

describe('in its own dialect', () => {
  test.each(spoken)('%s takes %s', async (name, dialect) => {
    const model = MODELS[`${name} ${dialect}`] ?? 'my-deployment';
    for (const stream of [false, true]) {
      const [path, body] = request(dialect, name, model, stream);
      const answer = await fetch(gateway.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      expect([answer.status, text]).toEqual([200, expect.stringMatching(/./)]);
      expect(answer.headers.get('x-headgate-provider')).toBe(name);
      expect(answer.headers.get('x-headgate-dropped')).toBeNull();
      expect(text).not.toMatch(/"error": ?\{/);
    }
  });
});

test('a client of another dialect is served by each of them too', async () => {
  for (const { name } of PROVIDERS) {
    const model = name === 'bedrock' ? 'amazon.nova-lite-v1:0' : 'my-deployment';
    const [path, body] = request('cohere', name, model, false);
    const answer = await fetch(gateway.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([name, answer.status]).toEqual([name, 200]);
  }
});

test('lists what providers list, where they list it', async () => {
  const unlisted = new Set(
    PROVIDERS.filter(
      ({ speaks }) => speaks[0]!.list === false || speaks[0]!.dialect.startsWith('bedrock'),
    ).map(({ name }) => name),
  );
  const listing = PROVIDERS.map(({ name }) => name).filter(
    (name) => !unlisted.has(name) && name !== 'cohere',
  );
  await vi.waitFor(
    async () => {
      const answer = await fetch(`${gateway.url}/v1/models`, {
        headers: { authorization: `Bearer ${gateKey}` },
      });
      const { data } = (await answer.json()) as { data: { id: string }[] };
      const ids = data.map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining(listing.map((name) => `${name}/ok`)));
      for (const name of unlisted) expect(ids).not.toContain(`${name}/ok`);
    },
    { timeout: 30_000, interval: 100 },
  );
});
