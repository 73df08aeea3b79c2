// `concurrency: auto` of one lane on one worker: its part of the bounds, and what the gradient makes of its answers. Streams that are
// being delivered are no matter of the gradient: the lane's share alone bounds them.
import type { LaneConfig } from '../contracts/provider-config.ts';
import { Gradient, type GradientBounds } from './gradient.ts';

/** Calls the whole gateway has waiting at one provider before anything is known of it. */
const START = 100;

export class Pacer {
  readonly #gradient: Gradient;
  /** Part of the gateway that this worker is, as its first share told. */
  readonly #part: number;

  /** @param held of the gateway-wide number by this worker, as it begins. */
  constructor(config: LaneConfig, held: number) {
    this.#part = config.concurrency > 0 && held > 0 ? Math.min(1, held / config.concurrency) : 1;
    this.#gradient = new Gradient(this.#bounds(config));
  }

  get limit(): number {
    return this.#gradient.limit;
  }

  follow(config: LaneConfig): void {
    this.#gradient.follow(this.#bounds(config));
  }

  /**
   * The answer of a call began: well, or by a refusal for being too busy.
   * @param waiting running calls whose answer had not begun, this one included.
   */
  answered(model: string, ms: number, busy: boolean, waiting: number): void {
    if (busy) this.#gradient.refused();
    else this.#gradient.answered(model, ms, waiting);
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
