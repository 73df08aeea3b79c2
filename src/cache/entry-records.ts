// The numbers of each entry in one place of 128 bytes, two lines of the processor's cache, so that what a miss has to fetch from memory
// for an entry that nobody has looked at for long is fetched at once:
//
//   │ name (9) │ newer │ older │ kind │ place │ body │ more │ - │ made, fresh, stale, took, cost (8 bytes each) │ tokens (6) │
//
// By slot, 4,096 to a segment. Segments never go: a store that was full once may be full again.

const SEGMENT_SLOTS = 4_096;
const SEGMENT_BITS = 12;
const RECORD_INTS = 32;
const RECORD_FLOATS = 16;

/** Of the 4-byte numbers of a record. */
export const NAME_AT = 0;
export const NEWER_AT = 9;
export const OLDER_AT = 10;
export const KIND_AT = 11;
export const TOKENS_AT = 26;
/** Of its 8-byte numbers. */
export const TIMES_AT = 8;

export interface Segment {
  readonly ints: Int32Array;
  readonly floats: Float64Array;
}

export class EntryRecords {
  readonly #segments: Segment[] = [];

  /** Numbers there are records for, from 0. */
  get slots(): number {
    return this.#segments.length * SEGMENT_SLOTS;
  }

  /** Of all records. */
  get heldBytes(): number {
    return 4 * RECORD_INTS * this.slots;
  }

  /** The one that holds the record of a slot. */
  segment(slot: number): Segment {
    return this.#segments[slot >> SEGMENT_BITS]!;
  }

  /** Records for 4,096 slots more. */
  grow(): void {
    const ints = new Int32Array(SEGMENT_SLOTS * RECORD_INTS);
    this.#segments.push({ ints, floats: new Float64Array(ints.buffer) });
  }
}

/** Where the record of a slot begins among the 4-byte numbers of its segment. */
export function intsAt(slot: number): number {
  return (slot % SEGMENT_SLOTS) * RECORD_INTS;
}

/** Among the 8-byte ones. */
export function floatsAt(slot: number): number {
  return (slot % SEGMENT_SLOTS) * RECORD_FLOATS;
}
