// How many tokens a prompt has is asked of a vendor by a client of another one's: the chat it would be, in the vendor's words.
import { parseLossless, stringifyJson } from '../body/lossless.ts';
import type { EncodedRequest, EncodeTarget } from '../contracts/body.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { openProofs } from './proofs.ts';

/** Whether the vendor's counter can be asked for a chat of the client's. */
export function countsFor(client: Dialect, target: Dialect): boolean {
  return client['token-count'] !== null && client['token-count'] !== undefined && asks(target) !== undefined;
}

function asks(dialect: Dialect) {
  return dialect['token-count']?.asksFor;
}

/**
 * @param parsed the client's request. Files that the vendor would have to be given bytes of are left where they are.
 * @throws GatewayError when it cannot be said in the vendor's dialect: an estimate is to do.
 */
export function translateCount(
  parsed: JsonObject,
  from: Dialect,
  to: Dialect,
  target: EncodeTarget,
): EncodedRequest {
  const request = from.chat.decodeRequest(from['token-count']?.chatIn?.(parsed) ?? parsed);
  openProofs(request, from.manner.maker, target);
  const { body } = to.chat.encodeRequest(request, target);
  const chat = parseLossless(body, true) as JsonObject; // what an encoder writes is an object
  return { body: stringifyJson(asks(to)!(chat, target)), dropped: [], adapted: [] };
}
