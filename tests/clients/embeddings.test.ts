// Vectors through the real `openai`, `@google/genai` and `cohere-ai` packages, each to an upstream of each shape (our own mock).
import { GoogleGenAI } from '@google/genai';
import {
  BedrockRuntimeClient,
  InvokeModelCommand,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { CohereClientV2, CohereError } from 'cohere-ai';
import OpenAI from 'openai';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { mockVector } from '../kit/mock-pairs.ts';
import { upstreamKeys } from '../kit/test-config.ts';

const harness = useGateway((mock) => ({
  dialects: true,
  models: {
    vectors: { targets: ['oa/status:503', 'co/embed-v4.0'] },
    'my-embeddings': { targets: ['oa/status:503', 'ge/embedding'] },
  },
  providers: {
    bi: {
      dialect: ['bedrock', 'bedrock-invoke'],
      baseUrl: mock.anthropicUrl,
      region: 'eu-west-1',
      keys: [{ value: upstreamKeys.be }],
      models: ['*'],
    },
    perplexity: { baseUrl: mock.openaiUrl, keys: [{ value: upstreamKeys.oa }] },
    vertex: {
      baseUrl: `${mock.openaiUrl}`,
      project: 'my-project',
      region: 'europe-west4',
      auth: 'bearer',
      keys: [{ value: upstreamKeys.ge }],
      models: ['text-embedding-005', 'gemini-embedding-001'],
    },
    mistral: { baseUrl: mock.openaiUrl, keys: [{ value: upstreamKeys.oa }] },
  },
}));
let openai: OpenAI;
let gemini: GoogleGenAI;
let vertex: GoogleGenAI;
let cohere: CohereClientV2;
beforeAll(() => {
  openai = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
  gemini = new GoogleGenAI({ apiKey: gateKey, httpOptions: { baseUrl: harness.url } });
  vertex = new GoogleGenAI({ vertexai: true, apiKey: gateKey, httpOptions: { baseUrl: harness.url } });
  cohere = new CohereClientV2({ environment: harness.url, token: gateKey, maxRetries: 0 });
});

const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);
const texts = ['first', 'the second', '3'];
const expected = texts.map(mockVector);

describe('more inputs than a vendor takes', () => {
  const many = Array.from({ length: 250 }, (_, at) => `text ${at}`);

  test.each([
    ['Cohere, 96 at a time', 'co/embed-v4.0', 96, 3],
    ['Gemini, 100 at a time', 'ge/gemini-embedding-001', 100, 3],
    ['no limit that is known', 'oa/text-embedding-3-small', 250, 1],
  ])('go as several requests to %s, and come back as one answer', async (_, model, most, requests) => {
    const before = harness.mock.requests.length;
    const { data, response } = await openai.embeddings.create({ model, input: many }).withResponse();
    expect(harness.mock.requests.length - before).toBe(requests);
    expect(data.data.map(({ index }) => index)).toEqual(many.map((_text, at) => at));
    expect(data.data.map(({ embedding }) => embedding)).toEqual(
      many.map((text, at) => mockVector(text, at % most)),
    );
    expect(data.usage.prompt_tokens).toBe(750);
    expect(response.headers.get('x-headgate-parts')).toBe(requests > 1 ? String(requests) : null);
    expect(response.headers.get('x-headgate-provider')).toBe(model.slice(0, 2));
  });

  test('from a Cohere client, in each of the forms it asks for', async () => {
    const answer = await cohere.embed({
      model: 'co/embed-v4.0',
      inputType: 'search_document',
      embeddingTypes: ['float', 'base64'],
      texts: many.slice(0, 100),
    });
    expect(answer.embeddings.float).toHaveLength(100);
    expect(answer.embeddings.base64).toHaveLength(100);
  });

  test('from a Gemini client, to a model that embeds one text a call', async () => {
    const model = 'bi/amazon.titan-embed-text-v2:0';
    const before = harness.mock.requests.length;
    const { embeddings } = await gemini.models.embedContent({ model, contents: texts });
    expect(embeddings?.map(({ values }) => values)).toEqual(texts.map((text) => mockVector(text, 0)));
    expect(harness.mock.requests.length - before).toBe(3);
    const whole = await gemini.models.embedContent({ model: 'ge/gemini-embedding-001', contents: many });
    expect(whole.embeddings).toHaveLength(250);
    expect(harness.mock.requests.length - before).toBe(6);
  });

  test('fail as one, in the words of the part that failed', async () => {
    const error = await openai.embeddings
      .create({ model: 'co/status:400', input: many })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect((error as InstanceType<typeof OpenAI.APIError>).status).toBe(400);
  });
});

