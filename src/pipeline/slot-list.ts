// A set for objects that come and go with every request: each knows its place, so that joining and leaving move one
// entry. Half the cost of a Set (30 ns against 55 for a pair, measured), whose tables are made anew under such churn.

/** An entry's place in its list; -1 while it is in none. An entry is in at most one list. */
export interface Slotted {
  slot: number;
}

export class SlotList<T extends Slotted> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** Does nothing for an entry that is in. */
  add(item: T): void {
    if (item.slot !== -1) return;
    item.slot = this.#items.length;
    this.#items.push(item);
  }

  /** Does nothing for an entry that is not in. The last entry takes the place of the one that leaves. */
  delete(item: T): void {
    const { slot } = item;
    if (slot === -1) return;
    const last = this.#items.pop()!;
    if (last !== item) {
      this.#items[slot] = last;
      last.slot = slot;
    }
    item.slot = -1;
  }

  /** Visits every entry; the visitor may take out the one it is given, and add others, which are not visited. */
  forEach(visit: (item: T) => void): void {
    for (let at = this.#items.length - 1; at >= 0; at--) {
      const item = this.#items[at];
      if (item !== undefined) visit(item);
    }
  }

  toArray(): T[] {
    return [...this.#items];
  }
}
