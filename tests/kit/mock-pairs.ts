// Endpoints of the mock provider that have one request and one whole answer: embeddings of each vendor. As strict as they are:
// unknown members, missing ones and wrong types are refused as they word it. A vector says what it was made of, so that order and
// values can be compared: [characters / 8, place in the request, -0.25].
import { pick } from './json.ts';

/** What a vendor answers: a whole answer, or the refusal in its own shape. */
export interface PairAnswer {
  status: number;
  body: unknown;
}

export type PairMock = (body: Record<string, unknown>, model: string) => PairAnswer;

const ok = (body: unknown): PairAnswer => ({ status: 200, body });

const unknownIn = (body: Record<string, unknown>, known: readonly string[]): string | undefined =>
  Object.keys(body).find((key) => !known.includes(key));

/** The vector of what is at `place`; tokens count as characters. */
export function mockVector(input: unknown, place: number): number[] {
  const length = typeof input === 'string' || Array.isArray(input) ? input.length : 0;
  return [length / 8, place, -0.25];
}

const base64 = (vector: readonly number[]): string => {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString('base64');
};

const openaiFault = (message: string, param: string | null = null): PairAnswer => ({
  status: 400,
  body: { error: { message, type: 'invalid_request_error', param, code: null } },
});

/** Vectors as Perplexity has them: signed bytes in base64, and no other form of them may be asked for. */
const mockPerplexityEmbeddings: PairMock = (body, model) => {
  const odd = unknownIn(body, ['model', 'input', 'dimensions', 'encoding_format']);
  if (odd !== undefined) return openaiFault(`Unknown field: ${odd}`, odd);
  const { input, encoding_format: format = 'base64_int8' } = body;
  if (format !== 'base64_int8' && format !== 'base64_binary')
    return openaiFault(`encoding_format is not supported: ${String(format)}`, 'encoding_format');
  const list = typeof input === 'string' ? [input] : (input as unknown[]);
  if (!list.every((item) => typeof item === 'string')) return openaiFault('input is no text', 'input');
  return ok({
    object: 'list',
    data: list.map((item, index) => ({
      object: 'embedding',
      index,
      embedding: Buffer.from(Int8Array.of((item as string).length, index, -25).buffer).toString('base64'),
    })),
    model,
    usage: { prompt_tokens: 3 * list.length, total_tokens: 3 * list.length, cost: { total_cost: 0 } },
  });
};

/** `many:N` in the model's name: as many vectors of 1536 floats, whatever was asked. */
const mockOpenaiEmbeddings: PairMock = (body, model) => {
  if (model.startsWith('pplx-embed')) return mockPerplexityEmbeddings(body, model);
  const odd = unknownIn(body, ['model', 'input', 'dimensions', 'encoding_format', 'user']);
  if (odd !== undefined) return openaiFault(`Unrecognized request argument supplied: ${odd}`);
  const { input, encoding_format: format = 'float', dimensions } = body;
  if (input === undefined) return openaiFault("'input' is a required property", 'input');
  if (dimensions !== undefined && !Number.isInteger(dimensions))
    return openaiFault('dimensions is no integer', 'dimensions');
  const list =
    typeof input === 'string' || (Array.isArray(input) && typeof input[0] === 'number')
      ? [input]
      : (input as unknown[]);
  if (list.length === 0) return openaiFault("'$.input' is invalid.", 'input');
  const wide = model.includes('wide');
  const vectors = list.map((item, at) =>
    wide ? Array.from({ length: 1536 }, (_, axis) => Math.sin(at + axis)) : mockVector(item, at),
  );
  return ok({
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      // Some servers know numbers alone, whatever they are asked for.
      embedding: format === 'base64' && !model.includes('numbers') ? base64(vector) : vector,
    })),
    model,
    usage: { prompt_tokens: 3 * list.length, total_tokens: 3 * list.length },
  });
};

const geminiFault = (message: string): PairAnswer => ({
  status: 400,
  body: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } },
});

