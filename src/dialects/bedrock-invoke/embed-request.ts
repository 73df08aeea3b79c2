// What AWS's clients send to `InvokeModel` for vectors: Titan's body for texts and for pictures, Nova's, and Cohere's, told by their members.
// docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html (-titan-embed-mm, -embed) and nova2 userguide, embeddings-schema
import { PER_MEMBER } from '../../body/member-edits.ts';
import type { BodyFacts } from '../../contracts/body.ts';
import type {
  EmbeddingInput,
  EmbeddingNames,
  EmbeddingPurpose,
  EmbeddingRequest,
} from '../../contracts/embedding.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { decodeEmbed } from '../cohere/embed-request.ts';
import { dataUrl } from '../data-url.ts';
import { arrayAt, stringAt } from '../lenient.ts';

import { unsupported } from '../losses.ts';
import { trueMediaType } from '../media-bytes.ts';
import {
  at,
  badRequest,
  needObject,
  needString,
  oneOf,
  readBoolean,
  readInteger,
  readObject,
  readString,
  readStrings,
} from '../read.ts';
import { makerOf } from './embed-body.ts';

/** Whose body it is. `titan-2`: with what only the second of Titan's models for texts knows. */
export type EmbedShape = 'titan' | 'titan-2' | 'titan-image' | 'nova' | 'cohere';

/** Titan's models that write have a body that begins as the one for vectors. */
const WRITES = /titan-(?:text|tg1)/;
const CHATS: ReadonlySet<string> = new Set(['messages', 'prompt', 'textGenerationConfig', 'query']);
const COHERE_INPUTS: ReadonlySet<string> = new Set(['texts', 'images', 'inputs']);

