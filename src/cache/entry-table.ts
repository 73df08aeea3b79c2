// Which entries there are, in the order of their use: numbers in typed arrays alone, so that V8's collector has nothing to copy, mark or
// sweep for them, however many there are.
//
//   buckets   │ 0 0 │ 7 hash │ 0 0 │ 3 hash │ 9 hash │ …    by a hash of the name: number of a slot and 1, or 0; a name that finds its bucket
//                                                           taken takes the next. Records of others are not looked at
//   slots     │ name (9) │ newer │ older │ …                records of entry-records.ts
//
// Slots that are free are linked by `older`. Nobody may choose names that fall into one bucket: the hash has a secret of its own.
import { EntryRecords, intsAt, NAME_AT, NEWER_AT, OLDER_AT } from './entry-records.ts';
import { NAME_WORDS } from './name-words.ts';

/** No slot. */
export const NO_SLOT = -1;
/** Of a slot that nobody has. */
const FREE = -2;
const LEAST_BUCKETS = 1_024;

export class EntryTable {
  readonly #records: EntryRecords;
  /** Two numbers each. */
  #buckets = new Int32Array(2 * LEAST_BUCKETS);
  #count = 0;
  #free = NO_SLOT;
  #newest = NO_SLOT;
  #oldest = NO_SLOT;
  readonly #seeds: readonly [number, number];

  /** @param seeds two numbers nobody else knows */
  constructor(seeds: readonly [number, number], records = new EntryRecords()) {
    this.#seeds = seeds;
    this.#records = records;
  }

  get size(): number {
    return this.#count;
  }

  /** Slots there are, taken or free: numbers from 0. */
  get slots(): number {
    return this.#records.slots;
  }

  /** The one that was not used for longest. */
  get oldest(): number {
    return this.#oldest;
  }

  isTaken(slot: number): boolean {
    return this.#link(slot, NEWER_AT) !== FREE;
  }

  find(name: Int32Array): number {
    return this.#buckets[this.#bucketOf(name, this.#hash(name[0]!, name[1]!))]! - 1;
  }

  /** A name that is not there yet. @returns its slot, as the newest */
  add(name: Int32Array): number {
    if (4 * (this.#count + 1) > this.#buckets.length) this.#rehash();
    if (this.#free === NO_SLOT) this.#another();
    const slot = this.#free;
    this.#free = this.#link(slot, OLDER_AT);
    const { ints } = this.#records.segment(slot);
    const from = intsAt(slot) + NAME_AT;
    for (let at = 0; at < NAME_WORDS; at++) ints[from + at] = name[at]!;
    const hash = this.#hash(name[0]!, name[1]!);
    const bucket = this.#bucketOf(name, hash);
    this.#buckets[bucket] = slot + 1;
    this.#buckets[bucket + 1] = hash;
    this.#count++;
    this.#toFront(slot);
    return slot;
  }

  /** It was used now. */
  touch(slot: number): void {
    if (slot === this.#newest) return;
    this.#unlink(slot);
    this.#toFront(slot);
  }

  remove(slot: number): void {
    this.#leaveBucket(slot);
    this.#unlink(slot);
    this.#setLink(slot, NEWER_AT, FREE);
    this.#setLink(slot, OLDER_AT, this.#free);
    this.#free = slot;
    this.#count--;
  }

  /** The numbers of its name, and where in them it begins. */
  namesOf(slot: number): Int32Array {
    return this.#records.segment(slot).ints;
  }

  nameAt(slot: number): number {
    return intsAt(slot) + NAME_AT;
  }

  /** Where the bucket that holds the name is, or the free one in which it would be. */
  #bucketOf(name: Int32Array, hash: number): number {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    let bucket = (hash << 1) & mask;
    for (;;) {
      const slot = buckets[bucket]! - 1;
      if (slot < 0 || (buckets[bucket + 1] === hash && this.#is(slot, name))) return bucket;
      bucket = (bucket + 2) & mask;
    }
  }

  #is(slot: number, name: Int32Array): boolean {
    const names = this.namesOf(slot);
    const from = this.nameAt(slot);
    for (let at = 0; at < NAME_WORDS; at++) if (names[from + at] !== name[at]) return false;
    return true;
  }

  #hash(one: number, other: number): number {
    const [seed, second] = this.#seeds;
    const mixed = Math.imul(one ^ seed, 0x9e3779b1) ^ Math.imul((other + second) | 0, 0x85ebca6b);
    const folded = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    return folded ^ (folded >>> 13);
  }

  /** Whoever stands behind it because its bucket was taken moves up. */
  #leaveBucket(slot: number): void {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    const names = this.namesOf(slot);
    const from = this.nameAt(slot);
    let hole = (this.#hash(names[from]!, names[from + 1]!) << 1) & mask;
    while (buckets[hole] !== slot + 1) hole = (hole + 2) & mask;
    for (let at = (hole + 2) & mask; buckets[at] !== 0; at = (at + 2) & mask) {
      const home = (buckets[at + 1]! << 1) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      buckets[hole] = buckets[at]!;
      buckets[hole + 1] = buckets[at + 1]!;
      hole = at;
    }
    buckets[hole] = 0;
  }

  /** Twice as many buckets. */
  #rehash(): void {
    const before = this.#buckets;
    const buckets = new Int32Array(2 * before.length);
    const mask = buckets.length - 1;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at] === 0) continue;
      let bucket = (before[at + 1]! << 1) & mask;
      while (buckets[bucket] !== 0) bucket = (bucket + 2) & mask;
      buckets[bucket] = before[at]!;
      buckets[bucket + 1] = before[at + 1]!;
    }
    this.#buckets = buckets;
  }

  #another(): void {
    const first = this.slots;
    this.#records.grow();
    for (let slot = this.slots - 1; slot >= first; slot--) {
      this.#setLink(slot, NEWER_AT, FREE);
      this.#setLink(slot, OLDER_AT, this.#free);
      this.#free = slot;
    }
  }

  #toFront(slot: number): void {
    this.#setLink(slot, NEWER_AT, NO_SLOT);
    this.#setLink(slot, OLDER_AT, this.#newest);
    if (this.#newest === NO_SLOT) this.#oldest = slot;
    else this.#setLink(this.#newest, NEWER_AT, slot);
    this.#newest = slot;
  }

  #unlink(slot: number): void {
    const newer = this.#link(slot, NEWER_AT);
    const older = this.#link(slot, OLDER_AT);
    if (newer === NO_SLOT) this.#newest = older;
    else this.#setLink(newer, OLDER_AT, older);
    if (older === NO_SLOT) this.#oldest = newer;
    else this.#setLink(older, NEWER_AT, newer);
  }

  #link(slot: number, which: number): number {
    return this.#records.segment(slot).ints[intsAt(slot) + which]!;
  }

  #setLink(slot: number, which: number, to: number): void {
    this.#records.segment(slot).ints[intsAt(slot) + which] = to;
  }
}
