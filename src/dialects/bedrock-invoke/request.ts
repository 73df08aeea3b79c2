// A body of the invoke routes: a Messages request without the model and whether to stream, which the path says, and with the
// version and the betas that Anthropic's own API takes as headers.
import type { BodyFacts, EncodedRequest, EncodeTarget, FittedBody } from '../../contracts/body.ts';
import type { ChatRequest } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { fitMessages } from '../anthropic/fit.ts';
import { decodeRequest as decodeMessages } from '../anthropic/request-decode.ts';
import { encodeRequest as encodeMessages } from '../anthropic/request-encode.ts';
import { Fitting } from '../fitting.ts';

/** Taken by every Claude on Bedrock. */
const VERSION = '"anthropic_version":"bedrock-2023-05-31"';

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the path of the first member that is missing or of a wrong type. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const { anthropic_version: _, ...rest } = body;
  return decodeMessages({ ...rest, model: '' });
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED as Messages' own encoder. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const encoded = encodeMessages({ ...request, stream: false }, target);
  const model = `{"model":${JSON.stringify(target.model)}`;
  return { ...encoded, body: `{${VERSION}${encoded.body.slice(model.length)}` };
}

/** As `splice`, fitted to `target.capabilities`. @throws GatewayError GW_CLIENT_UNSUPPORTED for any loss when strict. */
export function fit(body: Buffer, facts: BodyFacts, target: EncodeTarget): FittedBody {
  return fitMessages(new Fitting(body, facts, target, null));
}
