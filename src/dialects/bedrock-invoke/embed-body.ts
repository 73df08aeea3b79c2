// A request for vectors as each maker's models on Bedrock take it. Amazon's take one input a call.
import type { EncodeTarget } from '../../contracts/body.ts';
import type { EmbeddingInput, EmbeddingPurpose, EmbeddingRequest } from '../../contracts/embedding.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { embedBody } from '../cohere/embed-request.ts';
import { parseDataUrl } from '../data-url.ts';
import { type Losses, unsupported } from '../losses.ts';
import { isObject, numberOf } from '../read.ts';

export const COHERE = /(^|[./])cohere\./;
const COHERE_4 = /cohere\.embed-v4/;
const NOVA = /(^|[./])amazon\.nova/;
const TITAN_IMAGE = /titan-embed-image/;
const TITAN_1 = /titan-embed-(?:text-v1|g1)/;
/** What the first of Titan's models for texts always makes. */
const TITAN_1_DIMENSIONS = 1536;

/** Whose body a model takes, by its name; null = that does not tell. */
export function makerOf(model: string): 'cohere' | 'nova' | 'titan' | 'titan-image' | null {
  if (COHERE.test(model)) return 'cohere';
  if (NOVA.test(model)) return 'nova';
  if (TITAN_IMAGE.test(model)) return 'titan-image';
  return model.includes('titan-embed') ? 'titan' : null;
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED naming what the model does not take. */
export function bodyFor(request: EmbeddingRequest, { model }: EncodeTarget, losses: Losses): JsonObject {
  if (COHERE.test(model)) return cohereBody(request, model, losses);
  const { inputs, names, purpose, truncate, user } = request;
  const [input] = inputs;
  if (inputs.length > 1 || input === undefined || input.kind === 'tokens') {
    throw unsupported(
      names.inputs,
      `'${names.inputs}' must be one text for this model: it embeds one a call.`,
    );
  }
  if (user !== null) losses.drop(names.user);
  if (NOVA.test(model)) return novaBody(request, input);
  if (purpose !== null) losses.drop(names.purpose);
  if (truncate !== null) losses.drop(names.truncate);
  return titanBody(request, input, model);
}

function cohereBody(request: EmbeddingRequest, model: string, losses: Losses): JsonObject {
  const { names, purpose } = request;
  const body = embedBody(request, losses);
  if (!COHERE_4.test(model)) {
    if (body['output_dimension'] !== undefined) throw unsupported(names.dimensions);
    if (body['inputs'] !== undefined) throw unsupported(names.inputs);
    return body;
  }
  // What it calls otherwise than Cohere's own API does.
  if (body['input_type'] === 'image')
    body['input_type'] = embedBody({ ...request, purpose, inputs: NO_PICTURE }, losses)['input_type']!;
  if (body['truncate'] !== undefined && body['truncate'] !== 'NONE')
    body['truncate'] = body['truncate'] === 'START' ? 'LEFT' : 'RIGHT';
  if (Array.isArray(body['inputs'])) body['inputs'] = body['inputs'].map(withBareUrls);
  return body;
}

const NO_PICTURE: EmbeddingInput[] = [{ kind: 'text', text: '' }];

function withBareUrls(input: Json): Json {
  const content = (input as JsonObject)['content'] as JsonObject[]; // embedBody made it
  return {
    content: content.map((part) => {
      const image = part['image_url'];
      return isObject(image) ? { ...part, image_url: image['url']! } : part;
    }),
  };
}

type OneInput = Exclude<EmbeddingInput, { kind: 'tokens' }>;

function titanBody({ names, dimensions }: EmbeddingRequest, input: OneInput, model: string): JsonObject {
  const sized = dimensions !== null;
  if (TITAN_IMAGE.test(model)) {
    const body: JsonObject =
      input.kind === 'text'
        ? { inputText: input.text }
        : { inputImage: pictureOf(input.url, names.inputs).data };
    return sized ? { ...body, embeddingConfig: { outputEmbeddingLength: dimensions } } : body;
  }
  if (input.kind !== 'text')
    throw unsupported(names.inputs, `'${names.inputs}' must be a text for this model.`);
  if (sized && TITAN_1.test(model)) {
    if (numberOf(dimensions) !== TITAN_1_DIMENSIONS) throw unsupported(names.dimensions);
    return { inputText: input.text };
  }
  return sized ? { inputText: input.text, dimensions } : { inputText: input.text };
}

const PURPOSES: Readonly<Record<EmbeddingPurpose, string>> = {
  query: 'GENERIC_RETRIEVAL',
  document: 'GENERIC_INDEX',
  similarity: 'GENERIC_INDEX',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
};

function novaBody({ names, dimensions, purpose, truncate }: EmbeddingRequest, input: OneInput): JsonObject {
  // It has to be said; who does not say it mostly fills an index.
  const params: JsonObject = { embeddingPurpose: PURPOSES[purpose ?? 'document'] };
  if (input.kind === 'text')
    params['text'] = { truncationMode: (truncate ?? 'end').toUpperCase(), value: input.text };
  else {
    const { mediaType, data } = pictureOf(input.url, names.inputs);
    params['image'] = { format: mediaType.replace(/^image\//, ''), source: { bytes: data } };
  }
  if (dimensions !== null) params['embeddingDimension'] = dimensions;
  return { taskType: 'SINGLE_EMBEDDING', singleEmbeddingParams: params };
}

/** Its bytes have to come along. */
function pictureOf(url: string, name: string): { mediaType: string; data: string } {
  const parsed = parseDataUrl(url);
  if (parsed === null)
    throw unsupported(name, `'${name}' must hold pictures as data: URLs for the provider of this model.`);
  return parsed;
}
