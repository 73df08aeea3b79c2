// The port to who makes an answer that several ask for: over workers by way of the primary, over nodes by Redis.

/** What became of a claim. */
export type Claimed =
  /** Nobody makes it: who claimed does, and settles it. */
  | { readonly kind: 'mine' }
  /** The name stands for another request. */
  | { readonly kind: 'other' }
  /** Somebody made it. */
  | {
      readonly kind: 'made';
      readonly answer: Uint8Array;
      /** Monotonic ms of this process, and rather too early, where it was made for those that wait alone: who began later is none of them. */
      readonly madeAt?: number;
    }
  /** Nobody could be asked: who claimed makes it, and there is nothing to settle. */
  | { readonly kind: 'unknown' };

/** What came of a claim. */
export interface Made {
  readonly answer: Buffer;
  /** How long it is given again; 0 = to those that wait alone. */
  readonly ttlMs: number;
  /** Monotonic ms before a client had the last of it: it may ask again at once, long before others hear that this one is over. */
  readonly madeAt: number;
}

export interface Claims {
  /**
   * Who makes the answer of this name? While somebody does, it resolves with what came of that.
   * @param print of the request: a name has one.
   * @param since monotonic ms, when the asking call began, where an answer is for those alone that wait for it: one that was made
   *   before is none, and so is one that was begun before a purge that the call began after. Null: what was made is given again.
   */
  claim(name: string, print: string, since: number | null): Promise<Claimed>;
  /** @param made null = nothing came of it, so that who waits makes it. */
  settle(name: string, made: Made | null): void;
  /** Kept answers were purged: who begins from now on waits for nothing that was begun before. Never rejects. */
  purged(): Promise<void>;
}
