// What one worker sees of one target: calls under way, latency, errors, what it used in the last minute.
import type { TargetLoad } from '../../contracts/balance.ts';
import type { Counting, LoadSignal } from './load-signal.ts';

/** After so long a sample counts e times less: peers' usual 10 s (peak EWMA). */
const LATENCY_TAU_MS = 10_000;
const ERROR_TAU_MS = 15_000;
/** What one failed or served call adds to the share of errors. */
const ERROR_STEP = 0.2;
const MINUTE_MS = 60_000;

export class LoadMeter implements TargetLoad, Counting {
  inFlight = 0;
  #latencyMs = 0;
  #latencyAt = 0;
  #errors = 0;
  #errorsAt = 0;
  /** Whole minutes since the clock's zero, and what was used in that one and the one before. */
  #minute = 0;
  readonly #requests = [0, 0];
  readonly #tokens = [0, 0];

  /** Its server's own word, and how many calls of ours were under way when it was said. */
  #signal: LoadSignal | null = null;
  #marked = 0;

  pressure(nowMs: number): number {
    const said = this.#signal?.at(nowMs) ?? null;
    if (said === null) return this.inFlight;
    const all = said.running + said.waiting + this.inFlight - this.#marked;
    return Math.max(this.inFlight, all) + said.waiting;
  }

  waiting(nowMs: number): number | null {
    return this.#signal?.at(nowMs)?.waiting ?? null;
  }

  follow(signal: LoadSignal | null): void {
    if (signal === this.#signal) return;
    this.#signal?.leave(this);
    this.#signal = signal;
    this.#marked = this.inFlight;
    signal?.join(this);
  }

  mark(): void {
    this.#marked = this.inFlight;
  }

  latencyMs(nowMs: number): number {
    // What was slow and is no longer asked is looked at again after a while.
    return this.#latencyMs * Math.exp(-(nowMs - this.#latencyAt) / (6 * LATENCY_TAU_MS));
  }

  errorRate(nowMs: number): number {
    // Of most targets there are none, and the power is half of what asking costs.
    return this.#errors === 0 ? 0 : this.#errors * Math.exp(-(nowMs - this.#errorsAt) / ERROR_TAU_MS);
  }

  requests(nowMs: number): number {
    return this.#window(this.#requests, nowMs);
  }

  tokens(nowMs: number): number {
    return this.#window(this.#tokens, nowMs);
  }

  began(nowMs: number): void {
    this.inFlight++;
    this.#turn(nowMs);
    this.#requests[0]!++;
  }

  ended(): void {
    if (this.inFlight > 0) this.inFlight--;
  }

  served(nowMs: number, firstByteMs: number): void {
    const sample = Math.max(0, firstByteMs);
    // Worse is believed at once, better by and by (peak EWMA): what begins to hang is left at the first slow answer.
    if (this.#latencyMs === 0 || sample > this.#latencyMs) this.#latencyMs = sample;
    else {
      const kept = Math.exp(-(nowMs - this.#latencyAt) / LATENCY_TAU_MS);
      // Samples that come at once count too: at least a tenth each.
      const weight = Math.max(0.1, 1 - kept);
      this.#latencyMs += (sample - this.#latencyMs) * weight;
    }
    this.#latencyAt = nowMs;
    this.#errors = this.errorRate(nowMs) * (1 - ERROR_STEP);
    this.#errorsAt = nowMs;
  }

  spent(nowMs: number, tokens: number): void {
    this.#turn(nowMs);
    this.#tokens[0]! += tokens;
  }

  failed(nowMs: number): void {
    const errors = this.errorRate(nowMs);
    this.#errors = errors + (1 - errors) * ERROR_STEP;
    this.#errorsAt = nowMs;
  }

  /** This minute's and, of the last one, the part that is less than a minute ago. */
  #window(counts: readonly number[], nowMs: number): number {
    this.#turn(nowMs);
    const into = (nowMs % MINUTE_MS) / MINUTE_MS;
    return counts[0]! + counts[1]! * (1 - into);
  }

  #turn(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute === this.#minute) return;
    for (const counts of [this.#requests, this.#tokens]) {
      counts[1] = minute === this.#minute + 1 ? counts[0]! : 0;
      counts[0] = 0;
    }
    this.#minute = minute;
  }
}
