// Models on Bedrock that embed, as upstream: each maker's own request on the invoke route. Amazon's take one text a call.
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { PairCodec } from '../../contracts/dialect.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from '../../contracts/embedding.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { splice } from '../bedrock/splice.ts';
import { decodeEmbed, embedBody } from '../cohere/embed-request.ts';
import { decodeAnswer as decodeCohere, embeddings as cohere, MOST_INPUTS } from '../cohere/embeddings.ts';
import { arrayAt, numberAt, objectAt } from '../lenient.ts';
import { type Losses, lossesOf, unsupported } from '../losses.ts';
import { isObject } from '../read.ts';
import { vectorOf } from '../vectors.ts';

const COHERE = /(^|[./])cohere\./;
const NOVA = /(^|[./])amazon\.nova/;

function encodeRequest(request: EmbeddingRequest, target: EncodeTarget): EncodedRequest {
  const losses = lossesOf(request, target);
  const body = COHERE.test(target.model) ? embedBody(request, losses) : amazonBody(request, target, losses);
  return { body: JSON.stringify(body), dropped: losses.dropped, adapted: losses.adapted };
}

function amazonBody(request: EmbeddingRequest, { model }: EncodeTarget, losses: Losses): JsonObject {
  const { inputs, names, dimensions, purpose, truncate, user } = request;
  const [input] = inputs;
  if (inputs.length > 1 || input?.kind !== 'text') {
    throw unsupported(
      names.inputs,
      `'${names.inputs}' must be one text for this model: it embeds one a call.`,
    );
  }
  if (user !== null) losses.drop(names.user);
  if (!NOVA.test(model)) {
    if (purpose !== null) losses.drop(names.purpose);
    if (truncate !== null) losses.drop(names.truncate);
    return dimensions === null ? { inputText: input.text } : { inputText: input.text, dimensions };
  }
  const embeddingPurpose =
    purpose === 'query'
      ? 'GENERIC_RETRIEVAL'
      : purpose === 'classification' || purpose === 'clustering'
        ? purpose.toUpperCase()
        : 'GENERIC_INDEX';
  const params: JsonObject = {
    embeddingPurpose,
    text: { truncationMode: (truncate ?? 'end').toUpperCase(), value: input.text },
  };
  if (dimensions !== null) params['embeddingDimension'] = dimensions;
  return { taskType: 'SINGLE_EMBEDDING', singleEmbeddingParams: params };
}

function readAnswer(body: JsonObject): AnswerFacts {
  const tokens = numberAt(body, 'inputTextTokenCount');
  const none = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };
  if (tokens !== null)
    return { usage: { input: tokens, output: 0, ...none }, stop: null, model: null, id: null };
  return cohere.readAnswer(body);
}

function decodeAnswer(body: JsonObject): EmbeddingAnswer {
  if (objectAt(body, 'embeddings') !== null) return decodeCohere(body);
  const { usage } = readAnswer({ embeddings: [], ...body });
  const list = arrayAt(body, 'embeddings');
  if (Array.isArray(body['embedding']))
    return { id: '', model: '', vectors: [vectorOf(body['embedding'])], usage };
  if (list.length === 0) throw badOutput('The answer has no embeddings.');
  const vectors = list.map((item) => vectorOf(isObject(item) ? item['embedding'] : item));
  return { id: '', model: '', vectors, usage };
}

export const embeddings = {
  address: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
  mostInputs: (model) => (COHERE.test(model) ? MOST_INPUTS : 1),
  splice,
  // Nobody asks in this dialect: what a client of Bedrock invokes goes on as it came.
  decodeRequest: decodeEmbed,
  encodeRequest,
  readAnswer,
  decodeAnswer,
  encodeAnswer: cohere.encodeAnswer,
} as const satisfies PairCodec<EmbeddingRequest, EmbeddingAnswer>;
