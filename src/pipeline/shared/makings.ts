// The answers that are under way, by name: lists of buckets, linked through the makings themselves.
//
// Not a Map: where a cache is on each miss goes in and out, and a Map that many go in and out of is written anew every few dozen times. The one
// before is old to V8's collector, which takes all that it still points to for alive: the calls under way became old with it, each
// time, and collections of the old space six times as many (docs/performance.md).
//
// Names are digests, or begin with one, but of what clients choose: whoever makes many of one bucket must not know which they are.
import { randomInt } from 'node:crypto';
import { hashText } from '../../body/fnv.ts';
import type { Making } from './making.ts';

const BUCKETS = 1_024;
const MOST = 2 ** 32;
/** The bucket of a name goes by so many characters of it: nobody finds digests that share them. */
const TELLING_CHARS = 16;

export class Makings {
  readonly #buckets: (Making | null)[] = Array.from({ length: BUCKETS }, () => null);
  readonly #seed: number;
  /** Whoever finds no making of a name adds one. */
  #lastName = '';
  #lastBucket = 0;

  /** @param seed nobody else knows it. */
  constructor(seed = randomInt(MOST)) {
    this.#seed = seed;
  }

  get(name: string): Making | undefined {
    for (let at = this.#first(this.#bucketOf(name)); at !== null; at = at.next)
      if (at.wish.name === name) return at;
    return undefined;
  }

  /** In the place of one of its name. */
  add(making: Making): void {
    const older = this.get(making.wish.name);
    if (older !== undefined) this.remove(older);
    const bucket = this.#bucketOf(making.wish.name);
    making.bucket = bucket;
    making.next = this.#first(bucket);
    this.#buckets[bucket] = making;
  }

  /** @returns whether it was there. */
  remove(making: Making): boolean {
    const { bucket } = making;
    if (bucket < 0) return false;
    making.bucket = -1;
    let before: Making | null = null;
    for (let at = this.#first(bucket); at !== null; before = at, at = at.next) {
      if (at !== making) continue;
      if (before === null) this.#buckets[bucket] = at.next;
      else before.next = at.next;
      at.next = null;
      return true;
    }
    return false;
  }

  /** All that `wanted` is true of, which are there no more. */
  take(wanted: (making: Making) => boolean): Making[] {
    const taken: Making[] = [];
    for (const first of this.#buckets)
      for (let at = first; at !== null; at = at.next) if (wanted(at)) taken.push(at);
    for (const making of taken) this.remove(making);
    return taken;
  }

  #bucketOf(name: string): number {
    if (name !== this.#lastName) {
      this.#lastName = name;
      this.#lastBucket = bucketOf(name, this.#seed);
    }
    return this.#lastBucket;
  }

  #first(bucket: number): Making | null {
    return this.#buckets[bucket] ?? null;
  }
}

/** @param seed where its hash begins. */
export function bucketOf(name: string, seed: number): number {
  const hash = hashText(name, seed, TELLING_CHARS);
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
}
