// What waits on its way to the client, in order, as long as somebody has yet to judge what came before it. Bounded: a provider that
// says more than is held has said what nobody looks at.
import type { SocketMessage } from '../../../contracts/tunnel.ts';
import { MessageQueue } from '../../tunnel/message-queue.ts';

const MAX_MESSAGES = 8_192;
/** About three minutes of sound. */
const MAX_BYTES = 16 * 1024 * 1024;

export class HeldMessages {
  readonly #tell: (message: SocketMessage) => void;
  readonly #full: () => boolean;
  readonly #queue = new MessageQueue(MAX_MESSAGES, MAX_BYTES);
  /** What is waited for. */
  readonly #reasons = new Set<string>();

  /** @param full there is no more room. @returns whether what waits goes on all the same; else it is never told. */
  constructor(tell: (message: SocketMessage) => void, full: () => boolean) {
    this.#tell = tell;
    this.#full = full;
  }

  get waits(): boolean {
    return this.#reasons.size > 0;
  }

  has(reason: string): boolean {
    return this.#reasons.has(reason);
  }

  wait(reason: string): void {
    this.#reasons.add(reason);
  }

  /** @returns false: it was not waited for. */
  judged(reason: string): boolean {
    if (!this.#reasons.delete(reason)) return false;
    this.#flow();
    return true;
  }

  put(message: SocketMessage): void {
    if (!this.waits && this.#queue.empty) this.#tell(message);
    else if (!this.#queue.push(message)) {
      const goesOn = this.#full();
      this.#reasons.clear();
      if (!goesOn) {
        this.drop();
        return;
      }
      this.#flow();
      this.#tell(message);
    }
  }

  /** What waits is not told. */
  drop(): void {
    this.#queue.clear();
    this.#reasons.clear();
  }

  #flow(): void {
    while (!this.waits) {
      const message = this.#queue.shift();
      if (message === null) return;
      this.#tell(message);
    }
  }
}
