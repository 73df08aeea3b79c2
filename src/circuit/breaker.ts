// Whether somebody is worth asking: the one circuit breaker. Calls never wait to find that out; while it is open they are
// answered some other way (policy, the next target), and a probe finds out: in the background, or a call that can go elsewhere.
//
//   closed ── `openAt` failures in a row, or too many among answers ──► open
//      ▲              trip(): the connection is lost ─────────────────►│
//      │                                                                │ pause over, or connected again
//      └───────── probe answered ────────────── probing ◄───────────────┘
//                                                  └── probe failed: open again, twice the pause
import type { Clock } from '../contracts/ports.ts';

export interface BreakerOptions {
  /** Failures in a row that open it. */
  openAt: number;
  /** First pause before a probe, ms; doubled with each that fails. */
  firstPauseMs: number;
  maxPauseMs: number;
  /** Closed for so long, ms: the next pause is a first one again. */
  calmMs: number;
  /** What an answer takes off the failures counted: 0.25 opens at more than one failure in five, 1 at more than one in two. */
  forgiven?: number;
  /** Failures that are older than this, ms, with none behind them, count no longer; absent = they always do. */
  memoryMs?: number;
  /** Believed until it fails; absent = not before it answered once. */
  trusted?: boolean;
}

/** With more than one failure in five calls the score rises. */
const FORGIVEN = 0.25;

export type BreakerState = 'closed' | 'open' | 'probing';

export class Breaker {
  readonly #clock: Clock;
  readonly #options: BreakerOptions;
  #state: BreakerState = 'open';
  #score = 0;
  #failedAt = 0;
  #pauseMs: number;
  #since: number;
  #degradedMs = 0;

  /** Open until the first probe is answered, unless it is trusted. */
  constructor(clock: Clock, options: BreakerOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#pauseMs = options.firstPauseMs;
    const trusted = options.trusted === true;
    if (trusted) this.#state = 'closed';
    // Who never failed has been calm for ever.
    this.#since = trusted ? Number.NEGATIVE_INFINITY : clock.now();
  }

  get state(): BreakerState {
    return this.#state;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** ms that were not closed, up to now. */
  get degradedMs(): number {
    return this.#degradedMs + (this.closed ? 0 : this.#clock.now() - this.#since);
  }

  /** ms since calls are answered by policy; 0 while they are not. */
  get openForMs(): number {
    return this.closed ? 0 : this.#clock.now() - this.#since;
  }

  /** How long to wait before the next probe. */
  get pauseMs(): number {
    return this.#pauseMs;
  }

  /** A call was answered. */
  success(): void {
    if (this.#score > 0) this.#score = Math.max(0, this.#score - (this.#options.forgiven ?? FORGIVEN));
  }

  /** Nothing speaks against it, and nothing is remembered that would. */
  get spotless(): boolean {
    const now = this.#clock.now();
    return this.closed && this.#scoreAt(now) === 0 && now - this.#since > this.#options.calmMs;
  }

  /** A call was not answered, or with an error. @returns true when this opened it. */
  failure(): boolean {
    if (!this.closed) return false;
    const now = this.#clock.now();
    this.#score = this.#scoreAt(now) + 1;
    this.#failedAt = now;
    return this.#score >= this.#options.openAt && this.trip();
  }

  /** Opens at once: the connection is lost. @returns true when it was closed. */
  trip(): boolean {
    if (!this.closed) return false;
    const now = this.#clock.now();
    const { firstPauseMs, maxPauseMs, calmMs } = this.#options;
    // Who answers probes and little else must not be believed again many times a second.
    this.#pauseMs = now - this.#since > calmMs ? firstPauseMs : Math.min(maxPauseMs, this.#pauseMs * 2);
    this.#state = 'open';
    this.#since = now;
    return true;
  }

  /** @returns false when a probe is out already or none is needed. */
  beginProbe(): boolean {
    if (this.#state !== 'open') return false;
    this.#state = 'probing';
    return true;
  }

  /** @returns how long calls were answered by policy, ms. */
  probeAnswered(): number {
    const now = this.#clock.now();
    const lasted = now - this.#since;
    this.#degradedMs += lasted;
    this.#state = 'closed';
    this.#since = now;
    this.#score = 0;
    return lasted;
  }

  /** Answered, but too late for a call. */
  probeLate(): void {
    this.#state = 'open';
  }

  probeFailed(): void {
    this.#state = 'open';
    this.#pauseMs = Math.min(this.#options.maxPauseMs, this.#pauseMs * 2);
  }

  #scoreAt(now: number): number {
    const { memoryMs } = this.#options;
    return memoryMs !== undefined && now - this.#failedAt > memoryMs ? 0 : this.#score;
  }
}