describe('a Bedrock client that invokes', () => {
  let bedrock: BedrockRuntimeClient;
  beforeAll(() => {
    bedrock = new BedrockRuntimeClient({
      region: 'eu-west-1',
      endpoint: harness.url,
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
      token: { token: gateKey },
      authSchemePreference: ['httpBearerAuth'],
    });
  });
  const invoke = async (modelId: string, body: object): Promise<unknown> => {
    const answer = await bedrock.send(new InvokeModelCommand({ modelId, body: JSON.stringify(body) }));
    return JSON.parse(answer.body.transformToString());
  };
  const nova = {
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: {
      embeddingPurpose: 'GENERIC_RETRIEVAL',
      text: { truncationMode: 'END', value: 'first' },
    },
  };
  const [first] = expected;

  test.each([
    'oa/text-embedding-3-small',
    'ge/gemini-embedding-001',
    'co/embed-v4.0',
    'bi/amazon.titan-embed-text-v2:0',
    'bi/amazon.titan-embed-image-v1',
  ])('Titan is answered as by Titan, by %s', async (model) => {
    const answer = await invoke(model, { inputText: 'first' });
    expect(answer).toMatchObject({ embedding: first, inputTextTokenCount: expect.any(Number) as number });
  });

  test.each([
    'oa/text-embedding-3-small',
    'ge/gemini-embedding-001',
    'co/embed-v4.0',
    'bi/amazon.nova-2-multimodal-embeddings-v1:0',
  ])('Nova is answered as by Nova, by %s', async (model) => {
    expect(await invoke(model, nova)).toEqual({ embeddings: [{ embeddingType: 'TEXT', embedding: first }] });
  });

  test.each([
    'oa/text-embedding-3-small',
    'ge/gemini-embedding-001',
    'co/embed-v4.0',
    'bi/cohere.embed-english-v3',
    'bi/cohere.embed-v4:0',
  ])('Cohere is answered as by Cohere, by %s', async (model) => {
    const body = { texts, input_type: 'search_document' };
    expect(await invoke(model, body)).toMatchObject({
      response_type: 'embeddings_floats',
      embeddings: expected,
      texts,
    });
    expect(await invoke(model, { ...body, embedding_types: ['float'] })).toMatchObject({
      response_type: 'embeddings_by_type',
      embeddings: { float: expected },
    });
  });

  test('many texts of Cohere’s body go to a model that embeds one a call', async () => {
    const before = harness.mock.requests.length;
    const body = { texts, input_type: 'search_document' };
    const answer = await invoke('bi/amazon.titan-embed-text-v2:0', body);
    expect(pick(answer, 'embeddings')).toEqual(texts.map((text) => mockVector(text, 0)));
    expect(harness.mock.requests.length - before).toBe(3);
  });

  test.each([
    ['Titan’s body', { inputText: 'first' }],
    ['Nova’s body', nova],
    ['Cohere’s body', { texts: ['first'], input_type: 'search_query' }],
  ])('%s is read also where another of Bedrock’s models is asked', async (_, body) => {
    for (const model of [
      'amazon.titan-embed-text-v2:0',
      'amazon.nova-2-multimodal-embeddings-v1:0',
      'cohere.embed-v4:0',
    ])
      expect(JSON.stringify(await invoke(`bi/${model}`, body))).toContain(JSON.stringify(first));
  });

  test('Bedrock’s own goes there byte for byte, and what nobody else has is refused by its name', async () => {
    const own = { inputText: 'first', embeddingTypes: ['binary', 'float'] };
    await invoke('bi/amazon.titan-embed-text-v2:0', own);
    expect(harness.mock.lastRequest().body.toString()).toBe(JSON.stringify(own));
    const refused = invoke('oa/text-embedding-3-small', own);
    await expect(refused).rejects.toBeInstanceOf(ValidationException);
    await expect(refused).rejects.toThrow('embeddingTypes[0]');
  });
});

