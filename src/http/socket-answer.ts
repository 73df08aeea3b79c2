// What an answer on a WebSocket has of an exchange, and what it has not: a message has neither a head of its own nor a body that could
// be awaited, and the socket looks after its slow readers itself.
import type { Call, Peer } from '../contracts/call.ts';
import type { HeaderList } from '../contracts/sink.ts';
import type { Exchange } from './exchange.ts';

export abstract class SocketAnswer implements Exchange {
  abstract committed: boolean;
  closed = false;
  readonly ending = false;
  bytesOut = 0;
  onDrain: (() => void) | null = null;
  onTaken: (() => void) | null = null;
  onGone: (() => void) | null = null;
  slot = -1;
  closeAfter = false;
  clientCloses = false;
  headless = false;
  call: Call | null = null;
  bodyBy = 0;
  readonly #peer: Peer;

  /** @param peer of the connection, as it was when it was opened. */
  constructor(peer: Peer) {
    this.#peer = peer;
  }

  abstract reply(status: number, headers: HeaderList, body: Buffer | string): void;
  abstract start(status: number, headers: HeaderList): void;
  abstract chunk(bytes: Buffer | string): boolean;
  abstract end(): void;
  abstract cut(): void;

  socketAddress(): string {
    return this.#peer.socketAddress();
  }

  proxiedAddress(): string {
    return this.#peer.proxiedAddress();
  }

  setBaseHeaders(): void {}
  readBody(): void {}
  openBody(): never {
    throw new Error('a message came whole');
  }
  replyEmpty(status: number, headers: HeaderList): void {
    this.reply(status, headers, '');
  }
  refuseHead(status: number, headers: HeaderList, body: string): void {
    this.reply(status, headers, body);
  }
  refuseAndLinger(status: number, headers: HeaderList, body: string): void {
    this.reply(status, headers, body);
  }
  tend(_now: number): number {
    return 0;
  }
}
