// Embeddings in each dialect's shape and from each into each other.
import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../tests/kit/encode-target.ts';
import { inspectBody } from '../body/inspect.ts';
import { applyEdits } from '../body/splice.ts';
import type { PairCodec } from '../contracts/dialect.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from '../contracts/embedding.ts';
import type { JsonObject } from '../contracts/json.ts';
import { dialectByName } from '../registry/dialects.ts';
import { base64Of, floatsOf } from './vectors.ts';

type Codec = PairCodec<EmbeddingRequest, EmbeddingAnswer>;
const codec = (name: DialectName): Codec => dialectByName(name).embeddings!;
const target = (name: DialectName, model = 'm', strict = false) => ({ ...encodeTarget(name, model), strict });

/** The same question in each client's words. */
const asked: [DialectName, JsonObject][] = [
  ['openai-chat', { model: 'x', input: ['a', 'bc'], dimensions: 8, input_type: 'query' }],
  [
    'gemini',
    {
      requests: ['a', 'bc'].map((text) => ({
        model: 'models/x',
        content: { parts: [{ text }] },
        taskType: 'RETRIEVAL_QUERY',
        outputDimensionality: 8,
      })),
    },
  ],
  [
    'gemini',
    {
      instances: ['a', 'bc'].map((content) => ({ content, task_type: 'RETRIEVAL_QUERY' })),
      parameters: { outputDimensionality: 8 },
    },
  ],
  ['cohere', { model: 'x', texts: ['a', 'bc'], output_dimension: 8, input_type: 'search_query' }],
  ['bedrock-invoke', { texts: ['a', 'bc'], output_dimension: 8, input_type: 'search_query' }],
];
/** And as each upstream is asked. */
const wanted: [DialectName, string, JsonObject][] = [
  ['openai-chat', 'm', { model: 'm', input: ['a', 'bc'], dimensions: 8 }],
  [
    'gemini',
    'm',
    {
      requests: ['a', 'bc'].map((text) => ({
        model: 'models/m',
        taskType: 'RETRIEVAL_QUERY',
        outputDimensionality: 8,
        content: { parts: [{ text }] },
      })),
    },
  ],
  [
    'cohere',
    'm',
    {
      model: 'm',
      input_type: 'search_query',
      embedding_types: ['float'],
      texts: ['a', 'bc'],
      output_dimension: 8,
    },
  ],
  [
    'bedrock-invoke',
    'eu.cohere.embed-v4:0',
    { input_type: 'search_query', embedding_types: ['float'], texts: ['a', 'bc'], output_dimension: 8 },
  ],
];
const answers: [DialectName, JsonObject, number | null][] = [
  [
    'openai-chat',
    {
      object: 'list',
      data: [
        { index: 1, embedding: [0.5, 2] },
        { index: 0, embedding: base64Of([0.25, -1]) },
      ],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    },
    4,
  ],
  ['gemini', { embeddings: [{ values: [0.25, -1] }, { values: [0.5, 2] }] }, null],
  [
    'cohere',
    {
      id: 'c',
      embeddings: {
        float: [
          [0.25, -1],
          [0.5, 2],
        ],
      },
      meta: { billed_units: { input_tokens: 4 } },
    },
    4,
  ],
  [
    'bedrock-invoke',
    {
      embeddings: [
        [0.25, -1],
        [0.5, 2],
      ],
      response_type: 'embeddings_floats',
    },
    null,
  ],
];
const context = { requestId: 'r', model: 'm', now: 0, includeUsage: true };

describe.each(asked)('asked in the words of %s', (from, body) => {
  test.each(wanted)('%s is asked for the same', (to, model, expected) => {
    const request = codec(from).decodeRequest(body);
    const made = codec(to).encodeRequest(request, target(to, model));
    expect(JSON.parse(made.body)).toEqual(expected);
    expect(made.dropped).toEqual(to === 'openai-chat' ? [request.names.purpose] : []);
  });

  test.each(answers)('%s answers the same', (to, answer, tokens) => {
    const decoded = codec(to).decodeAnswer(answer);
    expect(decoded.usage?.input ?? null).toBe(tokens);
    const remembered = codec(from).remember?.(body);
    const text = codec(from).encodeAnswer(decoded, { ...context, ...(remembered && { remembered }) });
    const again = codec(from).decodeAnswer(JSON.parse(text) as JsonObject);
    expect(again.vectors.map(floatsOf)).toEqual([
      [0.25, -1],
      [0.5, 2],
    ]);
  });
});

