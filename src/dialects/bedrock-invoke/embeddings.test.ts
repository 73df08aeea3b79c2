// Vectors as AWS's clients invoke them: each maker's body read, written, and answered in its own shape.
import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../../tests/kit/encode-target.ts';
import { inspectBody } from '../../body/inspect.ts';
import type { EmbeddingRequest } from '../../contracts/embedding.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { embeddings as cohere } from '../cohere/embeddings.ts';
import { embeddings as gemini } from '../gemini/embeddings.ts';
import { embeddings } from './embeddings.ts';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PICTURE = `data:image/png;base64,${PNG}`;
const TITAN_2 = 'amazon.titan-embed-text-v2:0';
const NOVA = 'us.amazon.nova-2-multimodal-embeddings-v1:0';

const asks = (body: string, model = 'm'): boolean => {
  const bytes = Buffer.from(body);
  return embeddings.asks(bytes, { ...inspectBody(bytes), model });
};
const decode = (body: JsonObject): EmbeddingRequest => embeddings.decodeRequest(body);
const encode = (request: EmbeddingRequest, model: string) => {
  const { body, ...rest } = embeddings.encodeRequest(request, encodeTarget('bedrock-invoke', model));
  return { body: JSON.parse(body) as JsonObject, ...rest };
};
const text = (more: Partial<EmbeddingRequest> = {}): EmbeddingRequest => ({
  ...decode({ inputText: 'a' }),
  ...more,
});
const picture = (): EmbeddingRequest =>
  gemini.decodeRequest({
    content: { parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }] },
  });

describe('a body of the invoke route', () => {
  test.each([
    '{"inputText":"a"}',
    '{"inputText":"a","dimensions":256,"normalize":true}',
    '{"input\\u0054ext":"a"}',
    '{"inputImage":"x"}',
    '{"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{}}',
    '{"texts":["a"],"input_type":"search_query"}',
    '{"input_type":"search_query","images":["x"]}',
    '{"inputs":[],"input_type":"search_query"}',
  ])('asks for vectors: %s', (body) => expect(asks(body)).toBe(true));

  test.each([
    '{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[]}',
    '{"inputText":"a","textGenerationConfig":{}}',
    '{"prompt":"a"}',
    '{"texts":["a"]}',
    '{"input_type":"search_query"}',
    '{"query":"a","documents":[],"api_version":2}',
    '{"taskType":"TEXT_IMAGE","textToImageParams":{}}',
    '{}',
  ])('asks for something else: %s', (body) => expect(asks(body)).toBe(false));

  test('of a Titan that writes asks for a text', () => {
    expect(asks('{"inputText":"a"}', 'amazon.titan-text-express-v1')).toBe(false);
    expect(asks('{"inputText":"a"}', 'amazon.titan-embed-text-v1')).toBe(true);
  });
});

