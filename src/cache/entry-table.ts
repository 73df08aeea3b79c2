// Which entries there are, in the order of their use: numbers in typed arrays alone, so that V8's collector has nothing to copy, mark or
// sweep for them, however many there are.
//
//   buckets   │ 0 │ 7 │ 0 │ 3 │ 9 │ …    by a hash of the name: number of a slot and 1, or 0; a name that finds its bucket taken takes the next
//   slots     │ name (9) │ newer │ older │ what the owner of the table keeps of it … │    4,096 to a segment
//
// Slots that are free are linked by `older`. Nobody may choose names that fall into one bucket: the hash has a secret of its own.
import { NAME_WORDS } from './name-words.ts';

/** No slot. */
export const NO_SLOT = -1;
const SEGMENT_SLOTS = 4_096;
const SEGMENT_BITS = 12;
const LINKS = 2;
const NEWER = 0;
const OLDER = 1;
/** Of a slot that nobody has. */
const FREE = -2;
const LEAST_BUCKETS = 1_024;

interface Segment {
  readonly names: Int32Array;
  readonly links: Int32Array;
}

export class EntryTable {
  readonly #segments: Segment[] = [];
  #buckets = new Int32Array(LEAST_BUCKETS);
  #count = 0;
  #free = NO_SLOT;
  #newest = NO_SLOT;
  #oldest = NO_SLOT;
  readonly #seeds: readonly [number, number];

  /** @param seeds two numbers nobody else knows */
  constructor(seeds: readonly [number, number]) {
    this.#seeds = seeds;
  }

  get size(): number {
    return this.#count;
  }

  /** Slots there are, taken or free: numbers from 0. */
  get slots(): number {
    return this.#segments.length * SEGMENT_SLOTS;
  }

  /** The one that was not used for longest. */
  get oldest(): number {
    return this.#oldest;
  }

  isTaken(slot: number): boolean {
    return this.#link(slot, NEWER) !== FREE;
  }

  find(name: Int32Array): number {
    const bucket = this.#bucketOf(name);
    return this.#buckets[bucket]! - 1;
  }

  /** A name that is not there yet. @returns its slot, as the newest */
  add(name: Int32Array): number {
    if (2 * (this.#count + 1) > this.#buckets.length) this.#rehash(2 * this.#buckets.length);
    if (this.#free === NO_SLOT) this.#another();
    const slot = this.#free;
    this.#free = this.#link(slot, OLDER);
    const { names } = this.#segment(slot);
    names.set(name, (slot % SEGMENT_SLOTS) * NAME_WORDS);
    this.#buckets[this.#bucketOf(name)] = slot + 1;
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
    this.#setLink(slot, NEWER, FREE);
    this.#setLink(slot, OLDER, this.#free);
    this.#free = slot;
    this.#count--;
  }

  /** The numbers of its name, and where in them it begins. */
  namesOf(slot: number): Int32Array {
    return this.#segment(slot).names;
  }

  nameAt(slot: number): number {
    return (slot % SEGMENT_SLOTS) * NAME_WORDS;
  }

  /** The bucket that holds the name, or the free one in which it would be. */
  #bucketOf(name: Int32Array): number {
    const mask = this.#buckets.length - 1;
    let bucket = this.#hash(name[0]!, name[1]!) & mask;
    for (;;) {
      const slot = this.#buckets[bucket]! - 1;
      if (slot < 0 || this.#is(slot, name)) return bucket;
      bucket = (bucket + 1) & mask;
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
    let hole = this.#home(slot);
    while (buckets[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; buckets[at] !== 0; at = (at + 1) & mask) {
      const home = this.#home(buckets[at]! - 1);
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      buckets[hole] = buckets[at]!;
      hole = at;
    }
    buckets[hole] = 0;
  }

  #home(slot: number): number {
    const names = this.namesOf(slot);
    const from = this.nameAt(slot);
    return this.#hash(names[from]!, names[from + 1]!) & (this.#buckets.length - 1);
  }

  #rehash(length: number): void {
    const buckets = new Int32Array(length);
    this.#buckets = buckets;
    for (let slot = this.#oldest; slot !== NO_SLOT; slot = this.#link(slot, NEWER)) {
      let bucket = this.#home(slot);
      while (buckets[bucket] !== 0) bucket = (bucket + 1) & (length - 1);
      buckets[bucket] = slot + 1;
    }
  }

  #another(): void {
    const first = this.slots;
    this.#segments.push({
      names: new Int32Array(SEGMENT_SLOTS * NAME_WORDS),
      links: new Int32Array(SEGMENT_SLOTS * LINKS),
    });
    for (let slot = first + SEGMENT_SLOTS - 1; slot >= first; slot--) {
      this.#setLink(slot, NEWER, FREE);
      this.#setLink(slot, OLDER, this.#free);
      this.#free = slot;
    }
  }

  #toFront(slot: number): void {
    this.#setLink(slot, NEWER, NO_SLOT);
    this.#setLink(slot, OLDER, this.#newest);
    if (this.#newest === NO_SLOT) this.#oldest = slot;
    else this.#setLink(this.#newest, NEWER, slot);
    this.#newest = slot;
  }

  #unlink(slot: number): void {
    const newer = this.#link(slot, NEWER);
    const older = this.#link(slot, OLDER);
    if (newer === NO_SLOT) this.#newest = older;
    else this.#setLink(newer, OLDER, older);
    if (older === NO_SLOT) this.#oldest = newer;
    else this.#setLink(older, NEWER, newer);
  }

  #segment(slot: number): Segment {
    return this.#segments[slot >> SEGMENT_BITS]!;
  }

  #link(slot: number, which: number): number {
    return this.#segment(slot).links[(slot % SEGMENT_SLOTS) * LINKS + which]!;
  }

  #setLink(slot: number, which: number, to: number): void {
    this.#segment(slot).links[(slot % SEGMENT_SLOTS) * LINKS + which] = to;
  }
}
