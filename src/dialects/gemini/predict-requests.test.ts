import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../../tests/kit/encode-target.ts';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { embeddings } from './embeddings.ts';

const context = { requestId: 'r', model: 'm', now: 0, includeUsage: true };
const usage = (input: number) => ({
  input,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: 0,
  reasoning: null,
});
const asked: JsonObject = {
  instances: [
    { content: 'first', task_type: 'RETRIEVAL_DOCUMENT', title: 't' },
    { content: 'the second', taskType: 'RETRIEVAL_DOCUMENT' },
  ],
  parameters: { outputDimensionality: 8, autoTruncate: false, odd: 1 },
  labels: {},
};

describe('a request for predictions', () => {
  test('is read with what it says of all, and of each', () => {
    expect(embeddings.decodeRequest(asked)).toMatchObject({
      inputs: [
        { kind: 'text', text: 'first' },
        { kind: 'text', text: 'the second' },
      ],
      names: { inputs: 'instances', dimensions: 'parameters.outputDimensionality' },
      dimensions: 8,
      purpose: 'document',
      truncate: 'none',
      dropped: ['instances[0].title', 'labels', 'parameters.odd'],
    });
    expect(embeddings.decodeRequest({ instances: [{ content: 'a' }] })).toMatchObject({
      dimensions: null,
      purpose: null,
      truncate: null,
      dropped: [],
    });
  });

  test.each<[JsonObject, string]>([
    [{ instances: [] }, 'instances'],
    [{ instances: 'a' }, 'instances'],
    [{ instances: ['a'] }, 'instances[0]'],
    [{ instances: [{ prompt: 'a boat' }] }, 'instances[0].content'],
    [{ instances: [{ content: 'a' }], parameters: 7 }, 'parameters'],
    [{ instances: [{ content: 'a' }], parameters: { autoTruncate: 'no' } }, 'parameters.autoTruncate'],
    [{ instances: [{ content: 'a' }], parameters: { outputDimensionality: 0 } }, 'parameters.outputDimens'],
    [
      {
        instances: [
          { content: 'a', task_type: 'CLUSTERING' },
          { content: 'b', task_type: 'CLASSIFICATION' },
        ],
      },
      'instances[1].task_type',
    ],
  ])('%j is refused by what is wrong in it', (body, name) => {
    expect(() => embeddings.decodeRequest(body)).toThrow(name);
  });

  test('is asked of OpenAI, of Cohere and of Gemini’s own API in their words', () => {
    const request = embeddings.decodeRequest({
      instances: [{ content: 'a', task_type: 'RETRIEVAL_QUERY' }],
      parameters: { outputDimensionality: 8 },
    });
    const made = (dialect: 'openai-chat' | 'cohere' | 'gemini') =>
      JSON.parse(
        dialectByName(dialect).embeddings!.encodeRequest(request, encodeTarget(dialect, 'm')).body.toString(),
      ) as unknown;
    expect(made('openai-chat')).toMatchObject({ input: ['a'], dimensions: 8 });
    expect(made('cohere')).toMatchObject({ texts: ['a'], input_type: 'search_query', output_dimension: 8 });
    expect(made('gemini')).toMatchObject({
      content: { parts: [{ text: 'a' }] },
      taskType: 'RETRIEVAL_QUERY',
      outputDimensionality: 8,
    });
  });
});

describe('predictions', () => {
  const vectors = [[0.5, -1], [2]];
  const answer = (input: number | null) => ({
    id: '',
    model: '',
    vectors,
    usage: input === null ? null : usage(input),
  });

  test('share the tokens by the lengths of the texts, and none gets lost', () => {
    const remembered = embeddings.remember(asked);
    const made = JSON.parse(embeddings.encodeAnswer(answer(7), { ...context, remembered })) as JsonObject;
    expect(made).toEqual({
      predictions: [
        { embeddings: { values: [0.5, -1], statistics: { token_count: 3, truncated: false } } },
        { embeddings: { values: [2], statistics: { token_count: 4, truncated: false } } },
      ],
      metadata: { billableCharacterCount: 14 },
    });
    expect(embeddings.decodeAnswer(made)).toMatchObject({ vectors, usage: { input: 7 } });
  });

  test('of a request that is not known whole have the form that its path says', () => {
    const { remember } = embeddings;
    const template = '/v1beta/models/{model}:predict';
    const made = embeddings.encodeAnswer(answer(5), {
      ...context,
      template,
      remembered: remember({ parameters: {} }),
    });
    expect(embeddings.decodeAnswer(JSON.parse(made) as JsonObject)).toMatchObject({
      vectors,
      usage: { input: 5 },
    });
    expect(made).toContain('"token_count":3');
    const batch = {
      ...context,
      template: '/v1beta/models/{model}:batchEmbedContents',
      remembered: remember({}),
    };
    expect(JSON.parse(embeddings.encodeAnswer(answer(null), batch))).toEqual({
      embeddings: [{ values: [0.5, -1] }, { values: [2] }],
    });
  });

  test('of texts without length, or tokens that nobody counted, are whole', () => {
    const remembered = embeddings.remember({ instances: [{ content: ' ' }, { content: {} }] });
    const made = embeddings.encodeAnswer(answer(null), { ...context, remembered, promptEstimate: 3 });
    expect(made).toContain('"token_count":2');
    expect(made).toContain('"token_count":1');
    expect(embeddings.remember({ instances: 7 })).toEqual({ characters: [] });
  });
});