describe('what is asked', () => {
  test.each<[string, JsonObject, Partial<EmbeddingRequest>]>([
    [
      'of Titan for a text',
      { inputText: 'a', dimensions: 256, normalize: false, embeddingTypes: ['float', 'binary'] },
      {
        inputs: [{ kind: 'text', text: 'a' }],
        dimensions: 256,
        dropped: ['normalize'],
        mustNotDrop: ['embeddingTypes[1]'],
      },
    ],
    [
      'of Titan for a picture',
      { inputImage: PNG, embeddingConfig: { outputEmbeddingLength: 384 } },
      { inputs: [{ kind: 'image', url: PICTURE }], dimensions: 384, dropped: [], mustNotDrop: [] },
    ],
    ['of Titan for one vector of both', { inputImage: PNG, inputText: 'a' }, { mustNotDrop: ['inputText'] }],
    [
      'of Nova for a text',
      {
        schemaVersion: 'nova-multimodal-embed-v1',
        taskType: 'SINGLE_EMBEDDING',
        singleEmbeddingParams: {
          embeddingPurpose: 'DOCUMENT_RETRIEVAL',
          embeddingDimension: 1024,
          text: { truncationMode: 'START', value: 'a' },
        },
      },
      {
        inputs: [{ kind: 'text', text: 'a' }],
        dimensions: 1024,
        purpose: 'query',
        truncate: 'start',
        dropped: [],
      },
    ],
    [
      'of Nova for a picture',
      {
        taskType: 'SINGLE_EMBEDDING',
        singleEmbeddingParams: {
          embeddingPurpose: 'GENERIC_INDEX',
          image: { format: 'png', detailLevel: 'STANDARD_IMAGE', source: { bytes: PNG } },
        },
      },
      {
        inputs: [{ kind: 'image', url: PICTURE }],
        purpose: 'document',
        dropped: ['singleEmbeddingParams.image.detailLevel'],
      },
    ],
    [
      'of Cohere on Bedrock',
      {
        inputs: [{ content: [{ type: 'image_url', image_url: PICTURE }] }],
        input_type: 'search_document',
        truncate: 'RIGHT',
        max_tokens: 9,
      },
      { inputs: [{ kind: 'image', url: PICTURE }], truncate: 'end', dropped: ['max_tokens'] },
    ],
  ])('%s is read', (_, body, expected) => {
    expect(decode(body)).toMatchObject(expected);
  });

  test.each<[JsonObject, string]>([
    [{ inputText: 7 }, 'inputText'],
    [{ inputText: 'a', dimensions: 0 }, 'dimensions'],
    [{ inputImage: 'no picture' }, 'inputImage'],
    [{ singleEmbeddingParams: {} }, 'singleEmbeddingParams'],
    [{ singleEmbeddingParams: { text: {} } }, 'singleEmbeddingParams.text.value'],
    [{ singleEmbeddingParams: { audio: {} } }, 'singleEmbeddingParams.audio'],
    [
      { singleEmbeddingParams: { text: { source: { s3Location: { uri: 's3://b/k' } } } } },
      'singleEmbeddingParams.text.source',
    ],
    [
      { singleEmbeddingParams: { image: { source: { s3Location: { uri: 's3://b/k' } } } } },
      'singleEmbeddingParams.image.source.s3Location',
    ],
  ])('is refused by its name: %j', (body, param) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ param }));
  });
});

