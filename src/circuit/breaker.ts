// Whether somebody is worth asking: the one circuit breaker. Calls never wait to find that out; while it is open they are
// answered some other way (policy, the next target), and a probe in the background finds out.
//
//   closed ── `openAt` failures in a row, or more than one in five ──► open
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
}

/** What an answer takes off: with more than one failure in five calls the score rises. */
const FORGIVEN = 0.25;

export type BreakerState = 'closed' | 'open' | 'probing';

export class Breaker {
  readonly #clock: Clock;
  readonly #options: BreakerOptions;
  #state: BreakerState = 'open';
  #score = 0;
  #pauseMs: number;
  #since: number;
  #degradedMs = 0;

  /** Open until the first probe is answered. */
  constructor(clock: Clock, options: BreakerOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#pauseMs = options.firstPauseMs;
    this.#since = clock.now();
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
    if (this.#score > 0) this.#score = Math.max(0, this.#score - FORGIVEN);
  }

  /** A call was not answered, or with an error. @returns true when this opened it. */
  failure(): boolean {
    if (!this.closed) return false;
    this.#score++;
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
}