describe('a Vertex AI client', () => {
  test.each([
    ['oa/text-embedding-3-small', 9],
    ['ge/embedding', 9],
    ['co/embed-v4.0', 9],
    ['bi/amazon.titan-embed-text-v2:0', 9],
  ])('has its predictions from %s', async (model, tokens) => {
    const { embeddings, metadata } = await vertex.models.embedContent({ model, contents: texts });
    const place = (at: number): number => (model.startsWith('bi/') ? 0 : at);
    expect(embeddings?.map(({ values }) => values)).toEqual(
      texts.map((text, at) => mockVector(text, place(at))),
    );
    const counts = embeddings!.map(({ statistics }) => statistics!.tokenCount!);
    expect(counts.reduce((sum, count) => sum + count)).toBe(tokens);
    if (!model.startsWith('bi/')) expect(metadata?.billableCharacterCount).toBe(15);
  });

  test('says what vectors are for and how long they are', async () => {
    const config = { taskType: 'CLUSTERING', outputDimensionality: 256, autoTruncate: false };
    await vertex.models.embedContent({ model: 'co/embed-v4.0', contents: texts, config });
    expect(['input_type', 'output_dimension', 'truncate'].map(sent)).toEqual(['clustering', 256, 'NONE']);
    await vertex.models.embedContent({ model: 'oa/text-embedding-3-small', contents: texts, config });
    expect(sent('dimensions')).toBe(256);
  });

  test('has one vector a call from models that it asks as newer ones', async () => {
    const model = 'ge/gemini-embedding-001';
    const config = { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 64 };
    const { embeddings } = await vertex.models.embedContent({ model, contents: 'first', config });
    expect(embeddings?.map(({ values }) => values)).toEqual([expected[0]]);
  });

  test('is answered by an alias whose name says that it embeds, with the next target where one fails', async () => {
    const { embeddings } = await vertex.models.embedContent({ model: 'my-embeddings', contents: texts });
    expect(embeddings?.map(({ values }) => values)).toEqual(expected);
  });

  test('has its errors in Google’s words', async () => {
    const refused = vertex.models.embedContent({ model: 'oa/status:429', contents: texts });
    await expect(refused).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining('RESOURCE_EXHAUSTED'),
    });
    const unknown = vertex.models.embedContent({ model: 'co/status:404', contents: texts });
    await expect(unknown).rejects.toMatchObject({ status: 404 });
    const apart = await fetch(`${harness.url}/v1/publishers/oa/models/m:predict`, {
      method: 'POST',
      headers: { 'x-goog-api-key': gateKey },
      body: JSON.stringify({ instances: [{ prompt: 'a boat' }] }),
    });
    expect([apart.status, pick(await apart.json(), 'error.message')]).toEqual([
      400,
      expect.stringContaining('instances[0].content'),
    ]);
  });

  test('has Vertex AI’s own models, and pictures, as they come from there', async () => {
    const { embeddings, metadata } = await vertex.models.embedContent({
      model: 'text-embedding-005',
      contents: texts,
    });
    expect(harness.mock.lastRequest().path).toMatch(
      /\/publishers\/google\/models\/text-embedding-005:predict$/,
    );
    expect(embeddings?.map(({ values }) => values)).toEqual(expected);
    expect(metadata?.billableCharacterCount).toBe(1);
    const { generatedImages } = await vertex.models.generateImages({ model: 'imagen-4', prompt: 'a boat' });
    expect(generatedImages?.[0]?.image?.imageBytes).toBe('QUJD');
  });
});

test.each(['text-embedding-005', 'gemini-embedding-001'])(
  'an OpenAI client has the vectors of Vertex AI’s %s, which is asked for predictions',
  async (model) => {
    const { data, usage } = await openai.embeddings.create({ model: `vertex/${model}`, input: texts });
    expect(harness.mock.lastRequest().path).toContain(`/publishers/google/models/${model}:predict`);
    const each = model === 'gemini-embedding-001';
    expect(data.map(({ embedding }) => embedding)).toEqual(
      texts.map((text, at) => mockVector(text, each ? 0 : at)),
    );
    expect(usage.prompt_tokens).toBe(9);
  },
);

