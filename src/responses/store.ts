// Where a turn is found: on this worker's shelf, in the Redis that all share, at another worker of this machine. It is put
// on the shelf at once and, where there is a Redis, taken off again when Redis has it.
//
//   put ─► shelf ──► Redis, off the path          get ─► shelf ─┬─ there: at once
//                      `─ has it: off the shelf                 `─ Redis ─► the other workers ─► Redis once more: a promise
import type { ResponsesConfig } from '../contracts/kept-answers-config.ts';
import type { SharedTurns, Siblings, SiblingWish } from '../contracts/response-ports.ts';
import type { ResponseStore, Stored, StoredConversation } from '../contracts/responses.ts';
import { Shelf } from './shelf.ts';
import { packStored, unpackStored } from './stored.ts';

/** No id is longer, whoever made it. */
const MAX_ID_LENGTH = 256;
/**
 * What another node, or worker, gave its client a moment ago may be on its way to Redis still: what nobody knows is looked for once more, so
 * many ms later.
 */
const AGAIN_MS = 50;
/** Who runs a response looks every second. */
const STOP_MS = 60_000;

export interface ResponseStoreDeps {
  /** ms since 1970. */
  wall(): number;
  siblings: Siblings;
  /** Resolves behind so many ms. */
  pause(ms: number): Promise<void>;
}

export class WorkerStore implements ResponseStore {
  readonly #deps: ResponseStoreDeps;
  readonly #shelf: Shelf;
  #shared: SharedTurns | null = null;
  #ttlMs = 0;

  constructor(deps: ResponseStoreDeps) {
    this.#deps = deps;
    this.#shelf = new Shelf(deps.wall);
  }

  get ttlMs(): number {
    return this.#ttlMs;
  }

  get shared(): boolean {
    return this.#shared !== null;
  }

  async wishStop(owner: string, id: string): Promise<void> {
    await this.#shared?.put(owner, stopOf(id), '1', STOP_MS);
  }

  async stopsWished(runs: readonly { owner: string; id: string }[]): Promise<boolean[]> {
    const shared = this.#shared;
    if (shared === null) return runs.map(() => false);
    return Promise.all(
      runs.map(async ({ owner, id }) => typeof (await shared.many(owner, [stopOf(id)]))?.[0] === 'string'),
    );
  }

  /** For gauges. */
  get shelf(): { readonly size: number; readonly bytes: number } {
    return this.#shelf;
  }

  /** Follows a configuration. @param shared null: there is no Redis. */
  configure({ store, ttlMs, maxBytes }: ResponsesConfig, shared: SharedTurns | null): void {
    const on = store !== 'off';
    this.#ttlMs = on ? ttlMs : 0;
    this.#shared = on ? shared : null;
    this.#shelf.resize(on ? maxBytes : 0);
  }

  put(value: Stored): void {
    void this.write(value);
  }

  write(value: Stored): Promise<void> | null {
    const shared = this.#shared;
    const kept = this.#shelf.put(value);
    if (shared === null || !shared.ready) return null;
    const { owner, id } = value;
    return shared.put(owner, id, packStored(value), value.expiresMs - this.#deps.wall()).then((has) => {
      if (has && kept && this.#shelf.get(owner, id) === value) this.#shelf.drop(owner, id);
    });
  }

  get(owner: string, id: string): Stored | null | Promise<Stored | null> {
    if (id.length > MAX_ID_LENGTH) return null;
    return this.#shelf.get(owner, id) ?? this.many(owner, [id]).then(([found]) => found ?? null);
  }

  async many(owner: string, ids: readonly string[]): Promise<(Stored | null)[]> {
    const found = ids.map((id) => this.#shelf.get(owner, id));
    const shared = this.#shared;
    if (shared !== null) await fill(found, owner, ids, (missing) => shared.many(owner, missing));
    await fill(found, owner, ids, (missing) => this.#ask('read', owner, missing));
    if (shared?.ready === true)
      await fill(found, owner, ids, async (missing) => {
        await this.#deps.pause(AGAIN_MS);
        return shared.many(owner, missing);
      });
    return found;
  }

  async newest(owner: string, id: string): Promise<StoredConversation | null> {
    if (id.length > MAX_ID_LENGTH) return null;
    const newest = await this.#newest(owner, id);
    if (newest !== null || this.#shared?.ready !== true) return newest;
    await this.#deps.pause(AGAIN_MS);
    return this.#newest(owner, id);
  }

  async drop(owner: string, id: string): Promise<boolean> {
    const here = this.#shelf.drop(owner, id);
    const shared = this.#shared === null ? null : await this.#shared.drop(owner, id);
    // Of a conversation there may be copies.
    const [elsewhere] = await this.#ask('drop', owner, [id]);
    return here || shared === true || typeof elsewhere === 'string';
  }

  /** What another worker asked of this one. Answers with texts; null where there is nothing. */
  asked(
    wish: Exclude<SiblingWish, 'stop' | 'chat'>,
    owner: string,
    ids: readonly string[],
  ): (string | null)[] {
    return ids.map((id) => {
      if (wish === 'drop') return this.#shelf.drop(owner, id) ? '' : null;
      const value = this.#shelf.get(owner, id);
      return value === null ? null : packStored(value);
    });
  }

  async #newest(owner: string, id: string): Promise<StoredConversation | null> {
    const found = [this.#shelf.get(owner, id)];
    // In this order: a worker lets go of it when Redis has it.
    const others = await this.#ask('newest', owner, [id]);
    const shared = (await this.#shared?.many(owner, [id])) ?? [];
    for (const text of [...others, ...shared]) if (text !== null) found.push(unpackStored(text, owner, id));
    let newest: StoredConversation | null = null;
    for (const one of found)
      if (one?.kind === 'conversation' && one.version > (newest?.version ?? -1)) newest = one;
    return newest;
  }

  #ask(wish: SiblingWish, owner: string, ids: readonly string[]): Promise<(string | null)[]> {
    return this.#deps.siblings.ask(wish, owner, ids);
  }
}

/** No id of a response has a space. */
const stopOf = (id: string): string => `stop ${id}`;

/** Puts in what `ask` finds of that which is missing. */
async function fill(
  found: (Stored | null)[],
  owner: string,
  ids: readonly string[],
  ask: (ids: string[]) => Promise<(string | null)[] | null>,
): Promise<void> {
  const at = ids.flatMap((_, index) => (found[index] === null ? [index] : []));
  if (at.length === 0) return;
  const missing = at.map((index) => ids[index]!);
  const texts = await ask(missing);
  for (const [place, text] of (texts ?? []).entries()) {
    if (text !== null) found[at[place]!] = unpackStored(text, owner, missing[place]!);
  }
}
