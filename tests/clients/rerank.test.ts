// Documents put in order through the real `cohere-ai` package, and moderations through `openai`, to an upstream of each shape.
import { CohereClient, CohereClientV2 } from 'cohere-ai';
import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { upstreamKeys } from '../kit/test-config.ts';

const harness = useGateway((mock) => ({
  dialects: true,
  models: { 'omni-moderation-latest': { targets: ['oa/omni-moderation-latest'] } },
  providers: {
    bi: {
      dialect: ['bedrock', 'bedrock-invoke'],
      baseUrl: mock.anthropicUrl,
      region: 'eu-west-1',
      keys: [{ value: upstreamKeys.be }],
      models: ['*'],
    },
  },
}));
let v2: CohereClientV2;
let v1: CohereClient;
let openai: OpenAI;
beforeAll(() => {
  v2 = new CohereClientV2({ environment: harness.url, token: gateKey, maxRetries: 0 });
  v1 = new CohereClient({ environment: harness.url, token: gateKey, maxRetries: 0 });
  openai = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
});

const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);
const documents = ['about boats', 'canal', 'a long canal'];
const query = 'canal locks';

async function post(
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${harness.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

describe.each([
  ['a Cohere', 'co/rerank-v3.5'],
  ['an OpenAI-compatible', 'oa/bge-reranker'],
  ['Cohere’s on Bedrock as', 'bi/cohere.rerank-v3-5:0'],
  ['Amazon’s as', 'bi/amazon.rerank-v1:0'],
  ['a bare-listed', 'oa/bare-list'],
])('%s upstream', (_, model) => {
  test('puts the documents of both Cohere clients in order', async () => {
    for (const client of [v2, v1]) {
      const { results, meta } = await client.rerank({ model, query, documents, topN: 2 });
      expect(results.map(({ index }) => index)).toEqual([1, 2]);
      expect(results[0]!.relevanceScore).toBeCloseTo(0.9);
      // Jina and vLLM bill tokens, and where nothing is said it was one search.
      if (!model.startsWith('bi') && !model.startsWith('oa')) expect(meta?.billedUnits?.searchUnits).toBe(1);
      expect(sent('top_n')).toBe(2);
    }
  });

  test('gives documents back to who wants them, in the shape they came in', async () => {
    if (model === 'oa/bare-list') return;
    const texts = await post('/v1/rerank', { model, query, documents, return_documents: true });
    expect(pick(texts.json, 'results.0.document.text')).toBe('canal');
    const objects = documents.map((text) => ({ text }));
    const asked = { model, query, documents: objects, return_documents: true };
    if (model.startsWith('oa')) return;
    expect(pick((await post('/rerank', asked)).json, 'results.0.document')).toEqual({ text: 'canal' });
  });
});

/** As AWS's SDKs ask `bedrock-agent-runtime`. */
const agentAsks = (modelArn: string, more: object = {}, sources: unknown = documents) => ({
  queries: [{ type: 'TEXT', textQuery: { text: query } }],
  sources: (sources as unknown[]).map((source) => ({
    type: 'INLINE',
    inlineDocumentSource:
      typeof source === 'string'
        ? { type: 'TEXT', textDocument: { text: source } }
        : { type: 'JSON', jsonDocument: source },
  })),
  rerankingConfiguration: {
    type: 'BEDROCK_RERANKING_MODEL',
    bedrockRerankingConfiguration: { modelConfiguration: { modelArn }, ...more },
  },
});
const ofAws = { 'amz-sdk-invocation-id': '5f1c' };

test.each([
  'co/rerank-v3.5',
  'oa/bge-reranker',
  'bi/cohere.rerank-v3-5:0',
  'bi/arn:aws:bedrock:us-west-2::foundation-model/amazon.rerank-v1:0',
])('%s puts the documents of an AWS client in order', async (model) => {
  for (const path of ['/rerank', '/bedrock/rerank']) {
    const { status, json } = await post(path, agentAsks(model, { numberOfResults: 2 }), ofAws);
    expect([status, json]).toEqual([
      200,
      {
        results: [
          { index: 1, relevanceScore: expect.closeTo(0.9) },
          { index: 2, relevanceScore: expect.any(Number) },
        ],
      },
    ]);
    expect(sent('documents')).toEqual(documents);
  }
  const objects = await post('/rerank', agentAsks(model, {}, [{ a: 'x' }, { text: 'canal' }]), ofAws);
  expect(pick(objects.json, 'results')).toHaveLength(2);
  expect(pick(objects.json, 'results.0.index')).toBe(1);
});

describe.each([
  ['Cohere’s', { api_version: 2 }],
  ['Amazon’s', {}],
])('an AWS client that invokes with %s body', (_, version) => {
  const body = { query, documents, top_n: 2, ...version };
  const invoke = (model: string, more: object = {}) =>
    post(`/model/${encodeURIComponent(model)}/invoke`, { ...body, ...more }, ofAws);

  test.each(['co/rerank-v3.5', 'oa/bge-reranker', 'bi/cohere.rerank-v3-5:0', 'bi/amazon.rerank-v1:0'])(
    'has its documents put in order by %s',
    async (model) => {
      const { status, json } = await invoke(model);
      expect([status, pick(json, 'results')]).toEqual([
        200,
        [
          expect.objectContaining({ index: 1, relevance_score: expect.closeTo(0.9) }),
          expect.objectContaining({ index: 2, relevance_score: expect.any(Number) }),
        ],
      ]);
      expect(sent('documents')).toEqual(documents);
      expect(sent('api_version')).toBe(model.startsWith('bi/cohere') ? 2 : undefined);
    },
  );

  test('hears what is wrong in AWS’s words', async () => {
    expect(await invoke('co/rerank-v3.5', { documents: [] })).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('documents') },
    });
    expect(await invoke('oa/status:429')).toMatchObject({
      status: 429,
      json: { message: expect.any(String) },
    });
  });
});