function geminiOne(request: unknown, model: string, where: string): string | null {
  const each = request as Record<string, unknown>;
  const odd = unknownIn(each, ['model', 'content', 'taskType', 'title', 'outputDimensionality']);
  if (odd !== undefined)
    return `Invalid JSON payload received. Unknown name "${odd}"${where}: Cannot find field.`;
  if (where !== '' && each['model'] !== `models/${model}`)
    return `* BatchEmbedContentsRequest.requests: the model must match the one of the batch, ${String(each['model'])}`;
  if (
    typeof pick(each, 'content.parts.0.text') !== 'string' &&
    pick(each, 'content.parts.0.inlineData') === undefined
  )
    return '* EmbedContentRequest.content: contents is not specified';
  return null;
}

const geminiValues = (request: unknown, at: number) => ({
  values: mockVector(pick(request, 'content.parts.0.text'), at),
});

/** As Vertex AI has it. */
const geminiPredict: PairMock = (body, model) => {
  // Pictures.
  if (!model.includes('embed'))
    return ok({ predictions: [{ bytesBase64Encoded: 'QUJD', mimeType: 'image/png' }] });
  const odd = unknownIn(body, ['instances', 'parameters']);
  if (odd !== undefined) return geminiFault(`Unknown name "${odd}": Cannot find field.`);
  const parameters = (body['parameters'] ?? {}) as Record<string, unknown>;
  const strange = unknownIn(parameters, ['outputDimensionality', 'autoTruncate']);
  if (strange !== undefined) return geminiFault(`Invalid parameter: ${strange}`);
  const instances = (body['instances'] ?? []) as Record<string, unknown>[];
  if (!instances.every(({ content }) => typeof content === 'string'))
    return geminiFault('The text content is empty.');
  return ok({
    predictions: instances.map(({ content }, at) => ({
      embeddings: { values: mockVector(content, at), statistics: { token_count: 3, truncated: false } },
    })),
    metadata: { billableCharacterCount: 1 },
  });
};

export const mockGeminiEmbeds: Readonly<Record<string, PairMock>> = {
  predict: geminiPredict,
  embedContent: (body, model) => {
    const fault = geminiOne(body, model, '');
    return fault === null ? ok({ embedding: geminiValues(body, 0) }) : geminiFault(fault);
  },
  batchEmbedContents: (body, model) => {
    // The model of the path may stand in it too, as in the one request that is no batch.
    const odd = unknownIn(body, ['model', 'requests']);
    if (odd !== undefined) return geminiFault(`Unknown name "${odd}": Cannot find field.`);
    const requests = body['requests'] as unknown[];
    for (const [at, request] of requests.entries()) {
      const fault = geminiOne(request, model, ` at 'requests[${at}]'`);
      if (fault !== null) return geminiFault(fault);
    }
    return ok({
      embeddings: requests.map(geminiValues),
      usageMetadata: { promptTokenCount: 3 * requests.length },
    });
  },
};

const TYPES = ['search_document', 'search_query', 'classification', 'clustering', 'image'];

function cohereEmbed(body: Record<string, unknown>, known: readonly string[]): PairAnswer {
  const refuse = (message: string): PairAnswer => ({ status: 400, body: { id: 'co-mock', message } });
  const odd = unknownIn(body, known);
  if (odd !== undefined) return refuse(`unknown field: parameter '${odd}' is not a valid field`);
  if (!TYPES.includes(String(body['input_type'])))
    return refuse('invalid request: valid input_type must be provided');
  const texts = (body['texts'] ?? body['images']) as string[] | undefined;
  if (texts === undefined || texts.length === 0) return refuse('invalid request: texts must be provided');
  if (texts.length > 96) return refuse('invalid request: total number of texts must be at most 96');
  const vectors = texts.map(mockVector);
  const types = (body['embedding_types'] as string[] | undefined) ?? ['float'];
  return ok({
    id: 'co-mock',
    response_type: 'embeddings_by_type',
    embeddings: Object.fromEntries(
      types.map((type) => [
        type,
        type === 'base64'
          ? vectors.map(base64)
          : type === 'float'
            ? vectors
            : vectors.map((vector) => vector.map(Math.round)),
      ]),
    ),
    texts,
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: 3 * texts.length } },
  });
}

