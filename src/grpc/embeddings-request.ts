// An `EmbeddingsRequest` (docs/proto/headgate/embeddings/v1/embeddings.proto) as the body of POST /v1/embeddings that the pipeline reads.
import { fromBinary } from '@bufbuild/protobuf';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { ReadRequest } from './chat-request.ts';
import { type EmbeddingsRequest, EmbeddingsRequestSchema } from './embeddings-messages.ts';

/** @throws GatewayError GW_CLIENT_BAD_REQUEST where the bytes are no such message, or a field says nothing that could be sent. */
export function readEmbeddingsRequest(bytes: Uint8Array): ReadRequest {
  let request: EmbeddingsRequest;
  try {
    request = fromBinary(EmbeddingsRequestSchema, bytes);
  } catch (cause) {
    throw new GatewayError('GW_CLIENT_BAD_REQUEST', {
      message: 'The message is no headgate.embeddings.v1.EmbeddingsRequest.',
      cause,
    });
  }
  const { model, inputs, tokenInputs, dimensions, user, fallbacks } = request;
  if (inputs.length > 0 && tokenInputs.length > 0)
    throw new GatewayError('GW_CLIENT_BAD_REQUEST', {
      message: 'Inputs are texts or tokens, not both in one request.',
      param: 'token_inputs',
    });
  const json: JsonObject = { ...request.extra };
  if (model !== '') json['model'] = model;
  if (inputs.length > 0) json['input'] = inputs;
  if (tokenInputs.length > 0) json['input'] = tokenInputs.map(({ ids }) => ids);
  if (dimensions > 0) json['dimensions'] = dimensions;
  if (user !== '') json['user'] = user;
  if (fallbacks.length > 0) json['fallbacks'] = fallbacks;
  return { body: Buffer.from(JSON.stringify(json)), includeJson: request.includeJson };
}
