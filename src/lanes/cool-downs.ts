// The models of one provider that cool down on one worker. A model cools until the provider's own time is over, or for
// as long as we guess; the time never shortens, but a guess that a served call disproves is dropped.
//
//   warm ──cool / guess──► cooling ──time over──► remembered ──► warm     (a guess is remembered for the next one)
//                             └── served, if only guessed ────────^
import { type CoolDowns, LONGEST_REST_MS } from '../contracts/cool-downs.ts';
import type { Clock } from '../contracts/ports.ts';

/** Callers choose model names where a provider takes any: beyond this the one that ends first is forgotten. */
const MAX_MODELS = 256;
/** A guess grows to so many times its base. */
const MOST_TIMES = 10;

interface Entry {
  /** Monotonic ms. */
  since: number;
  until: number;
  stated: boolean;
  /** Guesses in a row, and until when they are one. */
  times: number;
  rememberUntil: number;
}

class LaneCoolDowns implements CoolDowns {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  leftMs(model: string): number {
    const entry = this.#entries.get(model);
    return entry === undefined ? 0 : Math.max(0, entry.until - this.#clock.now());
  }

  cool(model: string, forMs: number, stated: boolean): boolean {
    // Not NaN, and nothing that is over before it began.
    if (!(forMs > 0)) return false;
    const now = this.#clock.now();
    const until = now + Math.min(forMs, LONGEST_REST_MS);
    const entry = this.#entries.get(model);
    if (entry === undefined || entry.until <= now) {
      // Another's guess counts in the row as one of our own does: of many workers each is refused only now and then.
      const times = timesBefore(entry, now) + (stated ? 0 : 1);
      const rememberUntil = stated
        ? Math.max(until, entry?.rememberUntil ?? 0)
        : until + Math.min(forMs * MOST_TIMES, LONGEST_REST_MS);
      this.#put(model, { since: now, until, stated, times, rememberUntil });
      return true;
    }
    // A time that the provider states later does not end with the next served call either.
    entry.stated ||= stated;
    if (until <= entry.until) return false;
    entry.until = until;
    entry.rememberUntil = Math.max(until, entry.rememberUntil);
    return true;
  }

  guess(model: string, baseMs: number, mostMs: number): number {
    if (!(baseMs > 0 && mostMs > 0)) return 0;
    const now = this.#clock.now();
    const entry = this.#entries.get(model);
    // Calls sent before it began to cool, or with nowhere else to go: no news.
    if (entry !== undefined && entry.until > now) return 0;
    const times = Math.min(MOST_TIMES, timesBefore(entry, now) + 1);
    const forMs = Math.min(baseMs * times, mostMs, LONGEST_REST_MS);
    const until = now + forMs;
    this.#put(model, {
      since: now,
      until,
      stated: false,
      times,
      rememberUntil: until + Math.min(baseMs * MOST_TIMES, LONGEST_REST_MS),
    });
    return forMs;
  }

  served(model: string, sentAt: number): void {
    const entry = this.#entries.get(model);
    if (entry === undefined || sentAt < entry.since) return;
    if (!entry.stated || entry.until <= this.#clock.now()) this.#entries.delete(model);
  }

  count(): number {
    const now = this.#clock.now();
    let cooling = 0;
    for (const [model, { until, rememberUntil }] of this.#entries) {
      if (until > now) cooling++;
      else if (rememberUntil <= now) this.#entries.delete(model);
    }
    return cooling;
  }

  #put(model: string, entry: Entry): void {
    if (!this.#entries.has(model) && this.#entries.size >= MAX_MODELS) {
      this.count();
      if (this.#entries.size >= MAX_MODELS) this.#forgetFirst();
    }
    this.#entries.set(model, entry);
  }

  #forgetFirst(): void {
    let first: string | null = null;
    let end = Number.POSITIVE_INFINITY;
    for (const [model, { until }] of this.#entries) {
      if (until >= end) continue;
      first = model;
      end = until;
    }
    if (first !== null) this.#entries.delete(first);
  }
}

function timesBefore(entry: Entry | undefined, now: number): number {
  return entry !== undefined && entry.rememberUntil > now ? entry.times : 0;
}

/** Nothing cools yet. */
export function createCoolDowns(clock: Clock): CoolDowns {
  return new LaneCoolDowns(clock);
}
