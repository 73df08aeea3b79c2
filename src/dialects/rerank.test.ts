// Documents to be put in order, in each dialect's shape.
import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../tests/kit/encode-target.ts';
import { inspectBody } from '../body/inspect.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { JsonObject } from '../contracts/json.ts';
import { dialectByName } from '../registry/dialects.ts';

const codec = (name: DialectName) => dialectByName(name).rerank!;
const ask = {
  model: 'x',
  query: 'q',
  documents: ['a', { text: 'b' }, { title: 'c', text: 'd' }, { title: 'e' }],
};
const context = { requestId: 'r', model: 'm', now: 0, includeUsage: true };

test.each<[DialectName, string, JsonObject]>([
  ['openai-chat', 'm', { model: 'm', return_documents: false }],
  ['cohere', 'm', { model: 'm' }],
  ['bedrock-invoke', 'cohere.rerank-v3-5:0', { api_version: 2 }],
  ['bedrock-invoke', 'arn:aws:bedrock:us-west-2::foundation-model/amazon.rerank-v1:0', {}],
])('%s is asked for %s as it wants it', (to, model, more) => {
  const request = codec('cohere').decodeRequest({ ...ask, top_n: 2 });
  const made = codec(to).encodeRequest(request, encodeTarget(to, model));
  expect(JSON.parse(made.body)).toEqual({
    ...more,
    query: 'q',
    documents: ['a', 'b', 'd', '{"title":"e"}'],
    top_n: 2,
  });
  expect(made.adapted).toEqual(['documents[2]', 'documents[3]']);
});

test.each<[JsonObject, string]>([
  [{ query: 'q' }, 'documents'],
  [{ query: 'q', documents: [] }, 'documents'],
  [{ query: 'q', documents: [7] }, 'documents[0]'],
  [{ documents: ['a'] }, 'query'],
  [{ query: 'q', documents: ['a'], top_n: 0 }, 'top_n'],
])('%j is refused by name', (body, param) => {
  expect(() => codec('openai-chat').decodeRequest(body)).toThrow(
    expect.objectContaining({ code: 'GW_CLIENT_BAD_REQUEST', param }),
  );
});

test('a limit that only Cohere’s models have is named where it gets lost', () => {
  const request = codec('cohere').decodeRequest({
    query: 'q',
    documents: ['a'],
    max_tokens_per_doc: 9,
    x: 1,
  });
  expect(codec('openai-chat').encodeRequest(request, encodeTarget('openai-chat')).dropped).toEqual([
    'x',
    'max_tokens_per_doc',
  ]);
  expect(codec('cohere').encodeRequest(request, encodeTarget('cohere')).dropped).toEqual(['x']);
});

describe('an answer', () => {
  test.each<[string, JsonObject, object]>([
    [
      'of Cohere',
      { id: 'c', results: [{ index: 1, relevance_score: 0.5 }], meta: { billed_units: { search_units: 2 } } },
      { searches: 2, usage: null, id: 'c' },
    ],
    [
      'of Jina',
      { model: 'j', results: [{ index: 1, relevance_score: 0.5 }], usage: { total_tokens: 9 } },
      { searches: null, usage: { input: 9, output: 0 }, model: 'j' },
    ],
    [
      'of Voyage',
      { data: [{ index: 1, relevance_score: 0.5 }], usage: { total_tokens: 9 } },
      { searches: null },
    ],
    ['of SGLang', { results: [{ index: 1, score: 0.5 }] }, { usage: null }],
  ])('%s is read', (_, body, expected) => {
    expect(codec('openai-chat').decodeAnswer(body)).toMatchObject({
      results: [{ index: 1, score: 0.5 }],
      ...expected,
    });
  });

  test('has the best first, and documents as the client wrote them where it wants them', () => {
    const decoded = codec('cohere').decodeAnswer({
      results: [
        { index: 0, relevance_score: 0.1 },
        { index: 1, relevance_score: 0.9 },
      ],
    });
    const remembered = codec('openai-chat').remember!({ ...ask, return_documents: true });
    const written = codec('openai-chat').encodeAnswer(decoded, { ...context, remembered });
    expect(JSON.parse(written)).toMatchObject({
      id: 'r',
      model: 'm',
      results: [
        { index: 1, relevance_score: 0.9, document: { text: 'b' } },
        { index: 0, relevance_score: 0.1, document: { text: 'a' } },
      ],
      meta: { billed_units: { search_units: 1 } },
    });
    const bare = codec('openai-chat').encodeAnswer(decoded, { ...context, remembered: {} });
    expect(bare).not.toContain('document');
  });

  test.each<JsonObject>([{}, { results: [7] }, { results: [{ index: 0 }] }, { error: { message: 'no' } }])(
    'is none when it is %j',
    (body) => {
      for (const name of ['openai-chat', 'cohere', 'bedrock-invoke'] as const)
        expect(() => {
          codec(name).readAnswer(body);
          codec(name).decodeAnswer(body);
        }).toThrow(expect.objectContaining({ code: expect.stringMatching(/^GW_UPSTREAM/) }));
    },
  );
});

