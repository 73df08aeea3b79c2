// Messages where a cloud has them under its own roof. Vertex names the model in the path, and has the version in the body in the
// model's place; everything else, events and errors included, is Anthropic's own.
import { MemberEdits, memberName } from '../../body/member-edits.ts';
import { applyEdits } from '../../body/splice.ts';
import type { BodyFacts, Edit, EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest } from '../../contracts/chat.ts';
import type { Hosted } from '../../contracts/hosted.ts';
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

/** A body that was meant for a Claude on Vertex, as Anthropic has it: with its model, whose API refuses the version there. */
export function reshape(body: Buffer, { members, insertAt, model }: BodyFacts, host?: Hosted): Buffer | null {
  if (host !== 'vertex') return null;
  const edits = new MemberEdits(members, insertAt);
  for (let member = 0; member < edits.count; member++) {
    const name = memberName(body, members, member);
    if (name === 'anthropic_version' || name === 'model') edits.remove(member);
  }
  if (model !== null) edits.insert(`"model":${JSON.stringify(model)}`);
  return applyEdits(body, edits.list());
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
