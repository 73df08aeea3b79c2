// What this process knows of the buckets it asks Redis about: their debt as last heard, and what was granted here while
// Redis could not be asked (`onFailure: open`). Such grants follow the same rule and begin with what was last known. In
// the first second each of N processes keeps to its N-th part, so that a hiccup of Redis lets nobody over the limit; after
// that each applies the whole rule, so that a client inside its limit is not refused because it speaks to one gateway
// only: in a long outage N processes together admit up to N times the rate. When Redis is back, what is still owed is
// booked there. Bounded: the bucket known for longest is forgotten.
import {
  drain,
  type Meter,
  type MeterPace,
  meterBack,
  meterBook,
  meterLeft,
  meterWaitUs,
  unitsOfDebt,
  wholeUnits,
} from './meter.ts';

interface Known extends Meter {
  pace: MeterPace;
  /** Units granted here and not yet booked in Redis. */
  own: number;
}

function restOf(known: Known, own: number): number {
  const rest = { ...known };
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
  readonly #known = new Map<string, Known>();
  readonly #max: number;

  constructor(maxBuckets: number) {
    this.#max = maxBuckets;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Redis said so. */
  heard(key: string, pace: MeterPace, debtUs: number, nowUs: number): void {
    const known = this.#entry(key, pace, nowUs);
    known.debtUs = debtUs;
    known.debtFrac = 0;
    known.seenUs = nowUs;
  }

  /** @param shares processes that decide alone at the same time: each counts what it takes so many times */
  standing(key: string, pace: MeterPace, need: number, shares: number, nowUs: number): LocalRow {
    const known = this.#entry(key, pace, nowUs);
    drain(known, nowUs);
    const waitUs = meterWaitUs(known, pace, wholeUnits(need * shares));
    return { waitUs, left: Math.floor(meterLeft(known, pace) / shares), debtUs: known.debtUs };
  }

  /** Grants here; call only when `standing` says 0 wait. @param own false when Redis has probably heard of it */
  take(key: string, pace: MeterPace, need: number, shares: number, own: boolean, nowUs: number): void {
    const known = this.#entry(key, pace, nowUs);
    drain(known, nowUs);
    meterBook(known, pace, wholeUnits(need * shares));
    if (own) known.own += need;
  }

  /**
   * Given back (or, negative, booked) while Redis cannot be told.
   * @returns units of it that Redis granted and is to get back later.
   */
  back(key: string, pace: MeterPace, units: number, nowUs: number): number {
    const known = this.#entry(key, pace, nowUs);
    drain(known, nowUs);
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
    for (const [key, known] of this.#known) {
      drain(known, nowUs);
      const { pace, debtUs } = known;
      // What has drained here has drained: a long outage leaves no debt but the last burst.
      const own = Math.min(known.own, unitsOfDebt(debtUs, pace));
      known.own = 0;
      if (debtUs > 0) owed.push({ key, pace, debtUs, restUs: restOf(known, own), own });
      else this.#known.delete(key);
    }
    return owed;
  }

  #entry(key: string, pace: MeterPace, nowUs: number): Known {
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.pace = pace; // a reload may have changed the numbers
      return known;
    }
    if (this.#known.size >= this.#max) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    const fresh: Known = { pace, debtUs: 0, debtFrac: 0, seenUs: nowUs, own: 0 };
    this.#known.set(key, fresh);
    return fresh;
  }
}