const COHERE_EMBED = [
  'texts',
  'images',
  'inputs',
  'input_type',
  'embedding_types',
  'output_dimension',
  'truncate',
];

const malformed = (message: string): PairAnswer => ({
  status: 400,
  body: { message: `Malformed input request: ${message}` },
});

/** Without a count: that stands in a header there. */
function invokedCohere(body: Record<string, unknown>, fourth: boolean): PairAnswer {
  if (!fourth && body['output_dimension'] !== undefined)
    return malformed('extraneous key [output_dimension] is not permitted');
  if (fourth && !['NONE', 'LEFT', 'RIGHT', undefined].includes(body['truncate'] as string | undefined))
    return malformed(`#/truncate: ${String(body['truncate'])} is not a valid enum value`);
  const answer = cohereEmbed(body, COHERE_EMBED);
  if (answer.status !== 200) return answer;
  const { meta: _, ...rest } = answer.body as Record<string, unknown>;
  return ok(
    body['embedding_types'] === undefined
      ? { ...rest, response_type: 'embeddings_floats', embeddings: pick(rest, 'embeddings.float') }
      : rest,
  );
}

const novaEmbed: PairMock = (body) => {
  const params = (body['singleEmbeddingParams'] ?? {}) as Record<string, unknown>;
  const odd =
    unknownIn(body, ['schemaVersion', 'taskType', 'singleEmbeddingParams']) ??
    unknownIn(params, ['embeddingPurpose', 'embeddingDimension', 'text', 'image']);
  if (odd !== undefined || body['taskType'] !== 'SINGLE_EMBEDDING')
    return malformed(`extraneous key [${odd}] is not permitted`);
  const text = pick(params, 'text.value');
  const image = pick(params, 'image.source.bytes');
  if ((text === undefined) === (image === undefined)) return malformed('one modality is needed');
  return ok({
    embeddings: [
      { embeddingType: text === undefined ? 'IMAGE' : 'TEXT', embedding: mockVector(text ?? image, 0) },
    ],
  });
};

const titanImage: PairMock = (body) => {
  const odd = unknownIn(body, ['inputText', 'inputImage', 'embeddingConfig']);
  if (odd !== undefined) return malformed(`extraneous key [${odd}] is not permitted`);
  const input = body['inputImage'] ?? body['inputText'];
  return typeof input === 'string'
    ? ok({ embedding: mockVector(input, 0), inputTextTokenCount: 3, message: null })
    : malformed('required key [inputText] not found');
};

/** Embeddings on Bedrock's invoke route, where the model's name says whose they are, or the body that it is Titan's; undefined = it is none of them. */
export function bedrockEmbed(model: string, titan: boolean): PairMock | undefined {
  if (model.includes('.rerank'))
    return ({ api_version: version, ...body }) =>
      model.startsWith('cohere.') && version !== 2
        ? { status: 400, body: { message: 'api_version must be 2' } }
        : ok({ results: ranked(body) });
  if (model.startsWith('cohere.embed')) return (body) => invokedCohere(body, model.includes('-v4'));
  if (model.startsWith('amazon.nova') && model.includes('embeddings')) return novaEmbed;
  if (model.startsWith('amazon.titan-embed-image')) return titanImage;
  if (!titan && !model.startsWith('amazon.titan-embed')) return undefined;
  return (body) => {
    const odd = unknownIn(body, ['inputText', 'dimensions', 'normalize', 'embeddingTypes']);
    if (odd !== undefined || typeof body['inputText'] !== 'string')
      return {
        status: 400,
        body: { message: `Malformed input request: extraneous key [${odd}] is not permitted` },
      };
    return ok({ embedding: mockVector(body['inputText'], 0), inputTextTokenCount: 3 });
  };
}

