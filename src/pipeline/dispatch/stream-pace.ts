// How a stream moves, beside its clocks: whether it stands still where somebody could go on with it, and whether it is slower
// than the configuration allows. Only made for streams that are watched so; asked by the sweep.
import { DEFAULT_THROUGHPUT_WINDOW_MS } from '../../config/schema/defaults.ts';
import type { TimeoutConfig } from '../../contracts/attempt-config.ts';
import { type AttemptTimes, isStalled } from './attempt-clocks.ts';

export class StreamPace {
  /** ms without progress; 0 = it is waited for, however long. */
  #stallMs: number;
  readonly #perSecond: number;
  readonly #windowMs: number;
  /** When the window began, and with how many tokens; 0 = no token yet, or the stream was paused. */
  #from = 0;
  #tokens = 0;

  constructor(
    stallMs: number,
    { minTokensPerSecond = 0, throughputWindowMs = DEFAULT_THROUGHPUT_WINDOW_MS }: TimeoutConfig,
  ) {
    this.#stallMs = stallMs;
    this.#perSecond = minTokensPerSecond;
    this.#windowMs = throughputWindowMs;
  }

  /** @param waits somebody waits for the upstream: it is not paused, and its answer is not complete. */
  stands(times: AttemptTimes, now: number, waits: boolean, tokens: number): boolean {
    return isStalled(this.#stallMs, times, now, waits, tokens);
  }

  /** Nobody goes on with it: its own clocks alone end it. */
  bePatient(): void {
    this.#stallMs = 0;
  }

  /** Fewer content events came in the last whole window than were to come. */
  crawls(now: number, waits: boolean, tokens: number): boolean {
    if (this.#perSecond === 0) return false;
    if (!waits || tokens === 0) {
      this.#from = 0;
      return false;
    }
    if (this.#from === 0) {
      this.#from = now;
      this.#tokens = tokens;
    }
    const ms = now - this.#from;
    if (ms < this.#windowMs) return false;
    const came = tokens - this.#tokens;
    this.#from = now;
    this.#tokens = tokens;
    return came * 1000 < this.#perSecond * ms;
  }
}

/** Null = nobody watches it so. */
export function paceOf(stallMs: number, clocks: TimeoutConfig): StreamPace | null {
  return stallMs > 0 || (clocks.minTokensPerSecond ?? 0) > 0 ? new StreamPace(stallMs, clocks) : null;
}
