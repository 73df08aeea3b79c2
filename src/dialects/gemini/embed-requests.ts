// A request of :embedContent, or of :batchEmbedContents, where every one says for itself what its vector is for.
import type {
  EmbeddingInput,
  EmbeddingNames,
  EmbeddingPurpose,
  EmbeddingRequest,
} from '../../contracts/embedding.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { dataUrl } from '../data-url.ts';
import { stringAt } from '../lenient.ts';
import { unsupported } from '../losses.ts';
import {
  asArray,
  asObject,
  asString,
  at,
  badRequest,
  isObject,
  needArray,
  needObject,
  readBoolean,
  readInteger,
  readString,
} from '../read.ts';
import { enumName, TASK_TYPES } from './enum-names.ts';

/** Google's words for what vectors are for. */
export const TASKS: Readonly<Record<EmbeddingPurpose, string>> = {
  query: 'RETRIEVAL_QUERY',
  document: 'RETRIEVAL_DOCUMENT',
  similarity: 'SEMANTIC_SIMILARITY',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
};
const PURPOSES: ReadonlyMap<string, EmbeddingPurpose> = new Map([
  ...(Object.entries(TASKS) as [EmbeddingPurpose, string][]).map(
    ([purpose, task]): [string, EmbeddingPurpose] => [task, purpose],
  ),
  ['QUESTION_ANSWERING', 'query'],
  ['FACT_VERIFICATION', 'query'],
  ['CODE_RETRIEVAL_QUERY', 'query'],
]);
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'content',
  'requests',
  'taskType',
  'task_type',
  'outputDimensionality',
  'output_dimensionality',
  'autoTruncate',
  'auto_truncate',
  'embedContentConfig',
  'embed_content_config',
  'fallbacks',
]);
const CONFIGS = ['embedContentConfig', 'embed_content_config'];

/** @throws GatewayError GW_CLIENT_BAD_REQUEST; GW_CLIENT_UNSUPPORTED when the requests of a batch do not want the same. */
export function decodeEmbeds(body: JsonObject): EmbeddingRequest {
  if (body['requests'] === undefined) return one(body, '');
  const list = needArray(body, 'requests', '');
  const all = list.map((item, index) => one(asObject(item, `requests[${index}]`), `requests[${index}]`));
  return allAlike(all, 'requests');
}

/** Several as one. @param path of their list. @throws GatewayError when there is none, or they do not want the same. */
export function allAlike(all: readonly EmbeddingRequest[], path: string): EmbeddingRequest {
  const [first] = all;
  if (first === undefined) throw badRequest(path, `Invalid value: '${path}' must not be empty.`);
  for (const other of all) {
    if (other.purpose !== first.purpose) throw apart(other.names.purpose);
    if (String(other.dimensions) !== String(first.dimensions)) throw apart(other.names.dimensions);
  }
  return {
    ...first,
    inputs: all.flatMap(({ inputs }) => inputs),
    names: { ...first.names, inputs: path },
    dropped: all.flatMap(({ dropped }) => dropped),
  };
}

/** What its vector is for. @param name of the member that says it. */
export function taskOf(
  body: JsonObject,
  name: string,
  path: string,
): { purpose: EmbeddingPurpose | null; lost: string[] } {
  const said = readString({ [name]: enumName(body[name], TASK_TYPES) }, name, path);
  const purpose = said === null ? null : (PURPOSES.get(said) ?? null);
  const lost = said !== null && purpose === null && said !== 'TASK_TYPE_UNSPECIFIED';
  return { purpose, lost: lost ? [at(path, name)] : [] };
}

const apart = (path: string) =>
  unsupported(path, `'${path}' must be the same in all requests for the provider of this model.`);

function one(body: JsonObject, path: string): EmbeddingRequest {
  // Vertex AI's clients say how in an object of its own.
  const own = CONFIGS.find((key) => body[key] !== undefined);
  const config = own === undefined ? body : needObject(body, own, path);
  const where = own === undefined ? path : at(path, own);
  const name = (camel: string, snake: string): string => (config[snake] === undefined ? camel : snake);
  const task = name('taskType', 'task_type');
  const dimensions = name('outputDimensionality', 'output_dimensionality');
  const cut = name('autoTruncate', 'auto_truncate');
  const { purpose, lost } = taskOf(config, task, where);
  const cuts = readBoolean(config, cut, where);
  const names: EmbeddingNames = {
    inputs: at(path, 'content'),
    dimensions: at(where, dimensions),
    purpose: at(where, task),
    truncate: at(where, cut),
    user: at(path, 'user'),
  };
  const unknown = (object: JsonObject, below: string): string[] =>
    Object.keys(object)
      .filter((key) => !KNOWN.has(key))
      .map((key) => at(below, key));
  return {
    inputs: [inputOf(body['content'], names.inputs)],
    names,
    dimensions: readInteger(config, dimensions, where, 1),
    purpose,
    truncate: cuts === null ? null : cuts ? 'end' : 'none',
    user: null,
    dropped: [...unknown(body, path), ...(own === undefined ? [] : unknown(config, where)), ...lost],
    mustNotDrop: [],
  };
}

/** One vector a content: several texts in it are one text. */
export function inputOf(value: Json | undefined, path: string): EmbeddingInput {
  if (typeof value === 'string') return { kind: 'text', text: value };
  const content = asObject(value, path);
  const parts = asArray(content['parts'], at(path, 'parts'));
  const texts: string[] = [];
  for (const [index, item] of parts.entries()) {
    const where = `${at(path, 'parts')}[${index}]`;
    const part = asObject(item, where);
    if (part['text'] !== undefined) texts.push(asString(part['text'], `${where}.text`));
    else {
      const image = imageOf(part);
      if (image === null || parts.length > 1) throw unsupported(where);
      return image;
    }
  }
  if (texts.length === 0) throw badRequest(at(path, 'parts'), `Invalid value: '${path}' has no text.`);
  return { kind: 'text', text: texts.join('\n') };
}

function imageOf(part: JsonObject): EmbeddingInput | null {
  const blob = part['inlineData'] ?? part['inline_data'];
  if (!isObject(blob)) return null;
  const type = stringAt(blob, 'mimeType') ?? stringAt(blob, 'mime_type');
  const data = stringAt(blob, 'data');
  return type?.startsWith('image/') === true && data !== null
    ? { kind: 'image', url: dataUrl(type, data) }
    : null;
}
