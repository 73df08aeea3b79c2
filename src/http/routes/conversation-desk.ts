// Answers about conversations that are kept, and what is changed of them.
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { ResponseStore, StoredConversation } from '../../contracts/responses.ts';
import type { ConversationLocks } from '../../pipeline/conversation-locks.ts';
import { parseObject } from '../../dialects/lenient.ts';
import {
  conversationObject,
  itemsIn,
  readItems,
  readMetadata,
  withItems,
} from '../../responses/conversation.ts';
import { pageOf } from '../../responses/item-list.ts';

export interface ConversationDeskDeps {
  store: ResponseStore;
  locks: ConversationLocks;
  randomBytes(count: number): Buffer;
  /** ms since 1970. */
  wall(): number;
}

export class ConversationDesk {
  readonly #deps: ConversationDeskDeps;

  constructor(deps: ConversationDeskDeps) {
    this.#deps = deps;
  }

  create(call: Call): JsonObject {
    const { store, randomBytes, wall } = this.#deps;
    if (store.ttlMs === 0) {
      throw new GatewayError('GW_CLIENT_UNSUPPORTED', {
        message: 'This gateway keeps nothing: conversations are switched off (`responses.store`).',
      });
    }
    const body = bodyOf(call);
    const empty: StoredConversation = {
      kind: 'conversation',
      id: `conv_${randomBytes(24).toString('hex')}`,
      owner: call.principal!.id,
      version: 0,
      createdAt: Math.floor(wall() / 1000),
      metadata: readMetadata(body['metadata']),
      items: [],
      expiresMs: 0,
    };
    return conversationObject(this.#put(call, withItems(empty, readItems(body['items']))));
  }

  /** GET, POST and DELETE of a conversation. */
  async one(call: Call): Promise<JsonObject> {
    const found = await this.#find(call);
    switch (call.head.method) {
      case 'DELETE':
        await this.#deps.store.drop(found.owner, found.id);
        return { id: found.id, object: 'conversation.deleted', deleted: true };
      case 'POST':
        return conversationObject(
          this.#put(call, {
            ...found,
            version: found.version + 1,
            metadata: readMetadata(bodyOf(call)['metadata']),
          }),
        );
      default:
        return conversationObject(found);
    }
  }

  /** Lists its items, or adds some. */
  async items(call: Call): Promise<JsonObject> {
    const found = await this.#find(call);
    if (call.head.method !== 'POST') return pageOf(itemsIn(found), call.head.query);
    const changed = this.#put(call, withItems(found, readItems(bodyOf(call)['items'])));
    const added = itemsIn(changed).slice(found.items.length);
    const ids = { first_id: added[0]?.['id'] ?? null, last_id: added.at(-1)?.['id'] ?? null };
    return { object: 'list', data: added, ...ids, has_more: false };
  }

  /** Shows one item, or takes it out. */
  async item(call: Call): Promise<JsonObject> {
    const found = await this.#find(call);
    const id = call.params['item']!;
    const items = itemsIn(found);
    const item = items.find((one) => one['id'] === id);
    if (item === undefined) throw notFound('Item', id);
    if (call.head.method !== 'DELETE') return item;
    const left = found.items.filter((_, at) => items[at] !== item);
    return conversationObject(this.#put(call, { ...found, version: found.version + 1, items: left }));
  }

  async #find(call: Call): Promise<StoredConversation> {
    const { store, locks } = this.#deps;
    const id = call.params['id']!;
    const owner = call.principal!.id;
    let found = await store.newest(owner, id);
    if (found !== null && call.head.method !== 'GET' && call.head.method !== 'HEAD') {
      const locked = await locks.take(call, id);
      if (locked !== null) throw locked;
      found = await store.newest(owner, id);
    }
    if (found !== null) return found;
    throw notFound('Conversation', id);
  }

  #put(call: Call, changed: StoredConversation): StoredConversation {
    const { store, locks, wall } = this.#deps;
    const value = { ...changed, expiresMs: wall() + store.ttlMs };
    const written = store.write(value);
    if (written !== null) locks.until(call, written);
    return value;
  }
}

function bodyOf({ body }: Call): JsonObject {
  if (body === null || body.length === 0) return {};
  const read = parseObject(body.toString('utf8'));
  if (read !== null) return read;
  throw new GatewayError('GW_CLIENT_BAD_JSON', { message: 'The request body must be a JSON object.' });
}

function notFound(what: string, id: string): GatewayError {
  return new GatewayError('GW_CLIENT_STORED_NOT_FOUND', {
    message: `${what} with id '${id.slice(0, 200)}' not found.`,
  });
}
