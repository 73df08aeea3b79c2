// A call that makes an answer others may take. One object for all that look at it, and none beside it until a second client comes: where
// a cache is on, each miss makes one.
import type { Call } from '../../contracts/call.ts';
import type { Sharing } from '../../contracts/shared-answer.ts';
import { FanOut, type FanOutOwner } from './fan-out.ts';

export interface Wish {
  /** Of the answer, over all that may share it. */
  name: string;
  /** Of the request: another one of the same name is refused. */
  print: string;
  /** An answer of at most so many bytes is shared from its beginning, and kept. */
  maxBytes: number;
  /** How long a good answer is given again; 0 = only while it is under way. */
  ttlMs: number;
  /** Whether others than this worker may make it. */
  claimed: boolean;
}

/** Who is told what becomes of an answer under way. */
export interface Makers {
  over(making: Making): void;
  /** Its client has left, and it goes on. */
  orphaned(call: Call): void;
  abandon(call: Call): void;
}

export class Making implements FanOutOwner, Sharing {
  readonly call: Call;
  readonly wish: Wish;
  /** Others wait for what comes of it. */
  readonly claimed: boolean;
  readonly answer: FanOut;
  readonly maxBytes: number;
  /** Another one that is under way: of the list of them alone (makings.ts). */
  next: Making | null = null;
  readonly keep: boolean;
  readonly #makers: Makers;
  /** A call may make one under two names. */
  readonly #earlier: Sharing | null;

  constructor(call: Call, wish: Wish, claimed: boolean, makers: Makers) {
    this.call = call;
    this.wish = wish;
    this.claimed = claimed;
    this.maxBytes = wish.maxBytes;
    this.keep = wish.ttlMs > 0;
    this.#makers = makers;
    this.#earlier = call.sharing;
    this.answer = new FanOut(call.sink, this);
  }

  ended(): void {
    this.#makers.over(this);
  }

  abandoned(): void {
    this.#makers.abandon(this.call);
  }

  goesOn(): boolean {
    if (this.answer.closed) return false;
    this.#makers.orphaned(this.call);
    return true;
  }

  settled(): void {
    this.#earlier?.settled();
    this.#makers.over(this);
  }
}
