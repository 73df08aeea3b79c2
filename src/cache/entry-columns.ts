// What is kept of each entry beside its name and its bytes: numbers in its record.
import type { CachedAnswer } from '../contracts/cache.ts';
import type { Usage } from '../contracts/chat.ts';
import { type EntryRecords, floatsAt, intsAt, KIND_AT, TIMES_AT, TOKENS_AT } from './entry-records.ts';

/** Stand for null among numbers that are never negative, and for no usage at all. */
const NONE = -1;
const NO_USAGE = -2;
const MOST_TOKENS = 2 ** 31 - 1;

/** Of usage what nearly every answer tells. */
export type EntryNumbers = Pick<
  CachedAnswer,
  'createdMs' | 'freshUntilMs' | 'staleUntilMs' | 'tookMs' | 'costNano' | 'usage'
>;

export class EntryColumns {
  readonly #records: EntryRecords;

  constructor(records: EntryRecords) {
    this.#records = records;
  }

  /** @param place in the pages. @param moreBytes of what stands behind the body. */
  set(slot: number, kind: number, place: number, bodyBytes: number, moreBytes: number): void {
    const { ints } = this.#records.segment(slot);
    const at = intsAt(slot) + KIND_AT;
    ints[at] = kind;
    ints[at + 1] = place;
    ints[at + 2] = bodyBytes;
    ints[at + 3] = moreBytes;
  }

  kind(slot: number): number {
    return this.#number(slot, 0);
  }

  place(slot: number): number {
    return this.#number(slot, 1);
  }

  bodyBytes(slot: number): number {
    return this.#number(slot, 2);
  }

  moreBytes(slot: number): number {
    return this.#number(slot, 3);
  }

  createdMs(slot: number): number {
    return this.#records.segment(slot).floats[floatsAt(slot) + TIMES_AT]!;
  }

  staleUntilMs(slot: number): number {
    return this.#records.segment(slot).floats[floatsAt(slot) + TIMES_AT + 2]!;
  }

  /** Usage that `canHold` has no place for is left out. */
  write(slot: number, entry: EntryNumbers): void {
    const { ints, floats } = this.#records.segment(slot);
    const times = floatsAt(slot) + TIMES_AT;
    floats[times] = entry.createdMs;
    floats[times + 1] = entry.freshUntilMs;
    floats[times + 2] = entry.staleUntilMs;
    floats[times + 3] = entry.tookMs;
    floats[times + 4] = entry.costNano ?? NONE;
    const at = intsAt(slot) + TOKENS_AT;
    const { usage } = entry;
    if (usage === null) {
      ints[at] = NO_USAGE;
      return;
    }
    ints[at] = usage.input ?? NONE;
    ints[at + 1] = usage.cacheRead ?? NONE;
    ints[at + 2] = usage.cacheWriteShort ?? NONE;
    ints[at + 3] = usage.cacheWriteLong ?? NONE;
    ints[at + 4] = usage.output ?? NONE;
    ints[at + 5] = usage.reasoning ?? NONE;
  }

  read(slot: number): EntryNumbers {
    const { ints, floats } = this.#records.segment(slot);
    const times = floatsAt(slot) + TIMES_AT;
    return {
      createdMs: floats[times]!,
      freshUntilMs: floats[times + 1]!,
      staleUntilMs: floats[times + 2]!,
      tookMs: floats[times + 3]!,
      costNano: orNull(floats[times + 4]!),
      usage: usageAt(ints, intsAt(slot) + TOKENS_AT),
    };
  }

  #number(slot: number, which: number): number {
    return this.#records.segment(slot).ints[intsAt(slot) + KIND_AT + which]!;
  }
}

/** Whether the record has places for all of a usage. */
export function canHold(usage: Usage): boolean {
  const { input, cacheRead, cacheWriteShort, cacheWriteLong, output, reasoning } = usage;
  const { audioInput, audioOutput, imageInput, imageOutput, videoInput, webSearches } = usage;
  const { tier, requests, factors } = usage;
  return (
    isCount(input) &&
    isCount(cacheRead) &&
    isCount(cacheWriteShort) &&
    isCount(cacheWriteLong) &&
    isCount(output) &&
    isCount(reasoning) &&
    (audioInput ?? audioOutput ?? imageInput ?? imageOutput ?? videoInput ?? webSearches ?? null) === null &&
    tier === undefined &&
    requests === undefined &&
    factors === undefined
  );
}

function isCount(tokens: number | null): boolean {
  return tokens === null || (tokens >= 0 && tokens <= MOST_TOKENS && (tokens | 0) === tokens);
}

function usageAt(ints: Int32Array, at: number): Usage | null {
  if (ints[at] === NO_USAGE) return null;
  return {
    input: orNull(ints[at]!),
    cacheRead: orNull(ints[at + 1]!),
    cacheWriteShort: orNull(ints[at + 2]!),
    cacheWriteLong: orNull(ints[at + 3]!),
    output: orNull(ints[at + 4]!),
    reasoning: orNull(ints[at + 5]!),
  };
}

function orNull(number: number): number | null {
  return number === NONE ? null : number;
}
