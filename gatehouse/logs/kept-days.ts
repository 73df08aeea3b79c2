// Cells of days in memory, so that who looks at a year again reads of the log only what is new: a year by its hundred greatest groups
// is 36,500 cells, and to fetch them costs twice what adding them up does. A day is believed for as long as all its calls together say
// what they said when it was read: every row and every correction changes them, whoever writes it. Two corrections that cancel each
// other out would not be seen, so nothing is believed for longer than an hour.
import { STEP_MS, type StatField, type StatPoint } from '../../src/contracts/log-store.ts';
import { type Series, seriesBy } from './series.ts';

const DAY_MS = STEP_MS.day;
/** About a hundred groups of two such years. */
const MAX_BYTES = 32 * 1024 * 1024;
/** What stands around the text of a cell. */
const AROUND_BYTES = 120;
/** Filters whose days are kept in mind, some hundred KB each. */
const MAX_WHOLES = 8;
const MAX_AGE_MS = 3_600_000;
/** Beyond so many gaps what lies between them is read with them. */
const MOST_GAPS = 4;
const NONE: readonly string[] = [];

export interface DaysQuestion {
  readonly group: string;
  /** Beside the group. */
  readonly filters: readonly StatField[];
  /** Groups that are wanted. */
  readonly shown: readonly string[];
  /** Whole days, ms since 1970. */
  readonly since: number;
  readonly until: number;
}

export interface DaysReads {
  /** @param values of the group */
  own(values: readonly string[], since: number, until: number): Promise<readonly StatPoint[]>;
  /** What `filters` let through, of all groups. */
  whole(since: number, until: number): Promise<readonly StatPoint[]>;
}

/** All calls of a day, as they were read last. */
interface Whole {
  readonly cells: readonly string[];
  /** Another one whenever `cells` are others. */
  readonly version: number;
}

interface Kept {
  readonly version: number;
  readonly cells: readonly string[];
}

/** One group's days. */
interface KeptSeries {
  readonly days: Map<number, Kept>;
  bytes: number;
  readonly until: number;
}

interface Span {
  readonly since: number;
  readonly until: number;
}

export class KeptDays {
  readonly #now: () => number;
  readonly #maxBytes: number;
  readonly #wholes = new Map<string, Map<number, Whole>>();
  /** Those asked for last at the end. */
  readonly #series = new Map<string, KeptSeries>();
  #version = 0;
  #bytes = 0;

  /** @param now monotonic ms */
  constructor(now: () => number, maxBytes = MAX_BYTES) {
    this.#now = now;
    this.#maxBytes = maxBytes;
  }