describe.each([
  ['Titan’s first', 'bi/amazon.titan-embed-text-v1'],
  ['Titan’s second', 'bi/amazon.titan-embed-text-v2:0'],
  ['Titan for pictures', 'bi/amazon.titan-embed-image-v1'],
  ['Nova', 'bi/amazon.nova-2-multimodal-embeddings-v1:0'],
  ['Cohere’s third', 'bi/cohere.embed-english-v3'],
  ['Cohere’s fourth', 'bi/cohere.embed-v4:0'],
])('%s on Bedrock', (_, model) => {
  test('answers an OpenAI client, a Gemini client and a Cohere client', async () => {
    const made = await openai.embeddings.create({ model, input: 'first' });
    expect(made.data[0]!.embedding).toEqual(expected[0]);
    const { embeddings } = await gemini.models.embedContent({ model, contents: ['first'] });
    expect(embeddings?.[0]?.values).toEqual(expected[0]);
    const answer = await cohere.embed({
      model,
      texts: ['first'],
      inputType: 'search_query',
      embeddingTypes: ['float'],
    });
    expect(answer.embeddings.float).toEqual([expected[0]]);
  });
});

describe.each([
  ['an OpenAI', 'oa/text-embedding-3-small', true],
  ['a Gemini', 'ge/gemini-embedding-001', false],
  ['a Cohere', 'co/embed-v4.0', false],
])('%s upstream', (_, model, tokens) => {
  test('gives an OpenAI client its vectors in order, as floats and as base64', async () => {
    const { data, response } = await openai.embeddings.create({ model, input: texts }).withResponse();
    expect(data.data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(data.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(data.usage.prompt_tokens).toBe(9);
    expect(response.headers.get('x-request-id')).toBeTruthy();
    const floats = await openai.embeddings.create({ model, input: 'first', encoding_format: 'float' });
    expect(floats.data[0]!.embedding).toEqual(expected[0]);
    const raw = await fetch(`${harness.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, input: 'first', encoding_format: 'base64' }),
    });
    const base64 = pick(await raw.json(), 'data.0.embedding') as string;
    expect([...new Float32Array(Buffer.from(base64, 'base64').buffer.slice(0))].length).toBeGreaterThan(0);
    expect(Buffer.from(base64, 'base64').readFloatLE(8)).toBe(-0.25);
  });

  test('is asked for fewer dimensions', async () => {
    await openai.embeddings.create({ model, input: texts, dimensions: 256 });
    const places = ['dimensions', 'requests.0.outputDimensionality', 'output_dimension'];
    expect(places.map(sent).filter((value) => value !== undefined)).toEqual([256]);
  });

  test('takes ids of tokens where it can, and says so where it cannot', async () => {
    const asked = openai.embeddings.create({ model, input: [[1, 2, 3], [4]] });
    if (tokens) {
      await asked;
      expect(sent('input')).toEqual([[1, 2, 3], [4]]);
    } else await expect(asked).rejects.toMatchObject({ status: 400, param: 'input' });
  });

  test('gives a Gemini client its vectors', async () => {
    const { embeddings } = await gemini.models.embedContent({
      model,
      contents: texts,
      config: { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 64 },
    });
    expect(embeddings?.map(({ values }) => values)).toEqual(expected);
  });

  test('gives a Cohere client its vectors, as floats and as base64', async () => {
    const answer = await cohere.embed({
      model,
      texts,
      inputType: 'search_query',
      embeddingTypes: ['float', 'base64'],
    });
    expect(answer.embeddings.float).toEqual(expected);
    expect(Buffer.from(answer.embeddings.base64![1]!, 'base64').readFloatLE(4)).toBe(1);
    expect(answer.meta?.billedUnits?.inputTokens).toBe(9);
  });

  test('refuses what only Cohere has, unless it is Cohere', async () => {
    const asked = cohere.embed({ model, texts, inputType: 'search_query', embeddingTypes: ['int8'] });
    if (model.startsWith('co/')) expect((await asked).embeddings.int8).toHaveLength(3);
    else await expect(asked).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('a server that answers numbers, whatever it is asked,', () => {
  test('gives OpenAI’s client the vectors that it asked for as base64', async () => {
    const model = 'oa/numbers-alone';
    const { data, usage } = await openai.embeddings.create({ model, input: texts });
    expect(data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(usage.prompt_tokens).toBe(9);
    expect(sent('encoding_format')).toBe('base64');
  });

  test('gives OpenAI’s client for Python the numbers, which it reads too, and alone where it checks them', async () => {
    const answer = await fetch(`${harness.url}/v1/embeddings`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateKey}`,
        'content-type': 'application/json',
        'x-stainless-lang': 'python',
      },
      body: JSON.stringify({ model: 'oa/numbers-alone', input: 'first', encoding_format: 'base64' }),
    });
    expect(pick(await answer.json(), 'data.0.embedding')).toEqual(expected[0]);
  });

  test('likewise where its inputs go in parts', async () => {
    const input = Array.from({ length: 600 }, (_, at) => 'x'.repeat((at % 7) + 1));
    const { data } = await openai.embeddings.create({ model: 'perplexity/pplx-embed-v1-4b', input });
    expect(data.map(({ embedding }) => embedding)).toEqual(
      input.map((text, at) => [text.length, ((at % 512) << 24) >> 24, -25]),
    );
  });
});

