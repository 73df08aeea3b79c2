// Reranking as Cohere, Jina, vLLM, Together and others have it: one shape but for a few members.
import type { EncodedRequest, EncodeTarget } from '../contracts/body.ts';
import type { AnswerFacts, Usage } from '../contracts/chat.ts';
import type { AnswerContext } from '../contracts/dialect.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import { NO_QUANTITIES } from '../contracts/quantities.ts';
import type { Ranked, RerankAnswer, RerankRequest } from '../contracts/rerank.ts';
import { badOutput } from './bad-output.ts';
import { arrayAt, numberAt, objectAt, stringAt } from './lenient.ts';
import { lossesOf } from './losses.ts';
import { badRequest, isObject, needArray, needString, readBoolean, readInteger, wrongType } from './read.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'query',
  'documents',
  'top_n',
  'return_documents',
  'max_tokens_per_doc',
  'fallbacks',
]);

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function decodeRerank(body: JsonObject): RerankRequest {
  const adapted: string[] = [];
  const documents = needArray(body, 'documents', '').map((item, index): string => {
    const path = `documents[${index}]`;
    if (typeof item === 'string') return item;
    if (!isObject(item)) throw wrongType(path, 'a string or an object', item);
    const text = stringAt(item, 'text');
    if (text === null || Object.keys(item).length > 1) adapted.push(path);
    return text ?? JSON.stringify(item);
  });
  if (documents.length === 0) throw badRequest('documents', "Invalid value: 'documents' must not be empty.");
  readBoolean(body, 'return_documents', '');
  return {
    query: needString(body, 'query', ''),
    documents,
    topN: readInteger(body, 'top_n', '', 1),
    maxTokensPerDoc: readInteger(body, 'max_tokens_per_doc', '', 1),
    dropped: Object.keys(body).filter((key) => !KNOWN.has(key)),
    mustNotDrop: [],
    adapted,
  };
}

/** What the answer repeats of the request, where it was asked to: its documents. How many there are to be not every vendor takes. */
export function rememberRerank(body: JsonObject): JsonObject {
  const most = numberAt(body, 'top_n');
  return {
    ...(body['return_documents'] === true && { documents: arrayAt(body, 'documents') }),
    ...(most !== null && { most }),
  };
}

/** As a NIM of NVIDIA's takes it: passages, all of which it ranks. */
export function encodePassages(request: RerankRequest, target: EncodeTarget): EncodedRequest {
  const { query, documents, maxTokensPerDoc } = request;
  const losses = lossesOf(request, target);
  for (const path of request.adapted) losses.adapt(path);
  if (maxTokensPerDoc !== null) losses.drop('max_tokens_per_doc');
  const passages = documents.map((text) => ({ text }));
  const body = { model: target.model, query: { text: query }, passages, truncate: 'END' };
  return { body: JSON.stringify(body), dropped: losses.dropped, adapted: losses.adapted };
}

/** @param more what else the vendor wants said. @param perDoc it knows `max_tokens_per_doc`. */
export function encodeRerank(
  request: RerankRequest,
  target: EncodeTarget,
  more: JsonObject,
  perDoc: boolean,
): EncodedRequest {
  const { query, documents, topN, maxTokensPerDoc } = request;
  const losses = lossesOf(request, target);
  for (const path of request.adapted) losses.adapt(path);
  const body: JsonObject = { ...more, query, documents };
  if (topN !== null) body['top_n'] = topN;
  if (maxTokensPerDoc !== null) {
    if (perDoc) body['max_tokens_per_doc'] = maxTokensPerDoc;
    else losses.drop('max_tokens_per_doc');
  }
  return { body: JSON.stringify(body), dropped: losses.dropped, adapted: losses.adapted };
}

/** What an answer used: tokens at some, searches at others. @throws GatewayError when it is no answer. */
export function readRerank(body: JsonObject): AnswerFacts {
  if (!Array.isArray(resultsOf(body))) throw badOutput('The answer has no results.');
  const meta = objectAt(body, 'meta') ?? {};
  const billed = objectAt(meta, 'billed_units') ?? {};
  const told = objectAt(body, 'usage') ?? objectAt(meta, 'tokens') ?? {};
  const input =
    numberAt(told, 'prompt_tokens') ?? numberAt(told, 'input_tokens') ?? numberAt(told, 'total_tokens');
  const searches = numberAt(billed, 'search_units');
  return {
    usage: input === null ? null : usageOf(input),
    stop: null,
    model: stringAt(body, 'model') || null,
    id: stringAt(body, 'id') || null,
    ...(searches === null ? {} : { quantities: { ...NO_QUANTITIES, searches } }),
  };
}

const usageOf = (input: number): Usage => ({
  input,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: 0,
  reasoning: null,
});

/** Voyage has `data`, NVIDIA `rankings`. */
const resultsOf = (body: JsonObject): Json | undefined => body['results'] ?? body['data'] ?? body['rankings'];

/** @throws GatewayError as readRerank. */
export function decodeRanked(body: JsonObject): RerankAnswer {
  const { id, model, usage, quantities } = readRerank(body);
  const results = (resultsOf(body) as Json[]).map((item): Ranked => {
    const index = isObject(item) ? numberAt(item, 'index') : null;
    // SGLang and others call it the score, NVIDIA tells it before it is one.
    const score = isObject(item)
      ? (numberAt(item, 'relevance_score') ?? numberAt(item, 'score') ?? numberAt(item, 'logit'))
      : null;
    if (index === null || score === null) throw badOutput('A result has no index or no score.');
    return { index, score };
  });
  return {
    id: id ?? '',
    model: model ?? '',
    results: results.sort((a, b) => b.score - a.score),
    searches: quantities?.searches ?? null,
    usage,
  };
}

/** Members that Cohere's clients read beside those of Jina's: one answer serves both. */
export function encodeRanked(
  { id, model, results, searches, usage }: RerankAnswer,
  context: AnswerContext,
): string {
  const documents = arrayAt(context.remembered ?? {}, 'documents');
  const most = numberAt(context.remembered ?? {}, 'most') ?? results.length;
  const tokens = usage?.input ?? null;
  return JSON.stringify({
    id: id === '' ? context.requestId : id,
    model: model === '' ? context.model : model,
    results: results.slice(0, most).map(({ index, score }) => {
      const document = documents[index];
      if (document === undefined) return { index, relevance_score: score };
      return { index, relevance_score: score, document: isObject(document) ? document : { text: document } };
    }),
    meta: {
      api_version: { version: '2' },
      billed_units: { search_units: searches ?? 1 },
      ...(tokens === null ? {} : { tokens: { input_tokens: tokens } }),
    },
    ...(tokens === null ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  });
}
