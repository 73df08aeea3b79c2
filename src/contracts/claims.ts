// The port to who makes an answer that several ask for: over workers by way of the primary, over nodes by Redis.

/** What became of a claim. */
export type Claimed =
  /** Nobody makes it: who claimed does, and settles it. */
  | { readonly kind: 'mine' }
  /** The name stands for another request. */
  | { readonly kind: 'other' }
  /** Somebody made it. */
  | { readonly kind: 'made'; readonly answer: Uint8Array }
  /** Nobody could be asked: who claimed makes it, and there is nothing to settle. */
  | { readonly kind: 'unknown' };

export interface Claims {
  /**
   * Who makes the answer of this name? While somebody does, it resolves with what came of that.
   * @param print of the request: a name has one.
   */
  claim(name: string, print: string): Promise<Claimed>;
  /** What came of it: kept for `ttlMs`, 0 = for those that wait alone; null = nothing, so that who waits makes it. */
  settle(name: string, answer: Buffer | null, ttlMs: number): void;
}