describe('Perplexity’s vectors of signed bytes', () => {
  const model = 'perplexity/pplx-embed-v1-0.6b';
  const bytes = texts.map((text, at) => [text.length, at, -25]);

  test('come to clients of every dialect as numbers', async () => {
    for (const more of [{}, { encoding_format: 'float' as const }]) {
      const { data } = await openai.embeddings.create({ model, input: texts, dimensions: 128, ...more });
      expect(data.map(({ embedding }) => embedding)).toEqual(bytes);
      expect([sent('dimensions'), sent('encoding_format')]).toEqual([128, undefined]);
    }
    const { embeddings } = await gemini.models.embedContent({ model, contents: texts });
    expect(embeddings?.map(({ values }) => values)).toEqual(bytes);
    const answer = await cohere.embed({ model, texts, inputType: 'clustering', embeddingTypes: ['float'] });
    expect(answer.embeddings.float).toEqual(bytes);
  });

  test('come as they are to who asks for them so, and nobody else can be asked for that', async () => {
    const packed = { input: texts, encoding_format: 'base64_int8' as 'base64' };
    const { data } = await openai.embeddings.create({ model, ...packed });
    expect(data.map(({ embedding }) => Buffer.from(embedding as unknown as string, 'base64'))).toEqual(
      bytes.map((vector) => Buffer.from(Int8Array.from(vector).buffer)),
    );
    expect(sent('encoding_format')).toBe('base64_int8');
    const elsewhere = openai.embeddings.create({ model: 'co/embed-v4.0', ...packed });
    await expect(elsewhere).rejects.toMatchObject({ status: 400, param: 'encoding_format' });
  });

  test('are made of text alone, and who asks is not told', async () => {
    await expect(openai.embeddings.create({ model, input: [[1, 2]] })).rejects.toMatchObject({ status: 400 });
    const { response } = await openai.embeddings.create({ model, input: 'x', user: 'u' }).withResponse();
    expect(response.headers.get('x-headgate-dropped')).toBe('user');
  });
});

test('Mistral is told the length of vectors in its words, and not who asks', async () => {
  const model = 'mistral/codestral-embed';
  const asked = openai.embeddings.create({ model, input: texts, dimensions: 256, user: 'u' });
  await expect(asked).rejects.toMatchObject({ status: 400 }); // the mock is OpenAI, and knows no such member
  expect([sent('output_dimension'), sent('dimensions'), sent('user')]).toEqual([256, undefined, undefined]);
  await gemini.models
    .embedContent({ model, contents: texts, config: { outputDimensionality: 64 } })
    .catch(() => undefined);
  expect([sent('output_dimension'), sent('dimensions')]).toEqual([64, undefined]);
});

