// Who waits for a slot of a lane, or has one.
import type { LaneSeat, LaneWaiter } from '../contracts/lane.ts';
import type { QueueNode } from './seat-queue.ts';

/** The lane it is in. */
export interface SeatHost {
  /** Called by the seat, once. */
  leave(seat: Seat, now?: number): void;
  /** Called by the seat while it runs, once. */
  answered(seat: Seat, model: string, busy: boolean): void;
}

const NORMAL = 1;

/** One in the lane, from the moment it asks for a place to the moment it gives it back. */
export class Seat implements LaneSeat, QueueNode<Seat> {
  readonly #lane: SeatHost;
  readonly waiter: LaneWaiter;
  /** Of its class: 0 is the highest. */
  readonly rank: number;
  state: 'asking' | 'queued' | 'running' | 'gone' = 'asking';
  /** When it came, later when it got its slot. */
  since: number;
  /** Bits: what the primary would not give for it. */
  refused = 0;
  asked = false;
  /** Its answer has begun. */
  answered = false;
  prev: Seat | null = null;
  next: Seat | null = null;

  constructor(lane: SeatHost, waiter: LaneWaiter, now: number) {
    this.#lane = lane;
    this.waiter = waiter;
    this.rank = waiter.rank ?? NORMAL;
    this.since = now;
  }

  began(model: string, busy: boolean): void {
    if (this.answered || this.state !== 'running') return;
    this.answered = true;
    this.#lane.answered(this, model, busy);
  }

  leave(now?: number): void {
    if (this.state !== 'gone') this.#lane.leave(this, now);
  }
}
