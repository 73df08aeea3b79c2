// Vectors on Bedrock's invoke route, as client and as upstream: each maker's own request and answer.
import type { BodyFacts, Edit, EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { PairCodec } from '../../contracts/dialect.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from '../../contracts/embedding.ts';
import { MOST_INPUTS } from '../cohere/embeddings.ts';
import { lossesOf } from '../losses.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './embed-answer.ts';
import { bodyFor, COHERE } from './embed-body.ts';
import { decodeRequest, isEmbed, isForeign, remember } from './embed-request.ts';

function encodeRequest(request: EmbeddingRequest, target: EncodeTarget): EncodedRequest {
  const losses = lossesOf(request, target);
  const body = bodyFor(request, target, losses);
  return { body: JSON.stringify(body), dropped: losses.dropped, adapted: losses.adapted };
}

/** The path names the model. What names it in the body is a part that the gateway made of a larger request. */
function splice({ modelMember, fallbacksMember }: BodyFacts): Edit[] {
  return [modelMember, fallbacksMember]
    .flatMap((member) => (member === null ? [] : [{ ...member.cut, text: '' }]))
    .sort((a, b) => a.start - b.start);
}

export const embeddings = {
  address: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
  mostInputs: (model) => (COHERE.test(model) ? MOST_INPUTS : 1),
  // Of Cohere's bodies; Amazon's have one input.
  inputLists: ['texts', 'inputs', 'images'],
  asks: isEmbed,
  rewrites: ({ model }, body, facts) => isForeign(body, facts, model),
  splice,
  remember,
  decodeRequest,
  encodeRequest,
  readAnswer,
  decodeAnswer,
  encodeAnswer,
} as const satisfies PairCodec<EmbeddingRequest, EmbeddingAnswer>;
