// Messages where a cloud has them under its own roof. Vertex names the model in the path, and has the version in the body in the
// model's place; everything else, events and errors included, is Anthropic's own.
import type { BodyFacts, Edit, EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest } from '../../contracts/chat.ts';
import { splice as spliceModel, spliceInPlace } from '../splice-model.ts';
import { encodeRequest as encodeMessages } from './request-encode.ts';

/** Taken by every Claude on Vertex. */
const VERTEX_VERSION = '"anthropic_version":"vertex-2023-10-16"';

/** What stands in the body in place of `model`; null = that itself does. */
export function memberInPlaceOfModel({ hosted }: EncodeTarget): string | null {
  return hosted === 'vertex' ? VERTEX_VERSION : null;
}

/** Below where the models of its maker lie on Vertex, else below the base URL. */
export function address({ hosted, model }: EncodeTarget, stream: boolean): string {
  if (hosted !== 'vertex') return '/v1/messages';
  // `@` stands before the date of a version, and Google's own tools send it as it is.
  const name = encodeURIComponent(model).replaceAll('%40', '@');
  return `/models/${name}:${stream ? 'streamRawPredict' : 'rawPredict'}`;
}

/** Where the tokens of a prompt are counted. The body names the model there too. */
export function countAddress({ hosted }: EncodeTarget): string {
  return hosted === 'vertex' ? '/models/count-tokens:rawPredict' : '/v1/messages/count_tokens';
}

/** Edits in rising order. */
export function splice(facts: BodyFacts, target: EncodeTarget): Edit[] {
  const member = memberInPlaceOfModel(target);
  return member === null ? spliceModel(facts, target) : spliceInPlace(facts, member);
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED as the vendor's own. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const encoded = encodeMessages(request, target);
  const member = memberInPlaceOfModel(target);
  if (member === null) return encoded;
  return {
    ...encoded,
    body: `{${member}${encoded.body.slice(`{"model":${JSON.stringify(target.model)}`.length)}`,
  };
}
