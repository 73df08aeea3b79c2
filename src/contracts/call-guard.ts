// What guardrails are to a call once they looked at its request: what its answer has to go through.
import type { DeltaFilter } from './delta-filter.ts';
import type { GatewayError } from './errors.ts';
import type { SessionGuard } from './session-guard.ts';
import type { Sink } from './sink.ts';

export interface CallGuard {
  /** Of the rules: an answer that was let go on under others says nothing of what these would. */
  readonly print: string;
  /** Text that its client has, as providers may see it: with placeholders again where values of the request were put in. */
  conceal(text: string): string;
  /** The same of bytes, for whoever keeps them; gives `bytes` back where there is nothing to put in its place. */
  concealBytes(bytes: Buffer): Buffer;
  /** Makes the filter of an answer that begins; null = its deltas are nobody's here. */
  readonly filter: (() => DeltaFilter) | null;
  /**
   * Somebody else is asked about the answer, or it may be made anew: what is written to the sink that it stands around is not yet what
   * clients may get.
   */
  readonly judged: boolean;
  /** Why its client does not get the answer; null = it does. */
  readonly refusal: GatewayError | null;
  /** What its client got in the place of the answer; 0 = no refusal of its own: the answer ended as its dialect has it. */
  readonly refusedWith: number;
  /** What looks at messages, both ways, where that is what is said; null = the answer is an answer. */
  readonly session: SessionGuard | null;
  /** What the answer is written to, so that `sink` gets what may go on. */
  around(sink: Sink): Sink;
}