describe('where Gemini itself embeds', () => {
  const predict = Buffer.from('{"instances":[{"content":"a"}]}');
  const embed = Buffer.from('{"content":{"parts":[{"text":"a"}]}}');
  const onVertex = { ...encodeTarget('gemini', 'text-embedding-005'), hosted: 'vertex' as const };
  const elsewhere = encodeTarget('gemini', 'gemini-embedding-001');
  const newer = { ...onVertex, model: 'gemini-embedding-2' };
  const config = Buffer.from('{"content":{"parts":[{"text":"a"}]},"embedContentConfig":{"title":"t"}}');
  const batch = Buffer.from(
    String.raw`{"model":"ge/m","requests":[{"content":{"parts":[{"text":"a \"model\""}]}}]}`,
  );
  const named = Buffer.from('{"requests":[{"model":"models/x","content":{"parts":[{"text":"a"}]}}]}');

  test.each([
    ['predictions of Vertex AI', predict, onVertex, false],
    ['predictions of Gemini’s own API', predict, elsewhere, true],
    ['vectors of Vertex AI', embed, onVertex, true],
    ['vectors of Gemini’s own API', embed, elsewhere, false],
    ['vectors of Gemini’s own API, as Vertex AI’s clients ask,', config, elsewhere, true],
    ['many of Gemini’s own API, as Vertex AI’s clients ask,', batch, elsewhere, true],
    ['many of Gemini’s own API', named, elsewhere, false],
    ['vectors of Vertex AI’s newer models', config, newer, false],
    ['many of Vertex AI’s newer models', batch, newer, false],
  ])('%s are asked for anew where its words are others', (_, body, target, anew) => {
    expect(embeddings.rewrites(target, body, inspectBody(body))).toBe(anew);
  });

  test('a part of predictions goes there without the name that it was planned by', () => {
    const body = Buffer.from('{"model":"vertex/m","parameters":{},"instances":[{"content":"a"}]}');
    const { edits } = embeddings.mend(body, inspectBody(body), onVertex)!;
    expect(JSON.parse(applyEdits(body, edits).toString())).toEqual({
      parameters: {},
      instances: [{ content: 'a' }],
    });
    expect(embeddings.mend(predict, inspectBody(predict), onVertex)).toBeNull();
  });
});

test('Vertex AI’s clients say how newer models are to embed in an object of its own', () => {
  const content = { parts: [{ text: 'a' }] };
  const config = {
    taskType: 'CLUSTERING',
    outputDimensionality: 4,
    autoTruncate: true,
    title: 't',
    documentOcr: true,
  };
  expect(embeddings.decodeRequest({ content, embedContentConfig: config })).toMatchObject({
    inputs: [{ kind: 'text', text: 'a' }],
    names: { dimensions: 'embedContentConfig.outputDimensionality' },
    dimensions: 4,
    purpose: 'clustering',
    truncate: 'end',
    dropped: ['embedContentConfig.title', 'embedContentConfig.documentOcr'],
  });
  expect(() => embeddings.decodeRequest({ content, embedContentConfig: 7 })).toThrow('embedContentConfig');
  const answer = { id: '', model: '', vectors: [[1]], usage: usage(3) };
  const remembered = embeddings.remember({ content });
  expect(JSON.parse(embeddings.encodeAnswer(answer, { ...context, remembered }))).toEqual({
    embedding: { values: [1] },
    usageMetadata: { promptTokenCount: 3 },
  });
});
