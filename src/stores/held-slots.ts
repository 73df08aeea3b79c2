// The slots this process holds in Redis, by name. Each has an id of its own, so that giving one back twice, or after it
// ran out, frees nobody else's; what stands here is renewed with every sign of life, and what does not runs out.
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

  /** Lets go of `count` slots, those of `token` first. @returns their ids, never more than were held. */
  release(key: string, token: string, count: number): string[] {
    const ids = this.#byKey.get(key);
    if (ids === undefined) return [];
    const gone: string[] = [];
    for (let slot = 0; gone.length < count && slot < count; slot++) {
      const id = slotId(token, slot);
      if (ids.delete(id)) gone.push(id);
    }
    for (const id of ids) {
      if (gone.length >= count) break;
      ids.delete(id);
      gone.push(id);
    }
    this.#size -= gone.length;
    if (ids.size === 0) this.#byKey.delete(key);
    return gone;
  }
}

export function slotId(token: string, slot: number): string {
  return `${token}/${slot}`;
}
