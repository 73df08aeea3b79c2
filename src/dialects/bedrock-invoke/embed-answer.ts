// Vectors of models on Bedrock: read whoever made the model, and written in the shape that the asked body implies.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { EmbeddingAnswer } from '../../contracts/embedding.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { decodeAnswer as decodeCohere, embeddings as cohere } from '../cohere/embeddings.ts';
import { arrayAt, numberAt, objectAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { base64Of, floatsOf, vectorOf } from '../vectors.ts';

const NONE = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };

/** What other makers' models answer in formats of their own goes on as it comes. */
export function readAnswer(body: JsonObject): AnswerFacts {
  const tokens = numberAt(body, 'inputTextTokenCount');
  if (tokens !== null) {
    // A model that writes, and was asked in the same words.
    const output = arrayAt(body, 'results').reduce<number>(
      (sum, result) => sum + (isObject(result) ? (numberAt(result, 'tokenCount') ?? 0) : 0),
      0,
    );
    return { usage: { input: tokens, output, ...NONE }, stop: null, model: null, id: null };
  }
  if (objectAt(body, 'embeddings') === null && !Array.isArray(body['embeddings']))
    return { usage: null, stop: null, model: null, id: null };
  return cohere.readAnswer(body);
}

/** @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when it has no vectors. */
export function decodeAnswer(body: JsonObject): EmbeddingAnswer {
  if (objectAt(body, 'embeddings') !== null) return decodeCohere(body);
  const { usage } = readAnswer(body);
  const list = arrayAt(body, 'embeddings');
  if (Array.isArray(body['embedding']))
    return { id: '', model: '', vectors: [vectorOf(body['embedding'])], usage };
  if (list.length === 0) throw badOutput('The answer has no embeddings.');
  const vectors = list.map((item) => vectorOf(isObject(item) ? item['embedding'] : item));
  return { id: '', model: '', vectors, usage };
}

/** @param context of it, what embed-request.ts remembers of the request. */
export function encodeAnswer({ id, vectors, usage }: EmbeddingAnswer, context: AnswerContext): string {
  const { remembered, requestId, promptEstimate } = context;
  const asked = remembered ?? {};
  if (asked['shape'] === 'nova') {
    const embeddingType = asked['kind'] ?? 'TEXT';
    return JSON.stringify({
      embeddings: vectors.map((vector) => ({ embeddingType, embedding: floatsOf(vector) })),
    });
  }
  if (asked['shape'] === 'cohere') {
    const types = arrayAt(asked, 'types');
    const head = { id: id === '' ? requestId : id, texts: arrayAt(asked, 'texts') };
    if (types.length === 0)
      return JSON.stringify({
        ...head,
        response_type: 'embeddings_floats',
        embeddings: vectors.map(floatsOf),
      });
    const embeddings: JsonObject = {};
    if (types.includes('float')) embeddings['float'] = vectors.map(floatsOf);
    if (types.includes('base64')) embeddings['base64'] = vectors.map(base64Of);
    return JSON.stringify({ ...head, response_type: 'embeddings_by_type', embeddings });
  }
  const [first] = vectors;
  if (first === undefined) throw badOutput('The answer has no embeddings.');
  const embedding = floatsOf(first);
  const inputTextTokenCount = usage?.input ?? promptEstimate ?? 0;
  return JSON.stringify({
    embedding,
    inputTextTokenCount,
    ...(asked['shape'] === 'titan-2' && { embeddingsByType: { float: embedding } }),
  });
}
