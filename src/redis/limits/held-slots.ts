// The slots this process holds in Redis, by name. Each has an id of its own, so that giving one back twice, or after it
// ran out, frees nobody else's; what stands here is renewed with every sign of life, and what does not runs out.

/** Slots one ask may be granted. */
export const MAX_SLOTS = 256;

/** Of one token: the slots from `from` on, up to `to`. */
interface Range {
  from: number;
  to: number;
}

interface Held {
  count: number;
  byToken: Map<string, Range>;
}

export class HeldSlots {
  readonly #byKey = new Map<string, Held>();
  #size = 0;

  /** Slots held, over all buckets. */
  get size(): number {
    return this.#size;
  }

  get keys(): IterableIterator<string> {
    return this.#byKey.keys();
  }

  held(key: string): number {
    return this.#byKey.get(key)?.count ?? 0;
  }

  ids(key: string): string[] {
    const ids: string[] = [];
    for (const [token, { from, to }] of this.#byKey.get(key)?.byToken ?? []) push(ids, token, from, to);
    return ids;
  }

  has(key: string, token: string, slot: number): boolean {
    const range = this.#byKey.get(key)?.byToken.get(token);
    return range !== undefined && slot >= range.from && slot < range.to;
  }

  /** The slots `token` was granted: numbered from 0. Hearing of the same ones again adds nothing. */
  add(key: string, token: string, count: number): void {
    if (count <= 0) return;
    let held = this.#byKey.get(key);
    if (held === undefined) this.#byKey.set(key, (held = { count: 0, byToken: new Map() }));
    const known = held.byToken.get(token);
    const to = Math.max(count, known?.to ?? 0);
    const more = to - (known === undefined ? 0 : known.to - known.from);
    held.byToken.set(token, { from: 0, to });
    held.count += more;
    this.#size += more;
  }

  /**
   * Lets go of `count` slots that `token` was granted.
   * @returns their ids; fewer where fewer are held: a second release must not free somebody else's slot
   */
  release(key: string, token: string, count: number): string[] {
    const held = this.#byKey.get(key);
    const range = held?.byToken.get(token);
    if (held === undefined || range === undefined) return [];
    const ids: string[] = [];
    const from = range.from;
    range.from = Math.min(range.to, from + count);
    push(ids, token, from, range.from);
    if (range.from === range.to) held.byToken.delete(token);
    held.count -= ids.length;
    this.#size -= ids.length;
    if (held.count === 0) this.#byKey.delete(key);
    return ids;
  }

  /** Lets go of everything. @returns all that was held */
  releaseAll(): [key: string, ids: string[]][] {
    const all = [...this.#byKey.keys()].map((key): [string, string[]] => [key, this.ids(key)]);
    this.#byKey.clear();
    this.#size = 0;
    return all;
  }
}

/** Ids of the slots `from` to `to` (not included) of a token. */
export function slotIds(token: string, from: number, to: number): string[] {
  const ids: string[] = [];
  push(ids, token, from, to);
  return ids;
}

function push(ids: string[], token: string, from: number, to: number): void {
  for (let slot = from; slot < to; slot++) ids.push(`${token}/${slot}`);
}
