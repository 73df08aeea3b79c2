// The slots this process holds in Redis, by name. Each has an id of its own, so that giving one back twice, or after it
// ran out, frees nobody else's; what stands here is renewed with every sign of life, and what does not runs out.

/** Slots one ask may be granted. */
export const MAX_SLOTS = 256;
const NO_IDS: readonly string[] = [];

export class HeldSlots {
  readonly #byKey = new Map<string, Set<string>>();
  #size = 0;

  /** Slots held, over all buckets. */
  get size(): number {
    return this.#size;
  }

  get keys(): IterableIterator<string> {
    return this.#byKey.keys();
  }

  held(key: string): number {
    return this.#byKey.get(key)?.size ?? 0;
  }

  ids(key: string): Iterable<string> {
    return this.#byKey.get(key) ?? NO_IDS;
  }

  has(key: string, id: string): boolean {
    return this.#byKey.get(key)?.has(id) === true;
  }

  /** The slots `token` was granted: numbered from 0. */
  add(key: string, token: string, count: number): void {
    if (count <= 0) return;
    let ids = this.#byKey.get(key);
    if (ids === undefined) this.#byKey.set(key, (ids = new Set()));
    this.#size -= ids.size;
    for (let slot = 0; slot < count; slot++) ids.add(slotId(token, slot));
    this.#size += ids.size;
  }

  /**
   * Lets go of `count` slots that `token` was granted.
   * @returns their ids; fewer where fewer are held: a second release must not free somebody else's slot
   */
  release(key: string, token: string, count: number): string[] {
    const ids = this.#byKey.get(key);
    if (ids === undefined) return [];
    const gone: string[] = [];
    for (let slot = 0; gone.length < count && slot < MAX_SLOTS; slot++) {
      const id = slotId(token, slot);
      if (ids.delete(id)) gone.push(id);
    }
    this.#size -= gone.length;
    if (ids.size === 0) this.#byKey.delete(key);
    return gone;
  }

  /** Lets go of everything. @returns all that was held */
  releaseAll(): [key: string, ids: string[]][] {
    const all = [...this.#byKey].map(([key, ids]): [string, string[]] => [key, [...ids]]);
    this.#byKey.clear();
    this.#size = 0;
    return all;
  }
}

export function slotId(token: string, slot: number): string {
  return `${token}/${slot}`;
}
