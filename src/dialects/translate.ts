// A whole request from one dialect to another: bytes in, the text to send out. Pure; runs inline or in a thread.

import { parseLossless } from '../body/lossless.ts';
import type { EncodedRequest, EncodeTarget } from '../contracts/body.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { openProofs } from './proofs.ts';
import { numberOf } from './read.ts';

/**
 * Translates an inspected body.
 *
 * @param exotic BodyFacts.exoticNumbers of this body.
 * @throws GatewayError GW_CLIENT_BAD_REQUEST or GW_CLIENT_UNSUPPORTED, naming the field.
 */
export function translateBody(
  body: Buffer,
  exotic: boolean,
  from: Dialect,
  to: Dialect,
  target: EncodeTarget,
): EncodedRequest {
  // inspectBody takes nothing but an object.
  const parsed = parseLossless(body.toString('utf8'), exotic) as JsonObject;
  const request = from.chat.decodeRequest(parsed);
  if (target.stream !== undefined) request.stream = target.stream;
  openProofs(request, from.manner.maker, target.maker);
  const encoded = to.chat.encodeRequest(request, target);
  if (request.choices !== undefined)
    encoded.tools = { custom: [], renamed: {}, ...encoded.tools, choices: numberOf(request.choices.count) };
  const remembered = from.chat.remember?.(parsed);
  if (remembered !== undefined) encoded.tools = { custom: [], renamed: {}, ...encoded.tools, remembered };
  return encoded;
}