describe('each model is asked as it takes it', () => {
  test.each<[string, EmbeddingRequest, JsonObject]>([
    ['amazon.titan-embed-text-v1', text(), { inputText: 'a' }],
    ['amazon.titan-embed-text-v1', text({ dimensions: 1536 }), { inputText: 'a' }],
    [TITAN_2, text({ dimensions: 256 }), { inputText: 'a', dimensions: 256 }],
    [
      'amazon.titan-embed-image-v1',
      text({ dimensions: 256 }),
      { inputText: 'a', embeddingConfig: { outputEmbeddingLength: 256 } },
    ],
    ['amazon.titan-embed-image-v1', picture(), { inputImage: PNG }],
    [
      NOVA,
      picture(),
      {
        taskType: 'SINGLE_EMBEDDING',
        singleEmbeddingParams: {
          embeddingPurpose: 'GENERIC_INDEX',
          image: { format: 'png', source: { bytes: PNG } },
        },
      },
    ],
    [
      'cohere.embed-english-v3',
      text({ truncate: 'start' }),
      { input_type: 'search_document', embedding_types: ['float'], texts: ['a'], truncate: 'START' },
    ],
    [
      'us.cohere.embed-v4:0',
      text({ truncate: 'start', purpose: 'query', dimensions: 256 }),
      {
        input_type: 'search_query',
        embedding_types: ['float'],
        texts: ['a'],
        truncate: 'LEFT',
        output_dimension: 256,
      },
    ],
    [
      'cohere.embed-v4:0',
      picture(),
      { input_type: 'search_document', embedding_types: ['float'], images: [PICTURE] },
    ],
    [
      'cohere.embed-v4:0',
      cohere.decodeRequest({
        inputs: [
          { content: [{ type: 'text', text: 'a' }] },
          { content: [{ type: 'image_url', image_url: { url: PICTURE } }] },
        ],
      }),
      {
        input_type: 'search_document',
        embedding_types: ['float'],
        inputs: [
          { content: [{ type: 'text', text: 'a' }] },
          { content: [{ type: 'image_url', image_url: PICTURE }] },
        ],
      },
    ],
  ])('%s', (model, request, body) => {
    expect(encode(request, model).body).toEqual(body);
  });

  test.each<[string, string, EmbeddingRequest, string]>([
    [
      'another length of the first Titan',
      'amazon.titan-embed-text-v1',
      text({ dimensions: 8 }),
      'dimensions',
    ],
    ['a length of Cohere’s third', 'cohere.embed-english-v3', text({ dimensions: 8 }), 'dimensions'],
    ['a picture of one for texts', TITAN_2, picture(), 'content'],
    [
      'a picture that lies elsewhere',
      NOVA,
      text({ inputs: [{ kind: 'image', url: 'https://x/y.png' }] }),
      'inputText',
    ],
    [
      'two at once',
      TITAN_2,
      text({
        inputs: [
          { kind: 'text', text: 'a' },
          { kind: 'text', text: 'b' },
        ],
      }),
      'inputText',
    ],
  ])('nobody asks %s', (_, model, request, param) => {
    expect(() => encode(request, model)).toThrow(expect.objectContaining({ param }));
  });
});

describe('the answer has the shape that the body implies', () => {
  const usage = {
    input: 5,
    output: 0,
    cacheRead: null,
    cacheWriteShort: null,
    cacheWriteLong: null,
    reasoning: null,
  };
  const answer = (body: JsonObject, vectors: (number[] | string)[] = [[1, 0.5]]): unknown => {
    const context = { requestId: 'r', model: 'm', now: 0, includeUsage: true, promptEstimate: 3 };
    const remembered = embeddings.remember(body);
    return JSON.parse(
      embeddings.encodeAnswer({ id: '', model: '', vectors, usage }, { ...context, remembered }),
    );
  };

  test('of Titan', () => {
    const plain = { embedding: [1, 0.5], inputTextTokenCount: 5 };
    expect(answer({ inputText: 'a' })).toEqual(plain);
    expect(answer({ inputImage: PNG })).toEqual(plain);
    expect(answer({ inputText: 'a', normalize: true })).toEqual({
      ...plain,
      embeddingsByType: { float: [1, 0.5] },
    });
  });

  test('of Nova', () => {
    const params = { singleEmbeddingParams: { image: {} } };
    expect(answer(params)).toEqual({ embeddings: [{ embeddingType: 'IMAGE', embedding: [1, 0.5] }] });
    expect(answer({ singleEmbeddingParams: 7 })).toMatchObject({ embeddings: [{ embeddingType: 'TEXT' }] });
  });

  test('of Cohere', () => {
    expect(answer({ texts: ['a'] })).toMatchObject({
      response_type: 'embeddings_floats',
      embeddings: [[1, 0.5]],
      texts: ['a'],
    });
    expect(answer({ texts: ['a'], embedding_types: ['float'] })).toMatchObject({
      response_type: 'embeddings_by_type',
      embeddings: { float: [[1, 0.5]] },
    });
  });
});

test('what a model in a format of its own answers says nothing, and one that writes says what it wrote', () => {
  expect(embeddings.readAnswer({ outputText: 'hi' }).usage).toBeNull();
  const written = { inputTextTokenCount: 5, results: [{ tokenCount: 7, outputText: 'hi' }] };
  expect(embeddings.readAnswer(written).usage).toMatchObject({ input: 5, output: 7 });
});
