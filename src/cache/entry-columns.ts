// What is kept of each entry beside its bytes: numbers in typed arrays, by slot of the entry table.
import type { CachedAnswer } from '../contracts/cache.ts';
import type { Usage } from '../contracts/chat.ts';

const SEGMENT_SLOTS = 4_096;
const SEGMENT_BITS = 12;
const PLACES = 4;
const TIMES = 5;
const TOKENS = 6;
const NUMBERS = TIMES + TOKENS;
/** Stand for null among numbers that are never negative, and for no usage at all. */
const NONE = -1;
const NO_USAGE = -2;

interface Segment {
  /** Kind, place in the pages, length of the body, of what stands behind it. */
  readonly places: Int32Array;
  /** Made, fresh until, stale until, took, cost; then the tokens. */
  readonly numbers: Float64Array;
}

/** Of usage what nearly every answer tells. */
export type EntryNumbers = Pick<
  CachedAnswer,
  'createdMs' | 'freshUntilMs' | 'staleUntilMs' | 'tookMs' | 'costNano' | 'usage'
>;

export class EntryColumns {
  readonly #segments: Segment[] = [];

  set(slot: number, kind: number, place: number, bodyBytes: number, moreBytes: number): void {
    const { places } = this.#segmentFor(slot);
    const at = (slot % SEGMENT_SLOTS) * PLACES;
    places[at] = kind;
    places[at + 1] = place;
    places[at + 2] = bodyBytes;
    places[at + 3] = moreBytes;
  }

  kind(slot: number): number {
    return this.#place(slot, 0);
  }

  place(slot: number): number {
    return this.#place(slot, 1);
  }

  bodyBytes(slot: number): number {
    return this.#place(slot, 2);
  }

  moreBytes(slot: number): number {
    return this.#place(slot, 3);
  }

  staleUntilMs(slot: number): number {
    return this.#segments[slot >> SEGMENT_BITS]!.numbers[(slot % SEGMENT_SLOTS) * NUMBERS + 2]!;
  }

  write(slot: number, entry: EntryNumbers): void {
    const { numbers } = this.#segmentFor(slot);
    const at = (slot % SEGMENT_SLOTS) * NUMBERS;
    numbers[at] = entry.createdMs;
    numbers[at + 1] = entry.freshUntilMs;
    numbers[at + 2] = entry.staleUntilMs;
    numbers[at + 3] = entry.tookMs;
    numbers[at + 4] = entry.costNano ?? NONE;
    const { usage } = entry;
    numbers[at + TIMES] = usage === null ? NO_USAGE : (usage.input ?? NONE);
    if (usage === null) return;
    numbers[at + TIMES + 1] = usage.cacheRead ?? NONE;
    numbers[at + TIMES + 2] = usage.cacheWriteShort ?? NONE;
    numbers[at + TIMES + 3] = usage.cacheWriteLong ?? NONE;
    numbers[at + TIMES + 4] = usage.output ?? NONE;
    numbers[at + TIMES + 5] = usage.reasoning ?? NONE;
  }

  read(slot: number): EntryNumbers {
    const { numbers } = this.#segments[slot >> SEGMENT_BITS]!;
    const at = (slot % SEGMENT_SLOTS) * NUMBERS;
    return {
      createdMs: numbers[at]!,
      freshUntilMs: numbers[at + 1]!,
      staleUntilMs: numbers[at + 2]!,
      tookMs: numbers[at + 3]!,
      costNano: orNull(numbers[at + 4]!),
      usage: usageAt(numbers, at + TIMES),
    };
  }

  #place(slot: number, which: number): number {
    return this.#segments[slot >> SEGMENT_BITS]!.places[(slot % SEGMENT_SLOTS) * PLACES + which]!;
  }

  #segmentFor(slot: number): Segment {
    const number = slot >> SEGMENT_BITS;
    return (this.#segments[number] ??= {
      places: new Int32Array(SEGMENT_SLOTS * PLACES),
      numbers: new Float64Array(SEGMENT_SLOTS * NUMBERS),
    });
  }
}

function usageAt(numbers: Float64Array, at: number): Usage | null {
  if (numbers[at] === NO_USAGE) return null;
  return {
    input: orNull(numbers[at]!),
    cacheRead: orNull(numbers[at + 1]!),
    cacheWriteShort: orNull(numbers[at + 2]!),
    cacheWriteLong: orNull(numbers[at + 3]!),
    output: orNull(numbers[at + 4]!),
    reasoning: orNull(numbers[at + 5]!),
  };
}

function orNull(number: number): number | null {
  return number === NONE ? null : number;
}
