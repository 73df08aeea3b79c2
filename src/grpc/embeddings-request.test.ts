// Messages of the embeddings service become the requests that a client over HTTP would have written.
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import { EmbeddingsRequestSchema } from './embeddings-messages.ts';
import { readEmbeddingsRequest } from './embeddings-request.ts';

type Init = MessageInitShape<typeof EmbeddingsRequestSchema>;
const bytesOf = (request: Init): Uint8Array =>
  toBinary(EmbeddingsRequestSchema, create(EmbeddingsRequestSchema, request));
const read = (request: Init): unknown => JSON.parse(readEmbeddingsRequest(bytesOf(request)).body.toString());

it('texts are inputs in their order, empty ones too', () => {
  expect(
    read({ model: 'm', inputs: ['a', '', 'b'], dimensions: 64, user: 'u', fallbacks: ['other'] }),
  ).toEqual({ model: 'm', input: ['a', '', 'b'], dimensions: 64, user: 'u', fallbacks: ['other'] });
});

it('tokens are, and what has no field goes along behind what has', () => {
  const asked = { tokenInputs: [{ ids: [1, 2] }, { ids: [4_294_967_295] }], includeJson: true };
  const extra = { input: 'lost', input_type: 'query', model: 'lost' };
  expect(read({ model: 'm', ...asked, extra })).toEqual({
    model: 'm',
    input: [[1, 2], [4_294_967_295]],
    input_type: 'query',
  });
  expect(readEmbeddingsRequest(bytesOf(asked)).includeJson).toBe(true);
});

it('inputs that only JSON can say are left to it', () => {
  expect(read({ extra: { input: [{ type: 'image_url', image_url: 'data:,' }] } })).toEqual({
    input: [{ type: 'image_url', image_url: 'data:,' }],
  });
});

it('what is no such message, or both kinds of inputs, is refused', () => {
  const refusal = (bytes: Uint8Array): unknown => {
    try {
      readEmbeddingsRequest(bytes);
    } catch (error) {
      return error instanceof GatewayError ? [error.code, error.param] : error;
    }
    return null;
  };
  expect(refusal(Buffer.from([0xff]))).toEqual(['GW_CLIENT_BAD_REQUEST', null]);
  expect(refusal(bytesOf({ inputs: ['a'], tokenInputs: [{ ids: [1] }] }))).toEqual([
    'GW_CLIENT_BAD_REQUEST',
    'token_inputs',
  ]);
});
