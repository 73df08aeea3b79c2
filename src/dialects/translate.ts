// A whole request from one dialect to another: bytes in, the text to send out. Pure; runs inline or in a thread.

import { parseLossless } from '../body/lossless.ts';
import type { Asked, EncodedRequest, EncodeTarget } from '../contracts/body.ts';
import type { ChatRequest } from '../contracts/chat.ts';
import { codecOf, type Dialect, type PairCodec } from '../contracts/dialect.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { WantedMedia } from '../contracts/media.ts';
import type { OperationName } from '../contracts/operation.ts';
import { markPrompt } from './auto-cache.ts';
import { inlineMedia } from './inline-media.ts';
import { openProofs } from './proofs.ts';
import { numberOf } from './read.ts';
import { translateCount } from './translate-count.ts';

const CHAT: Asked = { asked: 'chat', sent: 'chat' };
/** What is asked in the neutral form of a chat. */
const CHATS: ReadonlySet<OperationName> = new Set(['chat', 'completion', 'fim']);
const NOTHING: readonly WantedMedia[] = [];

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
  // inspectBody takes nothing but an object.
  const parsed = parseLossless(body.toString('utf8'), exotic) as JsonObject;
  if (asked === 'token-count') return translateCount(parsed, from, to, target);
  const client = pairOf(from, asked);
  const request = client.decodeRequest(parsed);
  let choices: number | undefined;
  if (CHATS.has(sent)) {
    const chat = request as ChatRequest; // its neutral form, whoever asked
    const wanted = readyChat(chat, from, target);
    if (wanted.length > 0) return { body: '', wanted: [...wanted], dropped: [], adapted: [] };
    if (chat.choices !== undefined) choices = numberOf(chat.choices.count);
  }
  const encoded = pairOf(to, sent).encodeRequest(request, target);
  if (choices !== undefined) encoded.tools = { custom: [], renamed: {}, ...encoded.tools, choices };
  const remembered = client.remember?.(parsed);
  if (remembered !== undefined) encoded.tools = { custom: [], renamed: {}, ...encoded.tools, remembered };
  return encoded;
}

/**
 * A dialect's side of an operation that has a neutral form. Who stands in for an operation shares its form, so that what one
 * codec decodes the other encodes: that is what the two types stand for, and nothing here looks inside.
 */
export function pairOf(dialect: Dialect, operation: OperationName): PairCodec<unknown, unknown> {
  return codecOf(dialect, operation) as unknown as PairCodec<unknown, unknown>;
}

/** @returns what has to be fetched first. */
function readyChat(request: ChatRequest, from: Dialect, target: EncodeTarget): readonly WantedMedia[] {
  if (target.stream !== undefined) request.stream = target.stream;
  if (target.marksPrompts === true) markPrompt(request);
  const wanted = target.fetches === true ? inlineMedia(request, target.media) : NOTHING;
  if (wanted.length === 0) openProofs(request, from.manner.maker, target);
  return wanted;
}
