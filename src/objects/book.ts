// Whose objects are, as far as one worker knows: what it noted itself and what it was told when it asked. Bounded: what was
// not looked at for the longest time is forgotten here, and asked for again.
import type { ObjectBook, ObjectOwner, OwnerRecords } from '../contracts/objects.ts';

/** About 200 bytes each. */
const MAX_KNOWN = 20_000;

class Book implements ObjectBook {
  readonly #records: OwnerRecords;
  readonly #max: number;
  readonly #known = new Map<string, ObjectOwner>();

  constructor(records: OwnerRecords, max: number) {
    this.#records = records;
    this.#max = max;
  }

  note(id: string, owner: ObjectOwner): void {
    const before = this.#known.get(id);
    if (before !== undefined && before.owner === owner.owner && before.provider === owner.provider) return;
    this.#keep(id, owner);
    this.#records.tell(id, owner);
  }

  claim(id: string, owner: ObjectOwner): void {
    if (this.#known.has(id)) return;
    // Not known here by that: those that know more say whose it is when they are asked.
    if (this.#records === NO_RECORDS) this.#keep(id, owner);
    else this.#records.tell(id, owner, true);
  }

  find(id: string): ObjectOwner | null | Promise<ObjectOwner | null> {
    const known = this.#known.get(id);
    if (known === undefined) return this.many([id]).then(([found]) => found ?? null);
    this.#keep(id, known);
    return known;
  }

  async many(ids: readonly string[]): Promise<(ObjectOwner | null)[]> {
    const unknown = ids.filter((id) => !this.#known.has(id));
    if (unknown.length > 0) {
      const told = await this.#records.ask(unknown);
      for (const [at, owner] of told.entries()) if (owner !== null) this.#keep(unknown[at]!, owner);
    }
    return ids.map((id) => this.#known.get(id) ?? null);
  }

  /** As the newest. */
  #keep(id: string, owner: ObjectOwner): void {
    this.#known.delete(id);
    this.#known.set(id, owner);
    if (this.#known.size <= this.#max) return;
    for (const [oldest] of this.#known) return void this.#known.delete(oldest);
  }
}

/** @param records of those that know more. @param max objects that are kept in mind. */
export function createObjectBook(records: OwnerRecords, max = MAX_KNOWN): ObjectBook {
  return new Book(records, max);
}

/** A worker that is alone knows what it knows. */
export const NO_RECORDS: OwnerRecords = {
  tell: () => {},
  ask: (ids) => Promise.resolve(ids.map(() => null)),
};
