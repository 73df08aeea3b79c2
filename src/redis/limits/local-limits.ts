// What this process knows of the buckets it asks Redis about: their debt as last heard, and what was granted here while
// Redis could not be asked (`onFailure: open`). Such grants follow the same rule and begin with what was last known. In
// the first second each of N processes keeps to its N-th part, so that a hiccup of Redis lets nobody over the limit; after
// that each applies the whole rule, so that a client inside its limit is not refused because it speaks to one gateway
// only: in a long outage N processes together admit up to N times the rate. When Redis is back, what is still owed is
// booked there. Bounded and fair as the embedded books are (limits/bucket-table.ts).
import { BucketTable } from '../../limits/bucket-table.ts';
import {
  drain,
  type MeterPace,
  meterBack,
  meterBook,
  meterLeft,
  mostUnits,
  unitsOfDebt,
  wholeUnits,
} from '../../limits/meter.ts';
import { OwingRow } from '../../limits/owing-row.ts';
import { pacedWaitUs, repace } from '../../limits/repace.ts';

class Known extends OwingRow {
  /** Units granted here and not yet booked in Redis. */
  own = 0;
}

function restOf(known: Known, own: number): number {
  const { debtUs, debtFrac, seenUs } = known;
  const rest = { debtUs, debtFrac, seenUs };
  meterBack(rest, known.pace, own);
  return rest.debtUs;
}

/** What Redis is told of a bucket when it is back. */
export interface Owed {
  key: string;
  pace: MeterPace;
  /** Debt now, as known here. */
  debtUs: number;
  /** The debt less what was granted here. */
  restUs: number;
  /** Units granted here that Redis has not heard of. */
  own: number;
}

export interface LocalRow {
  waitUs: number;
  left: number;
  debtUs: number;
}

export class LocalLimits {
  readonly #known: BucketTable<Known>;

  constructor(maxBuckets: number) {
    this.#known = new BucketTable(maxBuckets);
  }

  get size(): number {
    return this.#known.size;
  }

  /** Redis said so. */
  heard(key: string, pace: MeterPace, debtUs: number, nowUs: number): void {
    // Each answer comes here: who was used last is not kept up with, and the table looks at what they owe before all.
    const known = this.#known.peek(key) ?? this.#add(key, pace, nowUs);
    known.pace = pace;
    known.debtUs = debtUs;
    known.debtFrac = 0;
    known.excessUs = 0;
    known.seenUs = nowUs;
  }

  /** @param shares processes that decide alone at the same time: each counts what it takes so many times */
  standing(key: string, pace: MeterPace, need: number, shares: number, nowUs: number): LocalRow {
    const known = this.#entry(key, pace, nowUs);
    const waitUs = pacedWaitUs(known, pace, wholeUnits(need * shares, mostUnits(pace)), nowUs);
    return { waitUs, left: Math.floor(meterLeft(known, pace) / shares), debtUs: known.debtUs };
  }

  /** Grants here; call only when `standing` says 0 wait. @param own false when Redis has probably heard of it */
  take(key: string, pace: MeterPace, need: number, shares: number, own: boolean, nowUs: number): void {
    const known = this.#entry(key, pace, nowUs);
    meterBook(known, pace, wholeUnits(need * shares, mostUnits(pace)));
    if (own) known.own += need;
  }

  /**
   * Given back (or, negative, booked) while Redis cannot be told.
   * @returns units of it that Redis granted and is to get back later.
   */
  back(key: string, pace: MeterPace, units: number, nowUs: number): number {
    const known = this.#entry(key, pace, nowUs);
    if (units < 0) {
      meterBook(known, pace, -units);
      known.own -= units;
      return 0;
    }
    meterBack(known, pace, units);
    const own = Math.min(known.own, units);
    known.own -= own;
    return units - own;
  }

  /** Everything Redis has to hear of; what was granted here counts as told. */
  settle(nowUs: number): Owed[] {
    const owed: Owed[] = [];
    for (const [key, known] of this.#known.entries()) {
      drain(known, nowUs, known.pace);
      const { pace, debtUs } = known;
      // What has drained here has drained: a long outage leaves no debt but the last burst.
      const own = Math.min(known.own, unitsOfDebt(debtUs, pace));
      known.own = 0;
      if (debtUs > 0) owed.push({ key, pace, debtUs, restUs: restOf(known, own), own });
      else this.#known.delete(key);
    }
    return owed;
  }

  /** Drained, and in these numbers: a reload may have changed them. */
  #entry(key: string, pace: MeterPace, nowUs: number): Known {
    const known = this.#known.use(key);
    if (known === undefined) return this.#add(key, pace, nowUs);
    drain(known, nowUs, known.pace);
    repace(known, pace, nowUs);
    return known;
  }

  #add(key: string, pace: MeterPace, nowUs: number): Known {
    const known = new Known(pace, nowUs);
    this.#known.add(key, known);
    return known;
  }
}
