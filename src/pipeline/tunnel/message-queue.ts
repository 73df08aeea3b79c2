// Messages that wait for their receiver, bounded in number and bytes.
import type { SocketMessage } from '../../contracts/tunnel.ts';

export class MessageQueue {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #waiting: SocketMessage[] = [];
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** @returns false: there is no room. */
  push(message: SocketMessage): boolean {
    if (this.#waiting.length >= this.#maxMessages || this.#bytes + message.length > this.#maxBytes)
      return false;
    this.#waiting.push(message);
    this.#bytes += message.length;
    return true;
  }

  /** The oldest; null = there is none. */
  shift(): SocketMessage | null {
    const message = this.#waiting.shift();
    if (message === undefined) return null;
    this.#bytes -= message.length;
    return message;
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#bytes = 0;
  }
}
