// Embeddings on Vertex AI, which asks its older models by `:predict`: instances instead of requests, predictions instead of embeddings.
// https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { Usage } from '../../contracts/chat.ts';
import type { EmbeddingInput, EmbeddingRequest, Vector } from '../../contracts/embedding.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { parseDataUrl } from '../data-url.ts';
import { arrayAt, numberAt, objectAt } from '../lenient.ts';
import { lossesOf, unsupported } from '../losses.ts';
import { isObject } from '../read.ts';
import { vectorOf } from '../vectors.ts';
import { TASKS } from './embed-requests.ts';

const PREDICTED =
  /^(?:text-embedding|text-multilingual|textembedding|multimodalembedding|gemini-embedding-001)/;
/** Takes texts and pictures, and puts each vector under its kind. */
const OF_SEVERAL = /^multimodalembedding/;

/** Whether a model is asked so where it is served. */
export function isPredicted({
  hosted,
  model,
}: {
  hosted?: EncodeTarget['hosted'] | undefined;
  model: string;
}): boolean {
  return hosted === 'vertex' && PREDICTED.test(model.split('/').at(-1)!);
}

/** Instances that one request may have. */
export function mostInstances(model: string): number {
  return /gemini-embedding|multimodal/.test(model) ? 1 : 250;
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED as the dialect's own. */
export function encodePredict(request: EmbeddingRequest, target: EncodeTarget): EncodedRequest {
  const { inputs, names, dimensions, purpose, truncate, user } = request;
  const losses = lossesOf(request, target);
  if (user !== null) losses.drop(names.user);
  if (truncate === 'start') losses.drop(names.truncate);
  const several = OF_SEVERAL.test(target.model);
  if (several && purpose !== null) losses.drop(names.purpose);
  const instances = inputs.map((input) => {
    const instance = instanceOf(input, names.inputs, several);
    if (purpose !== null && !several) instance['task_type'] = TASKS[purpose];
    return instance;
  });
  const parameters: JsonObject = {};
  if (dimensions !== null) parameters[several ? 'dimension' : 'outputDimensionality'] = dimensions;
  if (truncate === 'none' && !several) parameters['autoTruncate'] = false;
  const body = { instances, ...(Object.keys(parameters).length > 0 && { parameters }) };
  return { body: JSON.stringify(body), dropped: losses.dropped, adapted: losses.adapted };
}

function instanceOf(input: EmbeddingInput, name: string, several: boolean): JsonObject {
  if (input.kind === 'text') return several ? { text: input.text } : { content: input.text };
  if (input.kind === 'tokens')
    throw unsupported(name, `'${name}' holds ids of tokens, which only models with that vocabulary take.`);
  const parsed = parseDataUrl(input.url);
  if (!several) throw unsupported(name, 'This model embeds text only.');
  return { image: parsed === null ? { gcsUri: input.url } : { bytesBase64Encoded: parsed.data } };
}

/** @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: a prediction without a vector. */
export function decodePredictions(body: JsonObject): Vector[] {
  return arrayAt(body, 'predictions').map((item) => {
    const prediction = isObject(item) ? item : {};
    const values: Json | undefined =
      objectAt(prediction, 'embeddings')?.['values'] ??
      prediction['textEmbedding'] ??
      prediction['imageEmbedding'];
    if (values === undefined) throw badOutput('A prediction has no embedding.');
    return vectorOf(values);
  });
}

/** Tokens of all instances; null = none was told. */
export function usageOfPredictions(body: JsonObject): Usage | null {
  let input: number | null = null;
  for (const item of arrayAt(body, 'predictions')) {
    const embeddings = isObject(item) ? objectAt(item, 'embeddings') : null;
    const tokens = numberAt(objectAt(embeddings ?? {}, 'statistics') ?? {}, 'token_count');
    if (tokens !== null) input = (input ?? 0) + tokens;
  }
  if (input === null) return null;
  return { input, cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, output: 0, reasoning: null };
}
