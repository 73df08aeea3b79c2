// `concurrency: auto` of one lane on one worker: its part of the bounds, who waits for a first byte, and what the gradient makes of
// it. Streams that are being delivered are no matter of the gradient: the lane's share alone bounds them.
import type { LaneConfig } from '../contracts/config.ts';
import { Gradient, type GradientBounds } from './gradient.ts';

/** Calls the whole gateway has waiting at one provider before anything is known of it. */
const START = 100;

export class Pacer {
  readonly #gradient: Gradient;
  /** Part of the gateway that this worker is, as its first share told. */
  readonly #part: number;
  /** Running calls whose answer has not begun. */
  #waiting: number;

  /** @param held of the gateway-wide number by this worker, as it begins. @param running calls: of those it waits for an answer. */
  constructor(config: LaneConfig, held: number, running = 0) {
    this.#waiting = running;
    this.#part = config.concurrency > 0 && held > 0 ? Math.min(1, held / config.concurrency) : 1;
    this.#gradient = new Gradient(this.#bounds(config));
  }

  get limit(): number {
    return this.#gradient.limit;
  }

  /** Calls that may get a slot beside those that wait for their first byte. */
  get room(): number {
    return this.#gradient.limit - this.#waiting;
  }

  follow(config: LaneConfig): void {
    this.#gradient.follow(this.#bounds(config));
  }

  started(): void {
    this.#waiting++;
  }

  /** The answer of a call that `started` began: well, or by a refusal for being too busy. */
  answered(model: string, ms: number, busy: boolean): void {
    if (busy) this.#gradient.refused();
    else this.#gradient.answered(model, ms, this.#waiting);
    this.left();
  }

  /** A call that `started` is over and had no answer. */
  left(): void {
    this.#waiting = Math.max(0, this.#waiting - 1);
  }

  #bounds({ concurrency, auto }: LaneConfig): GradientBounds {
    const of = (total: number): number => Math.max(1, Math.round(total * this.#part));
    const ratePerS = auto?.ratePerS ?? null;
    return {
      min: of(auto?.min ?? 1),
      max: of(concurrency),
      start: of(START),
      ratePerS: ratePerS === null ? null : ratePerS * this.#part,
    };
  }
}
