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
  /**
   * Whether a text delta may go on as it is, at once and with nothing held before or behind it; it counts as taken then.
   * @param event what it came in, which goes on with it; null = its like did before. Absent = each is to be taken.
   */
  lets?(index: number, text: string, event: string | null): boolean;
  /** Who hears of it knows one answer of a call: of two that race for one it is shown the first alone. Absent = each has its own. */
  readonly alone?: true;
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
