// A whole request from one dialect to another: bytes in, the text to send out. Pure; runs inline or in a thread.

import { parseLossless } from '../body/lossless.ts';
import type { Asked, EncodedRequest, EncodeTarget } from '../contracts/body.ts';
import type { ChatRequest } from '../contracts/chat.ts';
import type { Dialect, PairCodec } from '../contracts/dialect.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { JsonObject } from '../contracts/json.ts';
import { openProofs } from './proofs.ts';

const CHAT: Asked = { asked: 'chat', sent: 'chat' };

/**
 * Translates an inspected body.
 *
 * @param exotic BodyFacts.exoticNumbers of this body.
 * @param operations what the client asks and what is asked of the target; left out = a chat.
 * @throws GatewayError GW_CLIENT_BAD_REQUEST or GW_CLIENT_UNSUPPORTED, naming the field.
 */
export function translateBody(
  body: Buffer,
  exotic: boolean,
  from: Dialect,
  to: Dialect,
  target: EncodeTarget,
  { asked, sent }: Asked = CHAT,
): EncodedRequest {
  const client = pairOf(from, asked);
  // inspectBody takes nothing but an object.
  const parsed = parseLossless(body.toString('utf8'), exotic) as JsonObject;
  const request = client.decodeRequest(parsed);
  if (sent === 'chat') readyChat(request as ChatRequest, from, target); // its neutral form, whoever asked
  const encoded = pairOf(to, sent).encodeRequest(request, target);
  const remembered = client.remember?.(parsed);
  if (remembered !== undefined) encoded.tools = { custom: [], renamed: {}, ...encoded.tools, remembered };
  return encoded;
}

/**
 * A dialect's side of an operation that has a neutral form. Who stands in for an operation shares its form, so that what one
 * codec decodes the other encodes: that is what the two types stand for, and nothing here looks inside.
 */
export function pairOf(dialect: Dialect, operation: OperationName): PairCodec<unknown, unknown> {
  return dialect[operation] as unknown as PairCodec<unknown, unknown>;
}

function readyChat(request: ChatRequest, from: Dialect, target: EncodeTarget): void {
  if (target.stream !== undefined) request.stream = target.stream;
  openProofs(request, from.manner.maker, target.maker);
}