function nameAt(body: Buffer, members: readonly number[], member: number): string {
  const quoted = body.toString('latin1', members[member], members[member + 1]);
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

/** Whether a body of the invoke route asks for vectors, by the names of its members. */
export function isEmbed(body: Buffer, { members, model }: BodyFacts): boolean {
  let [inputs, typed] = [false, false];
  for (let member = 0; member < members.length; member += PER_MEMBER) {
    const name = nameAt(body, members, member);
    if (CHATS.has(name)) return false;
    if (name === 'singleEmbeddingParams' || name === 'inputImage') return true;
    if (name === 'inputText') [inputs, typed] = [true, !WRITES.test(model ?? '')];
    else if (name === 'input_type') typed = true;
    else if (COHERE_INPUTS.has(name)) inputs = true;
  }
  return inputs && typed;
}

/** Whether a body that asks for vectors is another maker's than the model. What is nobody's that is known goes on as it came. */
export function isForeign(body: Buffer, { members }: BodyFacts, model: string): boolean {
  const maker = makerOf(model);
  if (maker === null) return false;
  const names = new Set<string>();
  for (let member = 0; member < members.length; member += PER_MEMBER)
    names.add(nameAt(body, members, member));
  const shape = shapeOf(Object.fromEntries([...names].map((name) => [name, true])));
  // A text alone is asked of both of Titan's kinds in the same words.
  if (shape === 'titan') return !maker.startsWith('titan');
  return (shape === 'titan-2' ? 'titan' : shape) !== maker;
}

/** Whose body it is. Never throws. */
export function shapeOf(body: JsonObject): EmbedShape {
  if (body['singleEmbeddingParams'] !== undefined) return 'nova';
  if (body['inputImage'] !== undefined || body['embeddingConfig'] !== undefined) return 'titan-image';
  if (body['inputText'] === undefined) return 'cohere';
  const second = ['dimensions', 'normalize', 'embeddingTypes'].some((name) => body[name] !== undefined);
  return second ? 'titan-2' : 'titan';
}

/** What an answer has to know of its request, whose shape it has. */
export function remember(body: JsonObject): JsonObject {
  const shape = shapeOf(body);
  if (shape === 'cohere')
    return { shape, types: arrayAt(body, 'embedding_types'), texts: arrayAt(body, 'texts') };
  if (shape !== 'nova') return { shape };
  const params = body['singleEmbeddingParams'] as JsonObject;
  return { shape, kind: params?.['image'] === undefined ? 'TEXT' : 'IMAGE' };
}

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field; GW_CLIENT_UNSUPPORTED for what no other vendor embeds. */
export function decodeRequest(body: JsonObject): EmbeddingRequest {
  const shape = shapeOf(body);
  if (shape === 'nova') return decodeNova(body);
  return shape === 'cohere' ? decodeEmbed(body) : decodeTitan(body, shape);
}

const OWN: readonly string[] = ['model', 'fallbacks'];
const restOf = (body: JsonObject, known: readonly string[], path = ''): string[] =>
  Object.keys(body)
    .filter((key) => !known.includes(key))
    .map((key) => at(path, key));

const TITAN_NAMES: EmbeddingNames = {
  inputs: 'inputText',
  dimensions: 'dimensions',
  purpose: 'purpose',
  truncate: 'truncate',
  user: 'user',
};

function decodeTitan(body: JsonObject, shape: EmbedShape): EmbeddingRequest {
  const request: EmbeddingRequest = {
    inputs: [],
    names: TITAN_NAMES,
    dimensions: null,
    purpose: null,
    truncate: null,
    user: null,
    dropped: [],
    mustNotDrop: [],
  };
  const image = readString(body, 'inputImage', '');
  const text = image === null ? needString(body, 'inputText', '') : readString(body, 'inputText', '');
  if (shape === 'titan-image') {
    // One vector of both: nobody else makes one of two.
    if (image !== null && text !== null) request.mustNotDrop.push('inputText');
    const config = readObject(body, 'embeddingConfig', '') ?? {};
    request.dimensions = readInteger(config, 'outputEmbeddingLength', 'embeddingConfig', 1);
    request.names = {
      ...TITAN_NAMES,
      inputs: image === null ? 'inputText' : 'inputImage',
      dimensions: 'embeddingConfig.outputEmbeddingLength',
    };
    request.dropped.push(
      ...restOf(body, ['inputText', 'inputImage', 'embeddingConfig', ...OWN]),
      ...restOf(config, ['outputEmbeddingLength'], 'embeddingConfig'),
    );
  } else {
    request.dimensions = readInteger(body, 'dimensions', '', 1);
    request.dropped.push(...restOf(body, ['inputText', 'dimensions', 'normalize', 'embeddingTypes', ...OWN]));
    // What others answer mostly has the length of one, and nobody can be asked for it otherwise.
    if (readBoolean(body, 'normalize', '') === false) request.dropped.push('normalize');
    const odd = (readStrings(body, 'embeddingTypes', '') ?? []).findIndex((type) => type !== 'float');
    if (odd !== -1) request.mustNotDrop.push(`embeddingTypes[${odd}]`);
  }
  request.inputs = [image === null ? { kind: 'text', text: text! } : pictureOf(image, 'inputImage')];
  return request;
}

/** Bare base64, whose first bytes tell of what kind it is. */
function pictureOf(data: string, path: string): EmbeddingInput {
  const type = trueMediaType('', data);
  if (!type.startsWith('image/'))
    throw badRequest(path, `Invalid value: '${path}' must be a picture as base64.`);
  return { kind: 'image', url: dataUrl(type, data) };
}

const PARAMS = 'singleEmbeddingParams';
const NOVA_PURPOSES: ReadonlyMap<string, EmbeddingPurpose> = new Map([
  ['GENERIC_INDEX', 'document'],
  ['CLASSIFICATION', 'classification'],
  ['CLUSTERING', 'clustering'],
]);

function decodeNova(body: JsonObject): EmbeddingRequest {
  const params = needObject(body, PARAMS, '');
  const purpose = readString(params, 'embeddingPurpose', PARAMS);
  const text = readObject(params, 'text', PARAMS);
  const image = readObject(params, 'image', PARAMS);
  const names: EmbeddingNames = {
    inputs: at(PARAMS, text === null ? 'image' : 'text'),
    dimensions: at(PARAMS, 'embeddingDimension'),
    purpose: at(PARAMS, 'embeddingPurpose'),
    truncate: `${PARAMS}.text.truncationMode`,
    user: 'user',
  };
  const other = ['audio', 'video'].find((kind) => params[kind] !== undefined);
  if (other !== undefined) throw unsupported(at(PARAMS, other));
  if ((text === null) === (image === null))
    throw badRequest(PARAMS, `Invalid value: '${PARAMS}' must have one of text, image, audio and video.`);
  const mode = text === null ? null : readString(text, 'truncationMode', names.inputs);
  return {
    inputs: [text === null ? novaPicture(image!, names.inputs) : novaText(text, names.inputs)],
    names,
    dimensions: readInteger(params, 'embeddingDimension', PARAMS, 1),
    purpose: purpose === null ? null : (NOVA_PURPOSES.get(purpose) ?? 'query'), // all others of Nova's are kinds of retrieval
    truncate:
      mode === null
        ? null
        : (oneOf(mode, ['NONE', 'START', 'END'], names.truncate).toLowerCase() as 'none' | 'start' | 'end'), // one of the three
    user: null,
    dropped: [
      ...restOf(body, ['schemaVersion', 'taskType', PARAMS, ...OWN]),
      ...restOf(params, ['embeddingPurpose', 'embeddingDimension', 'text', 'image'], PARAMS),
      ...restOf(text ?? {}, ['truncationMode', 'value', 'source'], names.inputs),
      ...restOf(image ?? {}, ['format', 'source'], names.inputs),
    ],
    mustNotDrop: [],
  };
}

function novaText(text: JsonObject, path: string): EmbeddingInput {
  // It lies in the customer's storage, where nobody else reads it.
  if (text['source'] !== undefined) throw unsupported(at(path, 'source'));
  return { kind: 'text', text: needString(text, 'value', path) };
}

function novaPicture(image: JsonObject, path: string): EmbeddingInput {
  const source = needObject(image, 'source', path);
  const where = at(path, 'source');
  if (source['s3Location'] !== undefined) throw unsupported(at(where, 's3Location'));
  const data = needString(source, 'bytes', where);
  return { kind: 'image', url: dataUrl(`image/${stringAt(image, 'format') ?? 'png'}`, data) };
}
