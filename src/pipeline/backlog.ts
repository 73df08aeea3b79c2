// Calls that were read while a worker has more to do than one turn of its loop is to take: they wait here, and are begun by class as in the
// queue of a lane, and not unread in the kernel's sockets, where nobody can be told to come again later. Who would wait too long is refused as its head is read.
//
//   a turn younger than 5 ms ──► run at once
//   an older one ──► waits ──► run for 4 ms behind the poll of each turn, and within a poll behind each 6 ms of it
//
// Within it, since clients that come again at once, refused or not, can make one poll endless: two fifths of the core stay for what was taken.

import type { Call } from '../contracts/call.ts';
import { PRIORITIES } from '../contracts/holder.ts';
import { rankOf } from './overrides.ts';
import { MOST_OF_PAUSE_MS, StandingWait } from './standing-wait.ts';

/** A turn of the loop that is older begins nothing more. */
const TURN_MS = 5;
/** So long what waits is run, and so long heads are read before it is again: one is answered within about 10 ms. */
const SLICE_MS = 4;
const POLL_MS = 6;
/** So many waited before anybody is refused: the first ones of a process take ten times as long as those behind them, V8 has yet to compile. */
const COLD_CALLS = 500;
/** Who has waited so many times what is allowed gets a place in so many, whatever its class: it was not refused, and is to end. */
const OVERDUE = 2;
const OVERDUE_EVERY = 4;
/** A burst may be of any size while so little is known of what a call takes. */
const UNSURE_MS = 400;
/** The time that a call takes is forgotten with this constant, also while nothing waits. */
const MEMORY_MS = 1_000;
/** Bodies of waiting calls; beyond it the next is run where another comes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** By the rank of the highest class that is refused. */
const LEVELS = [3, 2, 1, 1] as const;

export interface BacklogDeps {
  /** ms. */
  now(): number;
  run(call: Call): void;
  /** Calls it behind the poll of this turn (`setImmediate`). */
  later(then: () => void): void;
  /** One that waited is run. */
  waited(ms: number): void;
  /** Where they wait, empty: says who is next. */
  queue: WaitQueue;
}

/** One that waits. */
export interface Waiting {
  readonly call: Call;
  /** Of its class: 0 is the highest. */
  readonly rank: number;
  readonly since: number;
  readonly bytes: number;
  prev: Waiting | null;
  next: Waiting | null;
}

/** A class is served in order of arrival, and each gets on while others wait. */
export interface WaitQueue {
  readonly size: number;
  push(one: Waiting): void;
  shift(): Waiting | null;
  /** One that waits since `oldest` (ms) or longer; null = none does. */
  overdue(oldest: number): Waiting | null;
  remove(one: Waiting): void;
}

export class Backlog {
  readonly #deps: BacklogDeps;
  #maxWaitMs = 0;
  #bytes = 0;
  #places = 0;
  /** A slice comes behind this poll. When that began, and how long the last one took. */
  #armed = false;
  #turnAt = 0;
  #pollMs = 0;
  /** Of the last turns with a backlog, faded: time and calls run; when that was. */
  #spentMs = 0;
  #ran = 0;
  #learnedAt = 0;
  readonly #wait = new StandingWait();
  /** Calls that ever waited and were run, up to what nobody is refused before. */
  #known = 0;
  readonly #behindPoll = (): void => {
    this.#armed = false;
    const now = this.#deps.now();
    if (this.size > 0) this.#runSlice(now);
    else {
      this.#turnAt = now;
      // All of it may have been run outside a slice.
      this.#wait.end();
    }
    if (this.size > 0) this.#arm();
  };

  constructor(deps: BacklogDeps) {
    this.#deps = deps;
  }

  /** @param maxWaitMs what a call may wait; 0 = none ever waits. */
  follow(maxWaitMs: number): void {
    this.#maxWaitMs = maxWaitMs;
    this.#wait.follow(maxWaitMs);
  }

  /** Calls are refused that would wait longer than allowed. */
  get standing(): boolean {
    return this.#wait.standing && this.#known >= COLD_CALLS;
  }

  get size(): number {
    return this.#deps.queue.size;
  }

  /** What a call that comes now would wait, ms. */
  get waitMs(): number {
    return this.size === 0 ? 0 : this.#pollMs + this.size * (this.#spentMs / Math.max(1, this.#ran));
  }

  /** 0 nothing is refused, 1 of the classes low and batch, 2 of normal too, 3 of all. */
  get level(): number {
    const rank = PRIORITIES.findIndex((_, at) => this.refuses(at));
    return rank === -1 ? 0 : LEVELS[rank]!;
  }

  /** Whether a call of this rank would wait too long. */
  refuses(rank: number): boolean {
    if (this.size === 0 || this.#known < COLD_CALLS) return false;
    return (this.standing || this.#spentMs >= UNSURE_MS) && this.#wait.refuses(rank, this.waitMs);
  }

  /** A head was read while calls wait. @param now ms. */
  tick(now: number): void {
    if (now - this.#turnAt >= POLL_MS && this.size > 0) this.#runSlice(now);
  }

  /** @returns false: it is to be run at once. True: it waits here and will be run. */
  takes(call: Call): boolean {
    if (this.size === 0) {
      if (this.#maxWaitMs === 0) return false;
      const age = this.#deps.now() - this.#turnAt;
      if (!this.#armed && age >= TURN_MS) {
        this.#turnAt += age;
        this.#arm();
        return false;
      }
      if (age < TURN_MS) return false;
    }
    const now = this.#deps.now();
    const bytes = call.body?.length ?? 0;
    this.#deps.queue.push({ call, rank: rankOf(call), since: now, bytes, prev: null, next: null });
    this.#bytes += bytes;
    while (this.#bytes > MAX_BYTES) this.#runNext(now);
    return true;
  }

  #arm(): void {
    this.#armed = true;
    this.#deps.later(this.#behindPoll);
  }

  #runSlice(began: number): void {
    this.#pollMs = Math.min(began - this.#turnAt, MOST_OF_PAUSE_MS);
    const until = began + SLICE_MS;
    let ran = 0;
    let now = began;
    while (this.size > 0 && now < until) {
      if (this.#runNext(now)) ran++;
      now = this.#deps.now();
    }
    this.#learn(now, ran);
    this.#turnAt = now;
  }

  /** @returns whether somebody still waited for it. */
  #runNext(now: number): boolean {
    const { call, since, bytes } = this.#next(now);
    this.#bytes -= bytes;
    if (call.settled) return false;
    this.#deps.waited(now - since);
    this.#deps.run(call);
    return true;
  }

  #next(now: number): Waiting {
    const { queue } = this.#deps;
    const place = ++this.#places % OVERDUE_EVERY;
    const overdue = place > 0 ? null : queue.overdue(now - OVERDUE * this.#maxWaitMs);
    if (overdue === null) return queue.shift()!;
    queue.remove(overdue);
    return overdue;
  }

  /** @param now end of the slice. */
  #learn(now: number, ran: number): void {
    const turnMs = Math.min(now - this.#turnAt, MOST_OF_PAUSE_MS);
    const kept = Math.exp((this.#learnedAt - now) / MEMORY_MS);
    this.#learnedAt = now;
    this.#spentMs = this.#spentMs * kept + turnMs;
    this.#ran = this.#ran * kept + ran;
    if (this.#known < COLD_CALLS) this.#known += ran;
    this.#wait.note(this.waitMs, turnMs);
  }
}
