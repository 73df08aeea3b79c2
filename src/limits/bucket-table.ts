// Buckets by id, bounded. Values that clients choose (a header, a model) make as many buckets as they like: when there is
// no more room, the rule that fills the table gives way, and of its buckets those that have the least to forget. What one
// rule's clients do never costs another rule a counter, and who sends a thousand names a second does not clear the debt
// of somebody who is held back.

/** Share of the table that is made free at once: looking for the right ones costs more than dropping them. */
const FREED_SHARE = 0.01;
/** For each bucket that goes, so many of those not used for longest are compared. */
const COMPARED = 4;

export interface Row {
  /** When it would be free of debt: the later, the more is lost with it. */
  tat: number;
  /** Slots in use: such a bucket is never forgotten. */
  taken: number;
}

export class BucketTable<T extends Row> {
  readonly #rows = new Map<string, T>();
  /** By rule and all but the last value; in each the one used last is last. */
  readonly #groups = new Map<string, Map<string, T>>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Looks without using. */
  peek(id: string): T | undefined {
    return this.#rows.get(id);
  }

  /** Finds, and remembers that it was used. */
  use(id: string): T | undefined {
    const row = this.#rows.get(id);
    if (row === undefined) return undefined;
    const group = this.#groups.get(groupOf(id))!;
    if (group.size > 1) {
      group.delete(id);
      group.set(id, row);
    }
    return row;
  }

  /** Adds one that is not there. */
  add(id: string, row: T): void {
    if (this.#rows.size >= this.#max) this.#makeRoom();
    this.#rows.set(id, row);
    const name = groupOf(id);
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new Map()));
    group.set(id, row);
  }

  delete(id: string): void {
    if (!this.#rows.delete(id)) return;
    const name = groupOf(id);
    const group = this.#groups.get(name)!;
    group.delete(id);
    if (group.size === 0) this.#groups.delete(name);
  }

  values(): IterableIterator<T> {
    return this.#rows.values();
  }

  entries(): IterableIterator<[string, T]> {
    return this.#rows.entries();
  }

  #makeRoom(): void {
    let largest: Map<string, T> | null = null;
    for (const group of this.#groups.values())
      if (largest === null || group.size > largest.size) largest = group;
    const freed = Math.max(1, Math.min(Math.ceil(this.#max * FREED_SHARE), largest!.size >> 1));
    const oldest: [string, T][] = [];
    for (const entry of largest!) {
      if (entry[1].taken === 0) oldest.push(entry);
      if (oldest.length >= freed * COMPARED) break;
    }
    oldest.sort(([, a], [, b]) => a.tat - b.tat);
    for (const [id] of oldest.slice(0, freed)) this.delete(id);
  }
}

function groupOf(id: string): string {
  const at = id.lastIndexOf('|');
  return at < 0 ? '' : id.slice(0, at);
}
