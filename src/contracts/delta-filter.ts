// What stands between decoder and encoder where an answer's meaning is looked at or changed: guardrails, restored data.
import type { Delta } from './chat.ts';
import type { GatewayError } from './errors.ts';

/** Takes the deltas that go on. */
export type DeltaOut = (delta: Delta) => void;

/** One per answer. A text may come in any number of deltas, cut anywhere. */
export interface DeltaFilter {
  /**
   * Puts what goes on: the delta, others, or nothing yet. What is held back of a block must go before its `close`.
   * @throws GatewayError to end the answer.
   */
  take(delta: Delta, out: DeltaOut): void;
  /** The answer is complete: what is left goes now. The `end` delta itself is not taken; it follows. */
  end(out: DeltaOut): void;
}

/**
 * A filter that takes its time: what goes on comes later, in order, and nothing of an answer overtakes what waits. One per
 * answer, next to the decoder; the `end` delta is its own as well.
 */
export interface DeltaQueue {
  push(deltas: readonly Delta[]): void;
  /** Characters that wait. */
  readonly heldChars: number;
  /** Nobody wants what is left. */
  close(): void;
}

/**
 * @param out takes what goes on, perhaps already within `push`.
 * @param news called behind what was put later than `push`; with why nothing more comes, where that is so. Never within `push`.
 */
export type CreateDeltaQueue = (out: DeltaOut, news: (failure: GatewayError | null) => void) => DeltaQueue;
