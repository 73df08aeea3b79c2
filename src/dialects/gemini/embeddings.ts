// POST …:embedContent and :batchEmbedContents (wire.md 4), and Vertex AI's :predict, as client and as upstream. What comes from another dialect goes out as a
// batch where it is more than one, as not everything that speaks Gemini has batches.
import { memberSpan } from '../../body/member-edits.ts';
import { MemberReader } from '../../body/member-reader.ts';
import type { BodyFacts, Edit, EncodedRequest, EncodeTarget, Mended, Span } from '../../contracts/body.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { AnswerContext, PairCodec } from '../../contracts/dialect.ts';
import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest } from '../../contracts/embedding.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { parseDataUrl } from '../data-url.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, objectAt } from '../lenient.ts';
import { lossesOf, unsupported } from '../losses.ts';
import { isObject } from '../read.ts';
import { floatsOf, vectorOf } from '../vectors.ts';
import { decodeEmbeds, TASKS } from './embed-requests.ts';
import { faultIn } from './faults.ts';
import { modelPath, resourceName } from './model-path.ts';
import {
  decodePredictions,
  encodePredict,
  isPredicted,
  mostInstances,
  usageOfPredictions,
} from './predict.ts';
import { decodePredict, encodePredictions, hasInstances, rememberPredict } from './predict-requests.ts';
import { splice } from './splice.ts';
import { readUsage } from './usage.ts';

/** How a batch of our own making begins. */
const BATCH = '{"requests":';

function encodeRequest(request: EmbeddingRequest, target: EncodeTarget): EncodedRequest {
  if (isPredicted(target)) return encodePredict(request, target);
  const { inputs, names, dimensions, purpose, truncate, user } = request;
  const losses = lossesOf(request, target);
  if (user !== null) losses.drop(names.user);
  // Google's default is to cut off the end.
  if (truncate !== null && truncate !== 'end') losses.drop(names.truncate);
  const each: JsonObject = { model: resourceName(target.model) };
  if (purpose !== null) each['taskType'] = TASKS[purpose];
  if (dimensions !== null) each['outputDimensionality'] = dimensions;
  const requests = inputs.map((input) => ({ ...each, content: { parts: [partOf(input, names.inputs)] } }));
  const body = requests.length === 1 ? requests[0]! : { requests };
  return { body: JSON.stringify(body), dropped: losses.dropped, adapted: losses.adapted };
}

function partOf(input: EmbeddingInput, name: string): JsonObject {
  if (input.kind === 'text') return { text: input.text };
  if (input.kind === 'tokens') {
    throw unsupported(
      name,
      `'${name}' holds ids of tokens, which only models with that vocabulary take: send text.`,
    );
  }
  const parsed = parseDataUrl(input.url);
  if (parsed === null) return { fileData: { fileUri: input.url } };
  return { inlineData: { mimeType: parsed.mediaType, data: parsed.data } };
}

function readAnswer(body: JsonObject): AnswerFacts {
  const fault = faultIn(body, JSON.stringify(body['error'] ?? null));
  if (fault !== null) throw faultError(fault);
  if (Array.isArray(body['predictions']))
    return { usage: usageOfPredictions(body), stop: null, model: null, id: null };
  if (!Array.isArray(body['embeddings']) && objectAt(body, 'embedding') === null)
    throw badOutput('The answer has no embeddings.');
  return { usage: readUsage(body), stop: null, model: null, id: null };
}

function decodeAnswer(body: JsonObject): EmbeddingAnswer {
  const { usage } = readAnswer(body);
  if (Array.isArray(body['predictions']))
    return { id: '', model: '', vectors: decodePredictions(body), usage };
  const single = objectAt(body, 'embedding');
  const list: readonly Json[] = single === null ? arrayAt(body, 'embeddings') : [single];
  const vectors = list.map((item) => vectorOf(isObject(item) ? item['values'] : undefined));
  return { id: '', model: '', vectors, usage };
}

