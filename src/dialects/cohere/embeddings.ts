// POST /v2/embed, as client and as upstream; and /v1/embed, which answers with floats alone where no types were asked for.
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { AnswerContext, PairCodec } from '../../contracts/dialect.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from '../../contracts/embedding.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { NO_QUANTITIES } from '../../contracts/quantities.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { lossesOf } from '../losses.ts';
import { splice } from '../splice-model.ts';
import { base64Of, floatsOf, vectorOf } from '../vectors.ts';
import { decodeEmbed, embedBody } from './embed-request.ts';
import { faultIn } from './faults.ts';
import { readUsage } from './usage.ts';

/** The route of Cohere's first API. */
const FIRST = '/v1/embed';

/** Texts, or pictures, that one call takes. */
export const MOST_INPUTS = 96;

function encodeRequest(request: EmbeddingRequest, target: EncodeTarget): EncodedRequest {
  const losses = lossesOf(request, target);
  const body: JsonObject = { model: target.model, ...embedBody(request, losses) };
  return { body: JSON.stringify(body), dropped: losses.dropped, adapted: losses.adapted };
}

function readAnswer(body: JsonObject): AnswerFacts {
  const embeddings = body['embeddings'];
  if (typeof embeddings !== 'object' || embeddings === null) {
    const fault = faultIn(body, JSON.stringify(body));
    throw fault === null ? badOutput('The answer has no embeddings.') : faultError(fault);
  }
  const meta = objectAt(body, 'meta');
  const images = numberAt(objectAt(meta ?? {}, 'billed_units') ?? {}, 'images');
  const facts: AnswerFacts = {
    usage: readUsage(meta),
    stop: null,
    model: null,
    id: stringAt(body, 'id') || null,
  };
  if (images !== null) facts.quantities = { ...NO_QUANTITIES, images };
  return facts;
}

/** Also reads what Cohere's models answer on other platforms, and by its first API: a bare list of floats. */
export function decodeAnswer(body: JsonObject): EmbeddingAnswer {
  const { usage, id } = readAnswer(body);
  const typed = objectAt(body, 'embeddings');
  const floats = typed === null ? arrayAt(body, 'embeddings') : arrayAt(typed, 'float');
  const list = floats.length > 0 || typed === null ? floats : arrayAt(typed, 'base64');
  if (list.length === 0) throw badOutput('The answer has no floats.');
  return { id: id ?? '', model: '', vectors: list.map(vectorOf), usage };
}

function encodeAnswer({ id, vectors, usage }: EmbeddingAnswer, context: AnswerContext): string {
  const asked = context.remembered ?? {};
  const types = arrayAt(asked, 'types');
  const texts = arrayAt(asked, 'texts');
  const billed = { billed_units: { input_tokens: usage?.input ?? context.promptEstimate ?? 0 } };
  if (context.template === FIRST && types.length === 0) {
    return JSON.stringify({
      id: id === '' ? context.requestId : id,
      response_type: 'embeddings_floats',
      embeddings: vectors.map(floatsOf),
      texts,
      meta: { api_version: { version: '1' }, ...billed },
    });
  }
  const embeddings: JsonObject = {};
  if (types.length === 0 || types.includes('float')) embeddings['float'] = vectors.map(floatsOf);
  if (types.includes('base64')) embeddings['base64'] = vectors.map(base64Of);
  return JSON.stringify({
    id: id === '' ? context.requestId : id,
    response_type: 'embeddings_by_type',
    embeddings,
    texts,
    meta: { api_version: { version: '2' }, ...billed },
  });
}

export const embeddings = {
  address: (_target, _stream, template) => (template === FIRST ? FIRST : '/v2/embed'),
  // https://docs.cohere.com/v2/reference/embed
  mostInputs: () => MOST_INPUTS,
  inputLists: ['texts', 'inputs', 'images'],
  splice,
  // Its answers repeat what they are of.
  remember: (body) => ({ types: arrayAt(body, 'embedding_types'), texts: arrayAt(body, 'texts') }),
  decodeRequest: decodeEmbed,
  encodeRequest,
  readAnswer,
  decodeAnswer,
  encodeAnswer,
} as const satisfies PairCodec<EmbeddingRequest, EmbeddingAnswer>;
