// An answer to what came as one message, on a WebSocket or by gRPC: what it has of an exchange, and what it has not. The body came whole,
// and a refusal is an answer like any other.
import type { Call, Peer } from '../../contracts/call.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import type { Exchange } from './exchange.ts';

export abstract class MessageAnswer implements Exchange {
  abstract committed: boolean;
  abstract bytesOut: number;
  /** Nothing more is taken from the pipeline. */
  closed = false;
  /** What became of the call is told behind its last byte: so nothing waits for the client to take that. */
  readonly ending = false;
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

  setBaseHeaders(_id: string, _more: HeaderList): void {}
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