test('what vectors are for goes from Gemini to Cohere and is named where it gets lost', async () => {
  await gemini.models.embedContent({
    model: 'co/embed-v4.0',
    contents: ['x'],
    config: { taskType: 'CLUSTERING' },
  });
  expect(sent('input_type')).toBe('clustering');
  const { rawResponse } = await cohere
    .embed({ model: 'oa/text-embedding-3-small', texts: ['x'], inputType: 'clustering' })
    .withRawResponse();
  expect(rawResponse.headers.get('x-headgate-dropped')).toBe('input_type');
});

test('a batch of Gemini’s goes to Gemini as it came but for the model each request names', async () => {
  await gemini.models.embedContent({ model: 'ge/gemini-embedding-001', contents: ['a', 'b'] });
  expect(harness.mock.lastRequest().path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents');
  expect(sent('requests.1.model')).toBe('models/gemini-embedding-001');
});

test('Bedrock embeds with Amazon’s models one text a call, and with Cohere’s many', async () => {
  const titan = 'bi/amazon.titan-embed-text-v2:0';
  const { data, usage } = await openai.embeddings.create({ model: titan, input: 'first', dimensions: 256 });
  expect([data[0]!.embedding, usage.prompt_tokens]).toEqual([expected[0], 3]);
  expect(harness.mock.lastRequest().path).toBe('/model/amazon.titan-embed-text-v2%3A0/invoke');
  const each = await openai.embeddings.create({ model: titan, input: texts });
  expect(each.data.map(({ embedding }) => embedding)).toEqual(texts.map((text) => mockVector(text, 0)));
  expect(each.usage.prompt_tokens).toBe(9);
  const many = await openai.embeddings.create({ model: 'bi/cohere.embed-english-v3', input: texts });
  expect(many.data.map(({ embedding }) => embedding)).toEqual(expected);
});

test('a provider that fails is followed by the next, in another shape', async () => {
  const { data, response } = await openai.embeddings
    .create({ model: 'vectors', input: texts })
    .withResponse();
  expect(data.data.map(({ embedding }) => embedding)).toEqual(expected);
  expect(response.headers.get('x-headgate-provider')).toBe('co');
});

test('refusals come in the client’s words, and a provider without vectors is named', async () => {
  await expect(openai.embeddings.create({ model: 'an/claude', input: 'x' })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('serves no embeddings'),
  });
  await expect(openai.embeddings.create({ model: 'ge/status:429', input: 'x' })).rejects.toBeInstanceOf(
    OpenAI.RateLimitError,
  );
  await expect(
    cohere.embed({ model: 'oa/status:404', texts, inputType: 'search_query' }),
  ).rejects.toBeInstanceOf(CohereError);
  await expect(gemini.models.embedContent({ model: 'co/status:400', contents: ['x'] })).rejects.toMatchObject(
    { status: 400 },
  );
});

test('two thousand vectors come whole, written anew or not', async () => {
  const input = Array.from({ length: 2048 }, (_, at) => `text ${at}`);
  const { data } = await openai.embeddings.create({ model: 'oa/wide', input });
  expect(data).toHaveLength(2048);
  expect(data[2047]!.embedding).toHaveLength(1536);
  expect(data[2047]!.embedding[0]).toBeCloseTo(Math.sin(2047), 6);
  const some = input.slice(0, 500);
  const answer = await cohere.embed({ model: 'oa/wide', texts: some, inputType: 'search_document' });
  expect(answer.embeddings.float).toHaveLength(500);
  expect(answer.embeddings.float![499]![1535]).toBeCloseTo(Math.sin(499 + 1535), 6);
});

test('what was used is counted', async () => {
  await openai.embeddings.create({ model: 'oa/counted', input: texts });
  await vi.waitFor(
    async () => {
      const metrics = await (await fetch(`${harness.url}/metrics`)).text();
      expect(metrics).toMatch(/headgate_tokens_total\{provider="oa",model="[^"]*",kind="input"\} (?!0)\d/);
    },
    { timeout: 20_000, interval: 200 },
  );
});