function encodeAnswer(answer: EmbeddingAnswer, context: AnswerContext): string {
  if (wantsPredictions(context)) return encodePredictions(answer, context);
  const values = answer.vectors.map((vector) => ({ values: floatsOf(vector) }));
  const input = answer.usage?.input ?? null;
  return JSON.stringify({
    ...(context.remembered?.['single'] === true ? { embedding: values[0] } : { embeddings: values }),
    ...(input !== null && { usageMetadata: { promptTokenCount: input } }),
  });
}

/** By the body; where the answer is put together from several, that one's is not whole, and the path says it. */
function wantsPredictions({ remembered = {}, template = '' }: AnswerContext): boolean {
  if (remembered['characters'] !== undefined) return true;
  return template.endsWith(':predict') && remembered['single'] !== true && remembered['batch'] !== true;
}

function remember(body: JsonObject): JsonObject {
  if (body['instances'] !== undefined) return rememberPredict(body);
  return { single: body['content'] !== undefined, batch: body['requests'] !== undefined };
}

/** The path decides, and each request that names another model is refused; `:predict` knows no such member. */
function mend(body: Buffer, facts: BodyFacts, { model }: EncodeTarget): Mended | null {
  if (hasInstances(body, facts)) {
    const { modelMember } = facts;
    return modelMember === null ? null : { edits: [{ ...modelMember.cut, text: '' }], adapted: [] };
  }
  const text = JSON.stringify(resourceName(model));
  const spans: Span[] = [];
  const own = memberSpan(body, facts.members, 'model');
  if (own !== null) spans.push(own);
  if (memberSpan(body, facts.members, 'requests') !== null) readModels(body, spans);
  const edits = spans
    .filter(({ start, end }) => body.toString('utf8', start, end) !== text)
    .map((span): Edit => ({ ...span, text }));
  return edits.length === 0 ? null : { edits: edits.sort((a, b) => a.start - b.start), adapted: [] };
}

function readModels(body: Buffer, spans: Span[]): void {
  const reader = new MemberReader(body);
  reader.members(1, (key) => {
    if (key !== 'requests') {
      reader.value(1);
      return;
    }
    reader.items(2, () =>
      reader.members(3, (name) => {
        const span = reader.value(3);
        if (name === 'model') spans.push(span);
      }),
    );
  });
}

function rewrites(target: EncodeTarget, body: Buffer, facts: BodyFacts): boolean {
  if (hasInstances(body, facts)) return !isPredicted(target);
  return isPredicted(target) || (target.hosted !== 'vertex' && isOfVertex(body, facts));
}

/** Vertex AI's clients say how in an object of its own, and in the requests of a batch no model, without which Gemini's own API refuses it. */
function isOfVertex(body: Buffer, { members }: BodyFacts): boolean {
  // Inside of a text the quotes would be escaped.
  if (body.includes('"embedContentConfig"')) return true;
  const requests = memberSpan(body, members, 'requests');
  return requests !== null && !body.subarray(requests.start, requests.end).includes('"model"');
}

function addressFor(target: EncodeTarget, batch: boolean): string {
  if (isPredicted(target)) return modelPath(target.model, 'predict');
  return modelPath(target.model, batch ? 'batchEmbedContents' : 'embedContent');
}

export const embeddings = {
  address: (target, _stream, template) => addressFor(target, !template.endsWith(':embedContent')),
  addressOf: (target, body) => addressFor(target, body.toString('latin1', 0, BATCH.length) === BATCH),
  rewrites,
  inputLists: ['requests', 'instances'],
  splice,
  mend,
  // https://ai.google.dev/api/embeddings
  mostInputs: (model, hosted) => (isPredicted({ model, hosted }) ? mostInstances(model) : 100),
  remember,
  decodeRequest: (body) => (body['instances'] === undefined ? decodeEmbeds(body) : decodePredict(body)),
  encodeRequest,
  readAnswer,
  decodeAnswer,
  encodeAnswer,
} as const satisfies PairCodec<EmbeddingRequest, EmbeddingAnswer>;
