// What the store of Responses needs from outside: a Redis that all workers share, and the other workers of this machine.

/** Turns in a Redis. Nothing here rejects. */
export interface SharedTurns {
  /** False: it cannot be asked now. */
  readonly ready: boolean;
  /** @returns whether Redis has it. */
  put(owner: string, id: string, text: string, ttlMs: number): Promise<boolean>;
  /** In the order of `ids`; null as a whole: it could not be asked. */
  many(owner: string, ids: readonly string[]): Promise<(string | null)[] | null>;
  /** @returns whether it was there; null: it could not be asked. */
  drop(owner: string, id: string): Promise<boolean | null>;
}

/**
 * What other workers are asked: a turn's text, to forget it, or to stop the response that runs there; `newest` is every text
 * that any of them has under the one id, in no order. `chat`: what is new of a conversation of the chat socket.
 */
export type SiblingWish = 'read' | 'newest' | 'drop' | 'stop' | 'chat';

/** The other workers of this machine. */
export interface Siblings {
  /** In the order of `ids`: null where nobody has it or did it, or where nobody answered in time. Never rejects. */
  ask(wish: SiblingWish, owner: string, ids: readonly string[]): Promise<(string | null)[]>;
}