/** Scores by the place of the query's first word in a document: 0.9 at its beginning, 0.1 where it is not. */
function ranked(body: Record<string, unknown>): { index: number; relevance_score: number }[] {
  const word = String(body['query']).split(' ')[0]!;
  const scores = (body['documents'] as (string | { text: string })[]).map((document, index) => {
    const text = typeof document === 'string' ? document : document.text;
    const at = text.indexOf(word);
    return { index, relevance_score: at === -1 ? 0.1 : 0.9 - at / 100 };
  });
  const sorted = scores.sort((a, b) => b.relevance_score - a.relevance_score);
  return sorted.slice(0, Number(body['top_n'] ?? sorted.length));
}

const RERANK = ['model', 'query', 'documents', 'top_n'];

/** Model `bare-list`: as SGLang answers. */
const mockOpenaiRerank: PairMock = (body, model) => {
  const odd = unknownIn(body, [...RERANK, 'return_documents']);
  if (odd !== undefined) return openaiFault(`Extra inputs are not permitted: ${odd}`);
  const results = ranked(body);
  const documents = body['documents'] as unknown[];
  if (model === 'bare-list')
    return ok(results.map(({ index, relevance_score: score }) => ({ index, score })));
  return ok({
    id: 'rerank-mock',
    model,
    usage: { total_tokens: 21 },
    results: results.map((result) =>
      body['return_documents'] === false
        ? result
        : { ...result, document: { text: documents[result.index] } },
    ),
  });
};

const mockCohereRerank: PairMock = (body) => {
  const odd = unknownIn(body, [...RERANK, 'max_tokens_per_doc']);
  const strings =
    Array.isArray(body['documents']) && body['documents'].every((item) => typeof item === 'string');
  if (odd !== undefined || !strings)
    return {
      status: 400,
      body: { id: 'co-mock', message: `invalid type: parameter ${odd ?? 'documents'} is invalid` },
    };
  return ok({
    id: 'co-mock',
    results: ranked(body),
    meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
  });
};

const mockModerations: PairMock = (body, model) => {
  const odd = unknownIn(body, ['model', 'input']);
  if (odd !== undefined) return openaiFault(`Unrecognized request argument supplied: ${odd}`);
  const list = typeof body['input'] === 'string' ? [body['input']] : (body['input'] as unknown[]);
  const results = list.map((input) => {
    const violence = JSON.stringify(input).includes('kill');
    return {
      flagged: violence,
      categories: { violence },
      category_scores: { violence: violence ? 0.9 : 0.01 },
    };
  });
  return ok({ id: 'modr-mock', model, results });
};

/** As it was seen of models that are made for it. */
const mockDecisions: PairMock = (body, model) => {
  const odd = unknownIn(body, ['model', 'input', 'questions', 'safety_identifier']);
  if (odd !== undefined) return openaiFault(`Unrecognized request argument supplied: ${odd}`);
  const questions = body['questions'] as { type: string; name?: string }[];
  const answers = questions.map(({ type, name }) => ({ type, name, probability: 0.75 }));
  return ok({ id: 'dec-mock', model, answers, usage: { prompt_tokens: 7, total_tokens: 7 } });
};

/** Of Cohere's first API: floats alone where no types are asked for. */
const firstEmbed: PairMock = (body) => {
  const answer = cohereEmbed(body, ['model', ...COHERE_EMBED]);
  if (answer.status !== 200 || body['embedding_types'] !== undefined) return answer;
  const embeddings = pick(answer.body, 'embeddings.float');
  return ok({ ...(answer.body as object), response_type: 'embeddings_floats', embeddings });
};

/** By path. */
export const PAIR_MOCKS: Readonly<Record<string, PairMock>> = {
  '/v1/rerank': mockOpenaiRerank,
  '/v2/rerank': mockCohereRerank,
  '/v1/moderations': mockModerations,
  '/v1/decisions': mockDecisions,
  '/v1/embeddings': mockOpenaiEmbeddings,
  '/v1/embed': firstEmbed,
  '/v2/embed': (body) => cohereEmbed(body, ['model', ...COHERE_EMBED]),
};
