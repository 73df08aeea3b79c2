// How many calls a provider takes at once before it becomes slower: the gradient of Netflix's concurrency-limits (Gradient2;
// constants: faults.md 2.4), on the time to the first byte. Pure: what it knows it was told, and it asks no clock.
//
//   g      = clamp(1.5 x calm / short, 0.5, 1)     short: mean of the last answers; calm: of those that came without pressure
//   limit' = 0.8 limit + 0.2 (g limit + sqrt(limit))   once a round, not while less than half of it is in use
//
// A round is as many answers as calls wait: what one of them brings about is seen in the next alone.
//
// Gradient2 compares with a long mean, which follows what the limit itself brings about, so that both drift up together. Here what
// is compared with rises only by answers that we cannot have slowed down: of a limit that is hardly used, or that is at its floor.
// It begins where Little's law puts it, once the rate that the provider allows and its mean time are known.

/** Weight of the newest answer: in the short mean, in one that noise moves little, and in how fast `calm` follows that one. */
const SHORT = 0.2;
const STEADY = 1 / 50;
const CALM = 1 / 20;
/** The first ten count evenly. */
const WARM_UP = 10;
/** Slower by less is noise. */
const TOLERANCE = 1.5;
const SMOOTHING = 0.2;
/** Answers of a round, at least. */
const LEAST_ROUND = 10;
/** A refusal for being too busy is worth a slow answer. */
const BACK_OFF = 0.95;
/** Answers until the mean that Little's law is asked with is one. */
const LITTLE_AFTER = 20;
/** Models of which means are kept; those beyond share one. */
const MAX_MODELS = 64;

interface Means {
  count: number;
  short: number;
  steady: number;
  calm: number;
}

export interface GradientBounds {
  min: number;
  max: number;
  /** Before anything is known. */
  start: number;
  /** Calls a second that the provider allows; null = not known. */
  ratePerS: number | null;
}

/** Calls in flight that make use of all of a rate (Little's law), with room for those that have to be repeated. */
export function littlesLaw(ratePerS: number, meanMs: number, errorRate: number): number {
  return ratePerS * (meanMs / 1_000) * (1 + errorRate);
}

export class Gradient {
  #bounds: GradientBounds;
  #limit: number;
  readonly #models = new Map<string, Means>();
  #answers = 0;
  /** Answers since the limit moved. */
  #round = 0;
  #refusals = 0;
  #sumMs = 0;

  constructor(bounds: GradientBounds) {
    this.#bounds = bounds;
    this.#limit = clamp(bounds.start, bounds);
  }

  /** Whole calls. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Other bounds; what was found out stays. */
  follow(bounds: GradientBounds): void {
    this.#bounds = bounds;
    this.#limit = clamp(this.#limit, bounds);
  }

  /** An answer of `model` began `ms` behind its slot. @param waiting calls that waited for their first byte, this one included. */
  answered(model: string, ms: number, waiting: number): void {
    if (this.#answers < LITTLE_AFTER) this.#measure(ms);
    const means = this.#meansOf(model);
    const pressed = waiting >= this.#limit / 2 && this.#limit > this.#bounds.min;
    follow(means, ms, pressed);
    if (means.count <= WARM_UP) return;
    const g = Math.min(1, Math.max(0.5, (TOLERANCE * means.calm) / Math.max(means.short, 1e-3)));
    if (++this.#round < Math.max(LEAST_ROUND, waiting)) return;
    this.#round = 0;
    // What is not used says nothing of what could be.
    if (g === 1 && waiting < this.#limit / 2) return;
    this.#limit = clamp(
      this.#limit * (1 - SMOOTHING) + (this.#limit * g + Math.sqrt(this.#limit)) * SMOOTHING,
      this.#bounds,
    );
  }

  /** The provider was too busy for a call, or did not answer in time. */
  refused(): void {
    this.#refusals++;
    this.#limit = clamp(this.#limit * BACK_OFF, this.#bounds);
  }

  #measure(ms: number): void {
    this.#answers++;
    this.#sumMs += ms;
    const { ratePerS } = this.#bounds;
    if (this.#answers < LITTLE_AFTER || ratePerS === null) return;
    const errors = this.#refusals / (this.#refusals + this.#answers);
    this.#limit = clamp(littlesLaw(ratePerS, this.#sumMs / this.#answers, errors), this.#bounds);
  }

  #meansOf(model: string): Means {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    if (this.#models.size >= MAX_MODELS) return this.#meansOf(this.#models.keys().next().value!);
    const means = { count: 0, short: 0, steady: 0, calm: 0 };
    this.#models.set(model, means);
    return means;
  }
}

/** @param pressed slowness may be of our own making. */
function follow(means: Means, ms: number, pressed: boolean): void {
  means.count++;
  means.short = means.count === 1 ? ms : means.short + (ms - means.short) * SHORT;
  means.steady += (ms - means.steady) * Math.max(STEADY, 1 / means.count);
  if (means.count <= WARM_UP) means.calm = means.steady;
  else if (!pressed || means.steady < means.calm) means.calm += (means.steady - means.calm) * CALM;
}

function clamp(limit: number, { min, max }: GradientBounds): number {
  return Math.min(max, Math.max(min, limit));
}
