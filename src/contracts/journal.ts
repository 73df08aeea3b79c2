// What a worker notes of calls that are over before others have heard of it, so that nothing of it dies with the process.

/** Never waits for anything, and never throws: what it cannot take is at risk for half a second, as without it. */
export interface Journal {
  /** Charged to a bucket and not told yet. @param amount below 0: so much beyond all that was granted */
  charged(bucketId: string, amount: number): void;
  /** All charges so far are in a message that is about to leave. @returns the number that the message carries */
  nextBatch(): number;
  /** That message is where this process cannot take it away any more. */
  batchTold(batch: number): void;

  /** Rows come for a segment of the log from now on. @param source is asked for them. @returns its number */
  nextSegment(place: SegmentPlace, source: RowSource): number;
  /**
   * Settled calls of the segment, in one block: noting each by itself costs more than writing them all. `texts` and `callers` are those of the
   * segment, of which what came since the last time is noted.
   * @param records as bytes, from `from` on. @param ends where each of them ends in there
   */
  rows(
    texts: readonly string[],
    callers: readonly unknown[],
    records: Buffer,
    from: number,
    ends: readonly number[],
  ): void;
  /** All segments up to that one are in their file, or will never be. Safe from here on. */
  segmentWritten(segment: number): void;

  /** Something was, since the last time that it was sealed, or rows wait to be. */
  readonly noted: boolean;
  /** What was noted since the last time is safe from here on, and all rows there are. */
  seal(): void;
}

/** Who has rows of the current segment. */
export interface RowSource {
  /** It has some that the journal has not. */
  readonly owes: boolean;
  /** Those that the journal has not are to be noted: what is noted is sealed next. */
  note(): void;
}

/** Where the segment is to be written, and by whom. */
export interface SegmentPlace {
  readonly folder: string;
  /** What names of its files begin with. */
  readonly run: string;
  readonly node: string;
  readonly worker: number;
}
