// A request of /v2/embed, read and written; Bedrock takes the same from Cohere's models, without the model.
import type {
  EmbeddingInput,
  EmbeddingNames,
  EmbeddingPurpose,
  EmbeddingRequest,
} from '../../contracts/embedding.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { type Losses, unsupported } from '../losses.ts';
import {
  asObject,
  at,
  badRequest,
  needArray,
  needObject,
  needString,
  oneOf,
  readArray,
  readInteger,
  readString,
  readStrings,
} from '../read.ts';

const NAMES: EmbeddingNames = {
  inputs: 'texts',
  dimensions: 'output_dimension',
  purpose: 'input_type',
  truncate: 'truncate',
  user: 'user',
};
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'texts',
  'images',
  'inputs',
  'input_type',
  'output_dimension',
  'embedding_types',
  'truncate',
  'fallbacks',
]);
const PURPOSES: Readonly<Record<string, EmbeddingPurpose>> = {
  search_document: 'document',
  search_query: 'query',
  classification: 'classification',
  clustering: 'clustering',
};
/** The last two are said on Bedrock. */
const CUTS = { NONE: 'none', START: 'start', END: 'end', LEFT: 'start', RIGHT: 'end' } as const;
const TYPES: Readonly<Record<EmbeddingPurpose, string>> = {
  document: 'search_document',
  query: 'search_query',
  classification: 'classification',
  clustering: 'clustering',
  similarity: 'clustering',
};

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function decodeEmbed(body: JsonObject): EmbeddingRequest {
  const texts = readStrings(body, 'texts', '');
  const images = readStrings(body, 'images', '');
  const mixed = readArray(body, 'inputs', '');
  const type = readString(body, 'input_type', '');
  const truncate = readString(body, 'truncate', '');
  const types = readStrings(body, 'embedding_types', '') ?? [];
  const inputs: EmbeddingInput[] = [
    ...(texts ?? []).map((text): EmbeddingInput => ({ kind: 'text', text })),
    ...(images ?? []).map((url): EmbeddingInput => ({ kind: 'image', url })),
    ...(mixed ?? []).map((item, index) => mixedInput(asObject(item, `inputs[${index}]`), `inputs[${index}]`)),
  ];
  if (inputs.length === 0)
    throw badRequest('texts', 'invalid request: one of texts, images and inputs must be given.');
  const odd = types.findIndex((name) => name !== 'float' && name !== 'base64');
  return {
    inputs,
    names: { ...NAMES, inputs: texts !== null ? 'texts' : images !== null ? 'images' : 'inputs' },
    dimensions: readInteger(body, 'output_dimension', '', 1),
    purpose: type === null ? null : (PURPOSES[type] ?? null),
    truncate:
      truncate === null ? null : CUTS[oneOf(truncate, ['NONE', 'START', 'END', 'LEFT', 'RIGHT'], 'truncate')],
    user: null,
    dropped: Object.keys(body).filter((key) => !KNOWN.has(key)),
    // Vectors of whole numbers and of bits are not what others have, and not made here.
    mustNotDrop: odd === -1 ? [] : [`embedding_types[${odd}]`],
  };
}

/** One vector each: where it is one text, or one picture, others can be asked for it as well. */
function mixedInput(input: JsonObject, path: string): EmbeddingInput {
  const content = needArray(input, 'content', path);
  const where = `${at(path, 'content')}[0]`;
  if (content.length !== 1) throw unsupported(at(path, 'content'));
  const part = asObject(content[0], where);
  if (needString(part, 'type', where) === 'text')
    return { kind: 'text', text: needString(part, 'text', where) };
  const url = part['image_url'];
  // Bare as Bedrock has it.
  if (typeof url === 'string') return { kind: 'image', url };
  return {
    kind: 'image',
    url: needString(needObject(part, 'image_url', where), 'url', `${where}.image_url`),
  };
}

/** What is asked, but for the model. */
export function embedBody(request: EmbeddingRequest, losses: Losses): JsonObject {
  const { inputs, names, dimensions, purpose, truncate, user } = request;
  if (user !== null) losses.drop(names.user);
  if (purpose === 'similarity') losses.adapt(names.purpose);
  const images = inputs.filter(({ kind }) => kind === 'image').length;
  // It has to be said; who does not say it mostly fills an index.
  const type = purpose === null ? 'search_document' : TYPES[purpose];
  const body: JsonObject = {
    input_type: images === inputs.length ? 'image' : type,
    embedding_types: ['float'],
  };
  if (images === 0) body['texts'] = inputs.map((input) => textOf(input, names.inputs));
  else if (images === inputs.length)
    body['images'] = inputs.map((input) => (input.kind === 'image' ? input.url : ''));
  else body['inputs'] = inputs.map((input) => ({ content: [partOf(input, names.inputs)] }));
  if (dimensions !== null) body['output_dimension'] = dimensions;
  if (truncate !== null) body['truncate'] = truncate.toUpperCase();
  return body;
}

function partOf(input: EmbeddingInput, name: string): JsonObject {
  if (input.kind === 'image') return { type: 'image_url', image_url: { url: input.url } };
  return { type: 'text', text: textOf(input, name) };
}

function textOf(input: EmbeddingInput, name: string): string {
  if (input.kind === 'text') return input.text;
  throw unsupported(
    name,
    `'${name}' holds ids of tokens, which only models with that vocabulary take: send text.`,
  );
}
