// Whether Redis is worth asking. Calls never wait to find that out: while it is open they are answered by policy, and a
// sign of life in the background is the probe.
//
//   closed ── 5 failures in a row, or more than one in five ──► open
//      ▲         connection lost ───────────────────────────────►│
//      │                                                          │ pause over, or connected again
//      └───────── probe answered ──────────── probing ◄───────────┘
//                                                └── probe failed: open again, twice the pause
import type { Clock } from '../contracts/ports.ts';

const OPEN_AT = 5;
/** What an answer takes off: with more than one failure in five calls the score rises. */
const FORGIVEN = 0.25;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;
/** Closed for so long: the next pause is a first one again. */
const CALM_MS = 500;

export type BreakerState = 'closed' | 'open' | 'probing';

export class RedisBreaker {
  readonly #clock: Clock;
  #state: BreakerState = 'open';
  #score = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #since: number;
  #degradedMs = 0;

  /** Open until the first probe is answered. */
  constructor(clock: Clock) {
    this.#clock = clock;
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
    return this.#score >= OPEN_AT && this.trip();
  }

  /** Opens at once: the connection is lost. @returns true when it was closed. */
  trip(): boolean {
    if (!this.closed) return false;
    const now = this.#clock.now();
    // A Redis that answers probes and little else must not be believed again many times a second.
    this.#pauseMs = now - this.#since > CALM_MS ? FIRST_PAUSE_MS : Math.min(MAX_PAUSE_MS, this.#pauseMs * 2);
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
    this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2);
  }
}
