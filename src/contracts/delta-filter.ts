// What stands between decoder and encoder where an answer's meaning is looked at or changed: guardrails, restored data.
import type { Delta } from './chat.ts';

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
