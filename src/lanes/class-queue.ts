// Who waits, for a slot of a lane or for the core, by class: high, normal, low, batch. A class that waits is served by its weight (8, 4, 2, 1), so that the
// lowest gets on too, and a class is served in order of arrival. Stride scheduling (Waldspurger and Weihl 1995):
//
//   each class has a pass; the least pass is served and grows by its stride (1, 2, 4, 8); who comes back does not catch up
import { type QueueNode, SeatQueue } from './seat-queue.ts';

const STRIDES = [1, 2, 4, 8] as const;

/** Who waits in it. */
export interface Ranked<T> extends QueueNode<T> {
  /** Of its class: 0 is the highest. */
  readonly rank: number;
  /** Since when it waits, ms. */
  readonly since: number;
}

export class ClassQueue<T extends Ranked<T>> {
  readonly #queues = STRIDES.map(() => new SeatQueue<T>());
  readonly #passes = STRIDES.map(() => 0);
  /** Pass of what was served last. */
  #pass = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(seat: T): void {
    const queue = this.#queues[seat.rank]!;
    if (queue.size === 0) this.#passes[seat.rank] = Math.max(this.#passes[seat.rank]!, this.#pass);
    queue.push(seat);
    this.#size++;
  }

  shift(): T | null {
    if (this.#size === 0) return null;
    let next = -1;
    for (let rank = 0; rank < STRIDES.length; rank++)
      if (this.#queues[rank]!.size > 0 && (next < 0 || this.#passes[rank]! < this.#passes[next]!))
        next = rank;
    this.#pass = this.#passes[next]!;
    this.#passes[next]! += STRIDES[next]!;
    this.#size--;
    return this.#queues[next]!.shift();
  }

  /** `seat` must be in this queue. */
  remove(seat: T): void {
    this.#queues[seat.rank]!.remove(seat);
    this.#size--;
  }

  /** One that waits since `oldest` (ms) or longer; null = none does. */
  overdue(oldest: number): T | null {
    for (const { head } of this.#queues) if (head !== null && head.since <= oldest) return head;
    return null;
  }

  /** Who came last of the lowest class below `rank`: the first to go for the sake of a higher one. */
  lowestBelow(rank: number): T | null {
    for (let lower = STRIDES.length - 1; lower > rank; lower--) {
      const { tail } = this.#queues[lower]!;
      if (tail !== null) return tail;
    }
    return null;
  }
}
