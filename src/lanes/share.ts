// One number of a lane (run slots or waiting places): what this worker holds of the gateway-wide total, and asking the
// primary for more. At most one question is out; after a refusal there is a pause, so that overload asks no one.
//
//   settled ── ask ──► asked ── answer > 0 ──► settled
//      ▲                 │ answer 0, or none in time
//      └── pause over ── refused
import type { ShareBroker } from '../contracts/lane.ts';
import type { Clock } from '../contracts/ports.ts';

/** First pause after a refusal; doubled by each further one. Short: another worker may be idle in a moment. */
const PAUSE_MS = 5;
const MAX_PAUSE_MS = 100;
/**
 * The primary answers within 50 ms, where it must wait for a worker that keeps silent within 2.5 s. On a busy machine it may itself
 * stand still for a while: nobody is turned away for that, unless calls of this lane may not wait for as long.
 */
const ANSWER_WITHIN_MS = { least: 250, most: 3_000 } as const;

export interface ShareDeps {
  clock: Clock;
  broker: ShareBroker;
}

export class Share {
  readonly #deps: ShareDeps;
  readonly #lane: string;
  readonly #kind: 'run' | 'wait';
  #askedAt: number | null = null;
  #late = false;
  #refusals = 0;
  #pauseUntil = 0;
  /** Held by this worker. */
  held: number;
  /** Of the whole gateway. */
  total: number;

  constructor(lane: string, kind: 'run' | 'wait', held: number, total: number, deps: ShareDeps) {
    this.#deps = deps;
    this.#lane = lane;
    this.#kind = kind;
    this.held = held;
    this.total = total;
  }

  /**
   * Asks for `count` more unless a question is out. False: there is nothing to wait for, because this worker holds all
   * of it already or was refused a moment ago. The answer may come before this returns.
   */
  ask(count: number): boolean {
    if (this.held >= this.total) return false;
    if (this.#askedAt !== null) return true;
    const now = this.#deps.clock.now();
    if (now < this.#pauseUntil) return false;
    this.#askedAt = now;
    this.#late = false;
    this.#deps.broker.want(this.#lane, this.#kind, Math.min(count, this.total - this.held));
    return true;
  }

  /** The primary's word, asked for or not. */
  granted(count: number): void {
    this.#askedAt = null;
    if (count > 0) {
      this.held += count;
      this.#refusals = 0;
      this.#pauseUntil = 0;
    } else {
      this.#pauseUntil = this.#deps.clock.now() + Math.min(PAUSE_MS * 2 ** this.#refusals, MAX_PAUSE_MS);
      this.#refusals = Math.min(this.#refusals + 1, 8);
    }
  }

  /**
   * True when a question has been out for too long, or nobody is there any more to answer it. Not at the first look: when it was this
   * worker that stood still, the answer is there and read only behind it.
   * @param patienceMs that of its calls
   */
  overdue(now: number, patienceMs: number): boolean {
    if (this.#askedAt === null) return false;
    const { least, most } = ANSWER_WITHIN_MS;
    const withinMs = Math.min(most, Math.max(least, patienceMs));
    if (now - this.#askedAt < withinMs && !this.#deps.broker.gone) return false;
    const again = this.#late;
    this.#late = true;
    return again;
  }

  /** Gives up at most `count` of what is not in use. */
  yield(inUse: number, count: number): number {
    const given = Math.max(0, Math.min(this.held - inUse, count));
    this.held -= given;
    return given;
  }
}
