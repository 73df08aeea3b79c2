// POST /v1/embeddings (wire.md 9), as client and as upstream.
import type {
  BodyFacts,
  EncodedRequest,
  EncodeTarget,
  FittedBody,
  ToolMemory,
} from '../../contracts/body.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { AnswerContext, PairCodec } from '../../contracts/dialect.ts';
import type {
  EmbeddingAnswer,
  EmbeddingInput,
  EmbeddingNames,
  EmbeddingPurpose,
  EmbeddingRequest,
} from '../../contracts/embedding.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { Fitting } from '../fitting.ts';
import { arrayAt, numberAt, parseObject, stringAt } from '../lenient.ts';
import { lossesOf, unsupported } from '../losses.ts';
import { badRequest, isObject, isRawNumber, oneOf, readInteger, readString, wrongType } from '../read.ts';
import { splice } from '../splice-model.ts';
import { base64Of, floatsOf, signedBytesOf, vectorOf } from '../vectors.ts';
import { faultIn } from './faults.ts';
import { findUsage } from './usage.ts';

const NAMES: EmbeddingNames = {
  inputs: 'input',
  dimensions: 'dimensions',
  purpose: 'input_type',
  truncate: 'truncate',
  user: 'user',
};
/** `fallbacks` is the gateway's own. `input_type` and `truncate` are not OpenAI's, but several compatible vendors'. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'input',
  'dimensions',
  'encoding_format',
  'user',
  'input_type',
  'truncate',
  'fallbacks',
]);
/** Perplexity's forms: signed bytes, and bits. It has no other. */
const PACKED = ['base64_int8', 'base64_binary'];
/** Members of OpenAI's that other vendors refuse or call otherwise. */
const OWN = ['dimensions', 'encoding_format', 'user'];
const PURPOSES: Readonly<Record<string, EmbeddingPurpose>> = {
  query: 'query',
  search_query: 'query',
  passage: 'document',
  document: 'document',
  search_document: 'document',
  classification: 'classification',
  clustering: 'clustering',
  similarity: 'similarity',
};

function decodeRequest(body: JsonObject): EmbeddingRequest {
  const format = readString(body, 'encoding_format', '');
  const packed = format !== null && PACKED.includes(format);
  if (format !== null && !packed) oneOf(format, ['float', 'base64'], 'encoding_format');
  const purpose = readString(body, 'input_type', '');
  const truncate = readString(body, 'truncate', '')?.toLowerCase();
  const known = purpose === null ? null : (PURPOSES[purpose] ?? null);
  return {
    inputs: inputsOf(body['input']),
    names: NAMES,
    dimensions: readInteger(body, 'dimensions', '', 1),
    purpose: known,
    truncate: truncate === 'end' || truncate === 'start' || truncate === 'none' ? truncate : null,
    user: readString(body, 'user', ''),
    dropped: [
      ...Object.keys(body).filter((key) => !KNOWN.has(key)),
      ...(purpose !== null && known === null ? ['input_type'] : []),
    ],
    mustNotDrop: packed ? ['encoding_format'] : [],
    ...(packed && { packed: format }),
  };
}

function inputsOf(input: Json | undefined): EmbeddingInput[] {
  if (typeof input === 'string') return [{ kind: 'text', text: input }];
  if (!Array.isArray(input)) throw wrongType('input', 'a string or an array', input);
  if (input.length === 0) throw badRequest('input', "Invalid value: 'input' must not be empty.");
  if (isToken(input[0])) return [{ kind: 'tokens', tokens: tokensOf(input, 'input') }];
  return input.map((item, index): EmbeddingInput => {
    const path = `input[${index}]`;
    if (typeof item === 'string') return { kind: 'text', text: item };
    if (Array.isArray(item)) return { kind: 'tokens', tokens: tokensOf(item, path) };
    throw wrongType(path, 'a string or a list of tokens', item);
  });
}

const isToken = (value: Json | undefined): boolean => typeof value === 'number' || isRawNumber(value);

function tokensOf(list: Json[], path: string): Json[] {
  const odd = list.findIndex((item) => !isToken(item));
  if (odd !== -1) throw wrongType(`${path}[${odd}]`, 'a token', list[odd]);
  return list;
}

