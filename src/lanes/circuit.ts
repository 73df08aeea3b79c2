// Whether one model at one provider is to be asked at all: the circuit breaker of a cell, and how its workers and nodes agree on it.
// No call waits for it. While it is open callers with another target pass it by, and one of them at a time goes there all the
// same to find out, once the pause is over: if it fails there, its fallback serves it.
//
//   closed ── failures (circuit/breaker.ts) ──► open ── pause over, a call comes ──► half-open
//     ▲  └ slow start: a growing part of calls    ▲                                      │ one call is the probe
//     └────────────── answered ───────────────────┼──────────────────────────────────────┤
//                                                 └── failed: twice the pause ───────────┘
//
// Who opened it tells the others, for a little longer than its own pause, so that it is the one that asks first; whoever finds out
// that it answers tells that too. Openings are ordered by their wall time, so that what comes late or twice changes nothing.
import { Breaker } from '../circuit/breaker.ts';
import type { CircuitChange, CircuitState } from '../contracts/circuit.ts';
import type { BreakerConfig } from '../contracts/attempt-config.ts';
import type { Clock } from '../contracts/ports.ts';

/** A probe that was neither answered nor failed by then is not waited for: another call may find out. */
const PROBE_MS = 30_000;
/** Others wait so much longer than who opened it. */
const OTHERS_MS = 1_000;
/** Part of calls that may come when it has just closed. */
const FIRST_SHARE = 0.1;
/** A failure is forgotten after a minute with none behind it. */
const MEMORY_MS = 60_000;
/** Closed for so long, the next pause is a first one again. */
const CALM_MS = 60_000;
/** How long the others are told that it closed: longer than any word of its opening lasts. */
const CLOSED_MS = 120_000;
/** Step of a low-discrepancy sequence: any share of milliseconds, evenly spread (the golden ratio). */
const GOLDEN = 0.618_033_988_749_895;

export interface CircuitDeps {
  clock: Clock;
  /** 0 <= x < 1: spreads pauses, so that workers do not all ask at once. */
  random: () => number;
  /** It changed here, and the others should know. */
  changed(change: CircuitChange): void;
}

export class Circuit {
  readonly #deps: CircuitDeps;
  readonly #config: BreakerConfig;
  readonly #breaker: Breaker;
  /** Wall ms of the opening that holds, or was the last. */
  #at = 0;
  /** Monotonic ms: when it opened; until when nobody asks, while open; from when all calls may come, while closed. */
  #since = 0;
  #until = 0;
  #warmAt = 0;

  constructor(config: BreakerConfig, deps: CircuitDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#breaker = new Breaker(deps.clock, {
      openAt: config.failures,
      firstPauseMs: config.openMs,
      maxPauseMs: config.maxOpenMs,
      calmMs: CALM_MS,
      forgiven: 1,
      memoryMs: MEMORY_MS,
      trusted: true,
    });
  }

  get state(): CircuitState {
    const { state } = this.#breaker;
    return state === 'probing' ? 'half-open' : state;
  }

  /** ms since 1970 when it opened last. */
  get openedAt(): number {
    return this.#at;
  }

  /** Nothing is known of it that would be missed. */
  get spotless(): boolean {
    return this.#breaker.spotless && this.#deps.clock.now() >= this.#warmAt;
  }

  /** ms until a call may be sent there; 0 = now. While it warms up 1 for all but a growing part of calls. */
  leftMs(now: number): number {
    if (!this.#breaker.closed) return Math.max(0, this.#until - now);
    if (now >= this.#warmAt) return 0;
    const { slowStartMs } = this.#config;
    const share = Math.max(FIRST_SHARE, 1 - (this.#warmAt - now) / slowStartMs);
    return (Math.floor(now) * GOLDEN) % 1 < share ? 0 : 1;
  }

  /** A call goes there: the probe, if one is due. */
  arrived(now: number): void {
    if (this.#breaker.closed || now < this.#until) return;
    this.#breaker.beginProbe();
    this.#until = now + PROBE_MS;
    this.#tell('half-open', PROBE_MS);
  }

  /** The probe, if there is one, was given up before anything was known: the next call may find out. */
  released(now: number): void {
    if (this.#breaker.state === 'probing') this.#until = now;
  }

  /** A call failed there by the provider's fault. */
  failed(): void {
    if (this.#breaker.state === 'probing') this.#breaker.probeFailed();
    // Calls of before, and those with nowhere else to go: no news.
    else if (!this.#breaker.closed || !this.#breaker.failure()) return;
    const now = this.#deps.clock.now();
    const pauseMs = this.#breaker.pauseMs * (0.8 + 0.4 * this.#deps.random());
    this.#at = Math.max(this.#deps.clock.wall(), this.#at + 1);
    this.#since = now;
    this.#until = now + pauseMs;
    this.#tell('open', pauseMs);
  }

  /** A call that was sent at `sentAt` (monotonic ms) was answered, also if by a refusal. */
  served(sentAt: number): void {
    if (this.#breaker.closed) this.#breaker.success();
    else if (sentAt >= this.#since) {
      this.#close();
      this.#tell('closed', CLOSED_MS);
    }
  }

  /** What another worker or node found out. @returns whether it changed anything here. */
  learn({ state, at, forMs }: CircuitChange): boolean {
    if (at < this.#at) return false;
    const now = this.#deps.clock.now();
    if (state === 'closed') {
      if (this.#breaker.closed) {
        // Its opening may still come, behind it.
        this.#at = at;
        return false;
      }
      this.#at = at;
      this.#close();
      return true;
    }
    if (at === this.#at) {
      // The same opening: closed since, or told for longer.
      if (this.#breaker.closed) return false;
      this.#until = Math.max(this.#until, now + forMs);
      return false;
    }
    const opened = this.#breaker.trip();
    this.#at = at;
    if (opened) this.#since = now;
    this.#until = now + Math.min(forMs, PROBE_MS + this.#config.maxOpenMs);
    return opened;
  }

  #close(): void {
    this.#breaker.probeAnswered();
    this.#warmAt = this.#deps.clock.now() + this.#config.slowStartMs;
  }

  #tell(state: CircuitState, forMs: number): void {
    this.#deps.changed({ state, at: this.#at, forMs: state === 'closed' ? forMs : forMs + OTHERS_MS });
  }
}