describe('an OpenAI client’s input', () => {
  const inputs = (input: JsonObject['x']) =>
    codec('openai-chat').decodeRequest({ model: 'x', input: input! }).inputs;

  test('is a text, texts, tokens or lists of tokens', () => {
    expect(inputs('a')).toEqual([{ kind: 'text', text: 'a' }]);
    expect(inputs([1, 2])).toEqual([{ kind: 'tokens', tokens: [1, 2] }]);
    expect(inputs([[1], [2, 3]])).toEqual([
      { kind: 'tokens', tokens: [1] },
      { kind: 'tokens', tokens: [2, 3] },
    ]);
  });

  test.each<[JsonObject, string]>([
    [{}, 'input'],
    [{ input: [] }, 'input'],
    [{ input: ['a', 7] }, 'input[1]'],
    [{ input: [1, 'a'] }, 'input[1]'],
    [{ input: [[1, 'a']] }, 'input[0][1]'],
    [{ input: 'a', dimensions: 0 }, 'dimensions'],
    [{ input: 'a', encoding_format: 'int8' }, 'encoding_format'],
  ])('is refused where it is %j', (body, param) => {
    expect(() => codec('openai-chat').decodeRequest(body)).toThrow(
      expect.objectContaining({ code: 'GW_CLIENT_BAD_REQUEST', param }),
    );
  });

  test('in tokens goes to nobody with another vocabulary', () => {
    const request = codec('openai-chat').decodeRequest({ input: [1, 2] });
    for (const to of ['gemini', 'cohere', 'bedrock-invoke'] as const)
      expect(() => codec(to).encodeRequest(request, target(to, 'cohere.embed'))).toThrow(
        expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED', param: 'input' }),
      );
  });
});

test('the first API of Cohere gets floats alone, unless it asks for types', () => {
  const answer = { id: 'e', model: 'm', vectors: [[1, 2]], usage: null };
  const at = (template: string, remembered = {}) =>
    JSON.parse(codec('cohere').encodeAnswer(answer, { ...context, template, remembered })) as JsonObject;
  expect(at('/v1/embed')).toMatchObject({ response_type: 'embeddings_floats', embeddings: [[1, 2]] });
  expect(at('/v1/embed', { types: ['float'] })).toMatchObject({ embeddings: { float: [[1, 2]] } });
  expect(at('/v2/embed')).toMatchObject({ response_type: 'embeddings_by_type' });
  // What was embedded is repeated.
  const remembered = codec('cohere').remember!({ texts: ['a'], embedding_types: ['float'] });
  for (const path of ['/v1/embed', '/v2/embed']) expect(at(path, remembered)).toMatchObject({ texts: ['a'] });
  expect(codec('cohere').address(target('cohere'), false, '/v1/embed')).toBe('/v1/embed');
  expect(codec('cohere').address(target('cohere'), false, '/v1/embeddings')).toBe('/v2/embed');
});

test('a strict client is told of what would be left out', () => {
  const request = codec('cohere').decodeRequest({ texts: ['a'], input_type: 'search_query', priority: 1 });
  expect(request.dropped).toEqual(['priority']);
  expect(() => codec('gemini').encodeRequest(request, target('gemini', 'm', true))).toThrow(
    expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED', param: 'priority' }),
  );
});

test('requests of a batch that want different vectors are refused', () => {
  const one = (taskType: string, size: number) => ({
    content: { parts: [{ text: 'a' }] },
    taskType,
    outputDimensionality: size,
  });
  const decode = (...requests: JsonObject[]) => codec('gemini').decodeRequest({ requests });
  expect(() => decode(one('CLUSTERING', 8), one('CLASSIFICATION', 8))).toThrow(
    expect.objectContaining({ param: 'requests[1].taskType' }),
  );
  expect(() => decode(one('CLUSTERING', 8), one('CLUSTERING', 9))).toThrow(
    expect.objectContaining({ param: 'requests[1].outputDimensionality' }),
  );
  expect(() => decode()).toThrow(expect.objectContaining({ param: 'requests' }));
});

