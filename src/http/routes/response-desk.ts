// Answers about responses that are kept: read, followed as a stream, listed, stopped, forgotten. What its provider keeps and
// still runs is asked of it; all else is told from what is kept here.
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { Siblings } from '../../contracts/response-ports.ts';
import type { ResponseStore, StoredResponse } from '../../contracts/responses.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import { faultError } from '../../dialects/fault-error.ts';
import { parseObject } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import { type EventLog, followLog } from '../../responses/event-log.ts';
import { follow, isOver, startEvents, type Told } from '../../responses/follow.ts';
import { historyText } from '../../responses/history.ts';
import { pageOf, shownItems } from '../../responses/item-list.ts';
import type { Keeper } from '../../responses/keeper.ts';
import { answerOf } from '../../responses/stored.ts';

export interface ResponseDeskDeps {
  store: ResponseStore;
  siblings: Siblings;
  keeper: Keeper;
  /** Stops a response that runs here. */
  stop(owner: string, id: string): boolean;
  /** The events of a response that runs here as a stream; null = there is none. */
  eventsOf(owner: string, id: string): EventLog | null;
  dialect: Dialect;
  /** ms since 1970. */
  wall(): number;
}

/** How long a client that stops a response waits for another node. */
const STOP_LOOK_MS = 200;
const STOP_LOOKS = 20;

/** An answer as JSON; null: it was given already, as a stream. */
export type DeskAnswer = JsonObject | null;

export class ResponseDesk {
  readonly #deps: ResponseDeskDeps;

  constructor(deps: ResponseDeskDeps) {
    this.#deps = deps;
  }

  /** GET and DELETE of a response. */
  async one(call: Call): Promise<DeskAnswer> {
    const stored = await this.#find(call);
    if (call.head.method === 'DELETE') return this.#forget(call, stored);
    const response = await this.#state(call, stored);
    const query = new URLSearchParams(call.head.query);
    if (query.get('stream') !== 'true') return response;
    const { owner, id } = stored;
    const after = startingAfter(query);
    const log = this.#deps.eventsOf(owner, id);
    if (log !== null) {
      startEvents(call.sink);
      await followLog(call.sink, log, after);
      return null;
    }
    if (stored.upstream && response['background'] === true) {
      // Told once by its provider, so that its numbers are the ones to go on by. Where it tells none, as of what was not made as a
      // stream, it is told from here.
      const telling = this.#deps.keeper.tell(call, stored, query);
      const told = await telling.catch((error: unknown) => {
        if (!isOver(response)) throw error;
        return false;
      });
      if (told || call.settled) return null;
    }
    const look = async (): Promise<Told | null> => {
      const found = await this.#deps.store.get(owner, id);
      if (found?.kind !== 'response') return null;
      const now = await this.#state(call, found).catch(() => null);
      return now === null ? null : { response: now, events: found.events };
    };
    await follow(call.sink, look, { response, events: stored.events }, after);
    return null;
  }

  /** Stops one that runs in the background; one that is over is told as it is. */
  async cancel(call: Call): Promise<DeskAnswer> {
    const stored = await this.#find(call);
    const response = await this.#state(call, stored);
    if (response['background'] !== true) {
      throw new GatewayError('GW_CLIENT_BAD_REQUEST', {
        message: 'Only responses that were made with `background` can be cancelled.',
      });
    }
    if (isOver(response)) return response;
    if (stored.upstream) return this.#learn(call, stored, 'POST', '/cancel');
    const { owner, id } = stored;
    if (!(await this.#stop(owner, id))) await this.#untilOver(call);
    return this.#state(call, await this.#find(call));
  }

  /** @returns whether it ran on this machine; else another node is asked. */
  async #stop(owner: string, id: string): Promise<boolean> {
    if (this.#deps.stop(owner, id)) return true;
    const [stopped] = await this.#deps.siblings.ask('stop', owner, [id]);
    if (typeof stopped === 'string') return true;
    await this.#deps.store.wishStop(owner, id);
    return false;
  }

  /** Who runs it looks now and then: until it did, or the longest that a client is let wait for that. */
  async #untilOver(call: Call): Promise<void> {
    if (!this.#deps.store.shared) return;
    for (let looks = 0; looks < STOP_LOOKS && !call.settled; looks++) {
      await new Promise((resolve) => setTimeout(resolve, STOP_LOOK_MS).unref());
      if (isOver(await this.#state(call, await this.#find(call)))) return;
    }
  }

  /** All that the model was given: the turns before it, and its own items. */
  async items(call: Call): Promise<DeskAnswer> {
    const stored = await this.#find(call);
    const before = await this.#deps.store.many(stored.owner, stored.chain);
    const turns = before.filter((turn) => turn?.kind === 'response');
    const inner = [historyText(turns), stored.input.slice(1, -1).trim()].filter((text) => text !== '');
    const items = JSON.parse(`[${inner.join(',')}]`) as Json[]; // ours, or a client's that was inspected
    return pageOf(shownItems(items.filter(isObject), stored.id), call.head.query);
  }

  async #find(call: Call): Promise<StoredResponse> {
    const id = call.params['id']!;
    const found = await this.#deps.store.get(call.principal!.id, id);
    if (found?.kind === 'response') return found;
    throw new GatewayError('GW_CLIENT_STORED_NOT_FOUND', {
      message: `Response with id '${id.slice(0, 200)}' not found.`,
    });
  }

  async #state(call: Call, stored: StoredResponse): Promise<JsonObject> {
    const response = answerOf(stored);
    if (response !== null && (!stored.upstream || isOver(response))) return response;
    return this.#learn(call, stored, 'GET', '');
  }

  /** Asks its provider, and keeps what it says. */
  async #learn(
    call: Call,
    stored: StoredResponse,
    method: 'GET' | 'POST',
    path: string,
  ): Promise<JsonObject> {
    const { status, body } = await this.#deps.keeper.ask(call.snapshot, stored, method, path);
    if (status < 200 || status >= 300) throw this.#refused(status, body);
    const response = parseObject(body.toString('utf8'));
    if (response === null) throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
    this.#deps.store.put({ ...stored, answer: body, expiresMs: this.#deps.wall() + this.#deps.store.ttlMs });
    return response;
  }

  async #forget(call: Call, stored: StoredResponse): Promise<DeskAnswer> {
    const { store, keeper } = this.#deps;
    const { owner, id } = stored;
    const response = answerOf(stored);
    if (response !== null && !isOver(response) && !stored.upstream) await this.#stop(owner, id);
    if (stored.upstream) {
      const { status, body } = await keeper.ask(call.snapshot, stored, 'DELETE');
      // Gone is gone, whoever was first.
      if (status !== 404 && (status < 200 || status >= 300)) throw this.#refused(status, body);
    }
    await store.drop(owner, id);
    return { id, object: 'response', deleted: true };
  }

  #refused(status: number, body: Buffer): GatewayError {
    return faultError(this.#deps.dialect.errors.decode(status, {}, body), this.#deps.wall());
  }
}

function startingAfter(query: URLSearchParams): number {
  const text = query.get('starting_after');
  const after = text === null ? -1 : Number(text);
  if (Number.isInteger(after)) return after;
  throw new GatewayError('GW_CLIENT_BAD_REQUEST', {
    message: "'starting_after' must be the number of an event.",
    param: 'starting_after',
  });
}