test('a moderation is one with results', () => {
  const { readAnswer } = dialectByName('openai-chat').moderation!;
  expect(readAnswer({ id: 'm', model: 'omni', results: [] })).toMatchObject({ id: 'm', model: 'omni' });
  for (const body of [{}, { error: { message: 'no' } }]) expect(() => readAnswer(body)).toThrow();
});

describe('what AWS’s clients ask', () => {
  const source = (text: string) => ({ inlineDocumentSource: { type: 'TEXT', textDocument: { text } } });
  const asked = {
    queries: [{ type: 'TEXT', textQuery: { text: 'q' } }],
    sources: [source('a'), { inlineDocumentSource: { type: 'JSON', jsonDocument: { text: 'b' } } }],
    rerankingConfiguration: {
      bedrockRerankingConfiguration: {
        numberOfResults: 1,
        modelConfiguration: {
          modelArn: 'm',
          additionalModelRequestFields: { max_tokens_per_doc: 9, model: 'no' },
        },
      },
    },
  };
  const reshaped = (body: object): JsonObject => {
    const bytes = Buffer.from(JSON.stringify(body));
    return JSON.parse(codec('bedrock-invoke').reshape!(bytes, inspectBody(bytes))!.toString());
  };

  test('is said as Cohere has it, and answered as they read it', () => {
    const body = reshaped(asked);
    expect(body).toEqual({
      model: 'm',
      query: 'q',
      documents: ['a', { text: 'b' }],
      top_n: 1,
      max_tokens_per_doc: 9,
    });
    const { decodeRequest, encodeAnswer, remember } = codec('bedrock-invoke');
    expect(decodeRequest(body)).toMatchObject({ query: 'q', documents: ['a', 'b'], dropped: [] });
    const results = [1, 0].map((index) => ({ index, score: index + 0.5 }));
    const answer = { id: '', model: '', results, searches: null, usage: null };
    const told = encodeAnswer(answer, { ...context, remembered: remember!(body) });
    expect(JSON.parse(told)).toEqual({ results: [{ index: 1, relevanceScore: 1.5 }] });
  });

  const above = 'rerankingConfiguration.bedrockRerankingConfiguration';
  test.each<[object, string]>([
    [{ queries: [] }, 'queries'],
    [{ queries: [{ type: 'TEXT' }] }, 'queries[0].textQuery'],
    [{ sources: undefined }, 'sources'],
    [{ sources: [{}] }, 'sources[0].inlineDocumentSource'],
    [{ sources: [{ inlineDocumentSource: {} }] }, 'sources[0].inlineDocumentSource.textDocument'],
    [{ rerankingConfiguration: undefined }, 'rerankingConfiguration'],
    [{ rerankingConfiguration: { bedrockRerankingConfiguration: {} } }, `${above}.modelConfiguration`],
  ])('%j is refused by name', (other, param) => {
    expect(() => reshaped({ ...asked, ...other })).toThrow(
      expect.objectContaining({ code: 'GW_CLIENT_BAD_REQUEST', param }),
    );
  });
});

describe('what is invoked', () => {
  const { asks, rewrites, reshape, decodeRequest, encodeAnswer, remember } =
    dialectByName('bedrock-invoke').rerank!;
  const bytes = (body: object): Buffer => Buffer.from(JSON.stringify(body));
  const cohere = { query: 'q', documents: ['a', 'b'], top_n: 1, api_version: 2 };
  const { api_version: _, ...amazon } = cohere;

  test.each<[object, boolean]>([
    [cohere, true],
    [amazon, true],
    [{ query: 'q' }, false],
    [{ message: 'q', documents: ['a'] }, false],
    [{ messages: [] }, false],
    [{ inputText: 'a' }, false],
    [{ texts: ['a'], input_type: 'search_query' }, false],
  ])('%j asks for an order: %j', (body, asked) => {
    expect(asks!(bytes(body), inspectBody(bytes(body)))).toBe(asked);
    if (asked) expect(reshape!(bytes(body), inspectBody(bytes(body)))).toBeNull();
  });

  test.each<[string, object, boolean]>([
    ['cohere.rerank-v3-5:0', cohere, false],
    ['cohere.rerank-v3-5:0', amazon, true],
    ['amazon.rerank-v1:0', amazon, false],
    ['arn:aws:bedrock:us-west-2::foundation-model/amazon.rerank-v1:0', cohere, true],
    ['my-ranker', cohere, false],
    // Of the other service of AWS's.
    ['cohere.rerank-v3-5:0', { model: 'm', ...amazon }, true],
  ])('%s is asked anew where the body is another maker’s: %j, %j', (model, body, anew) => {
    const target = encodeTarget('bedrock-invoke', model);
    expect(rewrites!(target, bytes(body), inspectBody(bytes(body)))).toBe(anew);
  });

  test('is answered as Cohere and Amazon answer', () => {
    expect(decodeRequest(cohere)).toMatchObject({ query: 'q', documents: ['a', 'b'], dropped: [] });
    const results = [1, 0].map((index) => ({ index, score: index + 0.5 }));
    const made = encodeAnswer(
      { id: '', model: '', results, searches: null, usage: null },
      { ...context, template: '/model/{model}/invoke', remembered: remember!(cohere) },
    );
    expect(JSON.parse(made)).toMatchObject({ results: [{ index: 1, relevance_score: 1.5 }] });
  });
});