test('pictures go where they are taken', () => {
  const url = 'data:image/png;base64,AAAA';
  const blob = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
  const request = codec('gemini').decodeRequest({ content: { parts: [blob] } });
  const cohere = JSON.parse(codec('cohere').encodeRequest(request, target('cohere')).body) as JsonObject;
  expect(cohere).toMatchObject({ images: [url], input_type: 'image' });
  const back = codec('cohere').decodeRequest({ images: [url], input_type: 'image' });
  const gemini = JSON.parse(codec('gemini').encodeRequest(back, target('gemini')).body) as JsonObject;
  expect(gemini).toMatchObject({ content: { parts: [blob] } });
  expect(() => codec('openai-chat').encodeRequest(back, target('openai-chat'))).toThrow(
    expect.objectContaining({ param: 'images' }),
  );
});

describe('Amazon’s models', () => {
  const request = (texts: string[]) => codec('openai-chat').decodeRequest({ input: texts, dimensions: 256 });
  const encode = (texts: string[], model: string) =>
    JSON.parse(codec('bedrock-invoke').encodeRequest(request(texts), target('bedrock-invoke', model)).body);

  test('take one text a call, each in its own way', () => {
    expect(encode(['a'], 'amazon.titan-embed-text-v2:0')).toEqual({ inputText: 'a', dimensions: 256 });
    expect(encode(['a'], 'us.amazon.nova-2-multimodal-embeddings-v1:0')).toEqual({
      taskType: 'SINGLE_EMBEDDING',
      singleEmbeddingParams: {
        embeddingPurpose: 'GENERIC_INDEX',
        text: { truncationMode: 'END', value: 'a' },
        embeddingDimension: 256,
      },
    });
    expect(() => encode(['a', 'b'], 'amazon.titan-embed-text-v2:0')).toThrow(
      expect.objectContaining({ param: 'input' }),
    );
  });

  test('answer with one vector', () => {
    const { decodeAnswer } = codec('bedrock-invoke');
    expect(decodeAnswer({ embedding: [1, 2], inputTextTokenCount: 5 })).toMatchObject({
      vectors: [[1, 2]],
      usage: { input: 5 },
    });
    expect(decodeAnswer({ embeddings: [{ embeddingType: 'TEXT', embedding: [1, 2] }] }).vectors).toEqual([
      [1, 2],
    ]);
  });
});

test.each<[DialectName, JsonObject]>([
  ['openai-chat', { data: [{ embedding: [] }] }],
  ['openai-chat', { data: [7] }],
  ['openai-chat', { object: 'list' }],
  ['openai-chat', { error: { message: 'no' } }],
  ['gemini', { embeddings: [{}] }],
  ['gemini', {}],
  ['gemini', { error: { message: 'no', code: 500 } }],
  ['cohere', { embeddings: { int8: [[1]] } }],
  ['cohere', {}],
  ['bedrock-invoke', { embeddings: [] }],
  ['bedrock-invoke', {}],
])('what %s answers is no answer when it is %j', (name, body) => {
  expect(() => codec(name).decodeAnswer(body)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^GW_UPSTREAM/) }),
  );
});

test('a batch on its way to Gemini names the model of its path, whatever it named', () => {
  const { mend, splice } = codec('gemini');
  expect(splice).toBeDefined();
  const each = (model: string) => ({ content: { parts: [{ text: '"model"' }] }, model: `models/${model}` });
  const text = JSON.stringify({ requests: [each('x'), each('m'), { content: 7 }] });
  const body = Buffer.from(text);
  const facts = inspectBody(body);
  const mended = mend!(body, facts, target('gemini'));
  expect(applyEdits(body, mended!.edits).toString()).toBe(text.replace('models/x', 'models/m'));
  expect(mend!(Buffer.from('{}'), inspectBody(Buffer.from('{}')), target('gemini'))).toBeNull();
});

test('numbers where base64 was asked for are no answer to OpenAI’s clients, who would make other numbers of them', () => {
  const { misshapen } = codec('openai-chat');
  const base64 = '{"input":"x","encoding_format": "base64"}';
  const numbers = '{"data": [{"object": "embedding", "embedding": [0.5]}]}';
  const told = (asked: string, answer: string) => misshapen!(Buffer.from(asked), Buffer.from(answer));
  expect(told(base64, numbers)).toBe(true);
  expect(told(base64, '{"data":[{"embedding":"AAAAPw=="}]}')).toBe(false);
  expect(told(base64, '{"error":{}}')).toBe(false);
  expect(told('{"input":"\\"base64\\"","encoding_format":"float"}', numbers)).toBe(false);
  expect(told('{"input":["base64"]}', numbers)).toBe(false);
  expect(told('"base64', numbers)).toBe(false);
});
