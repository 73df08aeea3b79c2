// A conversation: items that requests are put behind, kept under an id of ours.
import { createHash } from 'node:crypto';
import { GatewayError } from '../contracts/errors.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import type { StoredConversation, StoredResponse } from '../contracts/responses.ts';
import { isObject } from '../dialects/read.ts';
import { shownItems } from './item-list.ts';
import { inputOf, outputOf } from './stored.ts';

/** Items of one request, as the vendor has it. */
const MAX_ADDED = 20;

/** As clients are shown it. */
export function conversationObject({ id, createdAt, metadata }: StoredConversation): JsonObject {
  return { id, object: 'conversation', created_at: createdAt, metadata: JSON.parse(metadata) as JsonObject };
}

/** With `items` behind those that it has, each with an id. */
export function withItems(
  conversation: StoredConversation,
  items: readonly JsonObject[],
): StoredConversation {
  const seed = createHash('sha256').update(`${conversation.id} ${conversation.items.join()}`).digest('hex');
  const added = shownItems(items, seed).map((item) => JSON.stringify(item));
  return { ...conversation, version: conversation.version + 1, items: [...conversation.items, ...added] };
}

/** With what a turn was asked and answered. */
export function withTurn(conversation: StoredConversation, turn: StoredResponse): StoredConversation {
  return withItems(conversation, [...inputOf(turn), ...outputOf(turn)]);
}

export function itemsIn({ items }: StoredConversation): JsonObject[] {
  return items.map((item) => JSON.parse(item) as JsonObject);
}

/** Items of a request's body. @throws GatewayError GW_CLIENT_BAD_REQUEST. */
export function readItems(value: Json | undefined): JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isObject)) throw wrong('items', 'a list of items');
  if (value.length > MAX_ADDED) throw wrong('items', `at most ${MAX_ADDED} items`);
  return value;
}

/** Metadata of a request's body, as JSON text. @throws GatewayError GW_CLIENT_BAD_REQUEST. */
export function readMetadata(value: Json | undefined): string {
  if (value === undefined || value === null) return '{}';
  if (!isObject(value)) throw wrong('metadata', 'an object');
  return JSON.stringify(value);
}

function wrong(param: string, expected: string): GatewayError {
  return new GatewayError('GW_CLIENT_BAD_REQUEST', { message: `'${param}' must be ${expected}.`, param });
}