function encodeRequest(request: EmbeddingRequest, target: EncodeTarget): EncodedRequest {
  const { inputs, names, dimensions, purpose, truncate, user } = request;
  const { refuses, renames } = target.capabilities;
  const packs = target.hosted === 'perplexity';
  const packed = packs ? request.packed : undefined;
  const losses = lossesOf(packed === undefined ? request : { ...request, mustNotDrop: [] }, target);
  const asymmetric = target.hosted === 'nvidia';
  if (purpose !== null && !asymmetric) losses.drop(names.purpose);
  if (truncate !== null && !asymmetric) losses.drop(names.truncate);
  const input = inputs.map((item): Json => {
    if (item.kind === 'image') throw unsupported(names.inputs, 'This provider embeds text only.');
    if (item.kind === 'tokens' && packs)
      throw unsupported(names.inputs, 'This provider embeds text, and takes no tokens.');
    return item.kind === 'text' ? item.text : item.tokens;
  });
  const body: JsonObject = { model: target.model, input };
  if (dimensions !== null) body[renames['dimensions'] ?? 'dimensions'] = dimensions;
  if (user !== null && (packs || refuses.includes('user'))) losses.drop(names.user);
  else if (user !== null) body['user'] = user;
  if (packed !== undefined) body['encoding_format'] = packed;
  // What is asked and what is found are embedded differently there.
  if (asymmetric && purpose !== null) body['input_type'] = purpose === 'query' ? 'query' : 'passage';
  if (asymmetric && truncate !== null) body['truncate'] = truncate.toUpperCase();
  const encoded = { body: JSON.stringify(body), dropped: losses.dropped, adapted: losses.adapted };
  if (!packs || packed !== undefined) return encoded;
  return { ...encoded, tools: { custom: [], renamed: {}, signedBytes: true } };
}

/** What the vendor refuses of OpenAI's members, or calls otherwise. */
function fit(body: Buffer, facts: BodyFacts, target: EncodeTarget): FittedBody {
  const fitting = new Fitting(body, facts, target);
  const { refuses, renames } = target.capabilities;
  for (const name of OWN) {
    const theirs = renames[name];
    if (refuses.includes(name)) fitting.drop(name);
    else if (theirs !== undefined) fitting.rename(name, theirs);
  }
  return fitting.done();
}

function readAnswer(body: JsonObject): AnswerFacts {
  const fault = Array.isArray(body['data']) ? null : faultIn(body, JSON.stringify(body));
  if (fault !== null) throw faultError(fault);
  if (!Array.isArray(body['data'])) throw badOutput('The answer has no embeddings.');
  return { usage: findUsage(body), stop: null, model: stringAt(body, 'model') || null, id: null };
}

function decodeAnswer(body: JsonObject, tools: ToolMemory | null = null): EmbeddingAnswer {
  const { usage, model } = readAnswer(body);
  const vector = tools?.signedBytes === true ? signedBytesOf : vectorOf;
  const data = arrayAt(body, 'data').map((item, place) => {
    if (!isObject(item)) throw badOutput('An embedding is no object.');
    return { place: numberAt(item, 'index') ?? place, vector: vector(item['embedding']) };
  });
  data.sort((a, b) => a.place - b.place);
  return { id: '', model: model ?? '', vectors: data.map(({ vector }) => vector), usage };
}

function encodeAnswer({ model, vectors, usage }: EmbeddingAnswer, context: AnswerContext): string {
  const base64 = context.remembered?.['base64'] === true;
  const packed = context.remembered?.['packed'] === true;
  // Google and Cohere on Bedrock tell none.
  const tokens = usage?.input ?? context.promptEstimate ?? 0;
  return JSON.stringify({
    ...(context.habits?.vectorsId === true && { id: context.requestId }),
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: packed ? vector : base64 ? base64Of(vector) : floatsOf(vector),
    })),
    model: model === '' ? context.model : model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

/** Many servers answer numbers whatever they are asked: OpenAI's own clients would make other numbers of those. */
function misshapen(asked: Buffer, answer: Buffer): boolean {
  const at = answer.indexOf('"embedding":');
  if (at < 0 || !/^\s*\[/.test(answer.toString('latin1', at + 12, at + 64)) || !asked.includes('"base64"'))
    return false;
  return parseObject(asked.toString('utf8'))?.['encoding_format'] === 'base64';
}

export const embeddings = {
  address: () => '/embeddings',
  rewrites: ({ hosted }) => hosted === 'perplexity',
  inputLists: ['input'],
  splice,
  fit,
  misshapen,
  remember: ({ encoding_format: format }) => ({
    base64: format === 'base64',
    ...(PACKED.includes(format as string) && { packed: true }),
  }),
  decodeRequest,
  encodeRequest,
  readAnswer,
  decodeAnswer,
  encodeAnswer,
} as const satisfies PairCodec<EmbeddingRequest, EmbeddingAnswer>;