  /** What is kept, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns the series of each of `shown`, and of all calls, which is never less than they are together. */
  async read(
    { group, filters, shown, since, until }: DaysQuestion,
    reads: DaysReads,
  ): Promise<{ own: Series[]; whole: Series }> {
    const place = JSON.stringify(filters);
    const whole = new Map(wholeOf(await reads.whole(since, until)));
    const before = this.#versionsOf(place, whole);
    const keys = shown.map((value) => JSON.stringify([group, place, value]));
    const kept = keys.map((key) => this.#fresh(key));
    const own = kept.map((series) => {
      const days = new Map<number, readonly string[]>();
      if (series !== null)
        for (const [start, version] of before) {
          const day = series.days.get(start);
          if (day?.version === version) days.set(start, day.cells);
        }
      return days;
    });
    // Who lacks most days is read from the beginning, and of the others the days that one of them lacks.
    const fresh = shown.filter((_, at) => own[at]!.size < before.size / 2);
    const known = shown.filter((_, at) => own[at]!.size >= before.size / 2);
    const lacking = [...before.keys()].filter((start) =>
      own.some((days) => days.size >= before.size / 2 && !days.has(start)),
    );
    const gaps = gapsOf(lacking);
    const parts: (Span & { values: readonly string[] })[] = [];
    if (fresh.length > 0) parts.push({ since, until, values: fresh });
    for (const gap of known.length > 0 ? gaps : []) parts.push({ ...gap, values: known });
    for (const part of parts) {
      const read = seriesBy(await reads.own(part.values, part.since, part.until), ({ values }) => values[0]!);
      for (const value of part.values) {
        const days = own[shown.indexOf(value)]!;
        for (const start of [...days.keys()]) if (isIn(part, start)) days.delete(start);
        for (const [start, cells] of read.get(value) ?? []) days.set(start, cells);
      }
    }
    // Read last: what came in between makes the others more, never less than nothing.
    const again = fresh.length > 0 ? [{ since, until }] : known.length > 0 ? gaps : [];
    for (const span of again) {
      for (const start of [...whole.keys()]) if (isIn(span, start)) whole.delete(start);
      for (const [start, cells] of wholeOf(await reads.whole(span.since, span.until)))
        whole.set(start, cells);
    }
    if (again.length > 0) this.#keep(keys, own, before, this.#versionsOf(place, whole));
    return { own, whole };
  }

  /** Those of this moment, by day. */
  #versionsOf(
    place: string,
    whole: Series & Iterable<readonly [number, readonly string[]]>,
  ): Map<number, number> {
    let days = this.#wholes.get(place);
    this.#wholes.delete(place);
    this.#wholes.set(place, (days ??= new Map()));
    if (this.#wholes.size > MAX_WHOLES)
      for (const first of this.#wholes.keys()) if (this.#wholes.delete(first)) break;
    const versions = new Map<number, number>();
    for (const [start, cells] of whole) {
      let day = days.get(start);
      if (day === undefined || !same(day.cells, cells))
        days.set(start, (day = { cells, version: ++this.#version }));
      versions.set(start, day.version);
    }
    return versions;
  }

  #fresh(key: string): KeptSeries | null {
    const series = this.#series.get(key);
    if (series === undefined) return null;
    this.#series.delete(key);
    this.#bytes -= series.bytes;
    if (series.until <= this.#now()) return null;
    this.#series.set(key, series);
    this.#bytes += series.bytes;
    return series;
  }

  /** Days that did not change while they were read. */
  #keep(
    keys: readonly string[],
    own: readonly Series[],
    before: ReadonlyMap<number, number>,
    after: ReadonlyMap<number, number>,
  ): void {
    for (const [at, key] of keys.entries()) {
      let series = this.#fresh(key);
      if (series === null) {
        // Its name counts, too: a filter in it may be longer than all of its days.
        const bytes = AROUND_BYTES + key.length;
        this.#series.set(key, (series = { days: new Map(), bytes, until: this.#now() + MAX_AGE_MS }));
        this.#bytes += bytes;
      }
      for (const [start, version] of before) {
        if (after.get(start) !== version || series.days.get(start)?.version === version) continue;
        const cells = own[at]!.get(start) ?? NONE;
        const bytes = bytesOf(cells) - bytesOf(series.days.get(start)?.cells);
        series.days.set(start, { version, cells });
        series.bytes += bytes;
        this.#bytes += bytes;
      }
    }
    for (const [key, { bytes }] of this.#series) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#series.delete(key);
      this.#bytes -= bytes;
    }
  }
}

function bytesOf(cells: readonly string[] | undefined): number {
  if (cells === undefined) return 0;
  return cells.reduce((sum, cell) => sum + cell.length, AROUND_BYTES);
}

const isIn = ({ since, until }: Span, start: number): boolean => start >= since && start < until;

const wholeOf = (points: readonly StatPoint[]): ReadonlyMap<number, readonly string[]> =>
  seriesBy(points, () => '').get('') ?? new Map();

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((cell, at) => cell === other[at]);

/** Days that follow each other as one. @param starts rising */
function gapsOf(starts: readonly number[]): Span[] {
  const gaps: Span[] = [];
  for (const start of starts) {
    const last = gaps.at(-1);
    if (last?.until === start) gaps.splice(-1, 1, { since: last.since, until: start + DAY_MS });
    else gaps.push({ since: start, until: start + DAY_MS });
  }
  if (gaps.length <= MOST_GAPS) return gaps;
  return [{ since: gaps[0]!.since, until: gaps.at(-1)!.until }];
}