test('an AWS client hears what is wrong in AWS’s words', async () => {
  const bad = await post('/rerank', { ...agentAsks('co/rerank-v3.5'), queries: [] }, ofAws);
  expect(bad).toMatchObject({ status: 400, json: { message: expect.stringContaining('queries') } });
  for (const [model, status] of [
    ['bi/cohere.rerank+status:429', 429],
    ['co/status:429', 429],
  ] as const) {
    const refused = await post('/rerank', agentAsks(model), ofAws);
    expect(refused).toMatchObject({ status, json: { message: expect.any(String) } });
  }
});

test('what a server cannot be asked for is named, and what is wrong is said in the client’s words', async () => {
  const { rawResponse } = await v2
    .rerank({ model: 'oa/bge', query, documents, maxTokensPerDoc: 9 })
    .withRawResponse();
  expect(rawResponse.headers.get('x-headgate-dropped')).toBe('max_tokens_per_doc');
  expect(await post('/v1/rerank', { model: 'co/rerank', query, documents: [] })).toMatchObject({
    status: 400,
    json: { error: { param: 'documents', type: 'invalid_request_error' } },
  });
  expect(await post('/v2/rerank', { model: 'bi/cohere.rerank', documents })).toMatchObject({
    status: 400,
    json: { message: expect.stringContaining('query') },
  });
});

test('moderations go on as they came, with the vendor’s own model where none is named', async () => {
  const answer = await openai.moderations.create({ input: ['a boat', 'kill it'] });
  expect(answer.results.map(({ flagged }) => flagged)).toEqual([false, true]);
  expect(sent('model')).toBe('omni-moderation-latest');
  const input = [{ type: 'text' as const, text: 'kill it' }];
  const parts = await openai.moderations.create({ model: 'oa/omni-moderation-latest', input });
  expect(parts.results[0]!.categories.violence).toBe(true);
  await expect(openai.moderations.create({ model: 'co/command', input: 'x' })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('serves no moderation'),
  });
  await expect(openai.moderations.create({ model: 'oa/status:429', input: 'x' })).rejects.toBeInstanceOf(
    OpenAI.RateLimitError,
  );
});
