// Messages that wait for their receiver, bounded in number and bytes.
import type { SocketMessage } from '../../contracts/tunnel.ts';

const MAX_MESSAGES = 1_024;
const MAX_BYTES = 8 * 1024 * 1024;

export class MessageQueue {
  readonly #waiting: SocketMessage[] = [];
  #bytes = 0;

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** @returns false: there is no room. */
  push(message: SocketMessage): boolean {
    if (this.#waiting.length >= MAX_MESSAGES || this.#bytes + message.length > MAX_BYTES) return false;
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
