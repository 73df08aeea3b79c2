// The client's end of a tunnel: to the pipeline the sink of a session, which says errors as messages of its protocol.
import type { Call, Peer } from '../contracts/call.ts';
import type { HeaderList } from '../contracts/sink.ts';
import type { SocketMessage, TunnelPeer, TunnelSink } from '../contracts/tunnel.ts';
import type { Exchange, SocketSession, SocketWire } from './exchange.ts';
import { errorFrame } from './socket-turn.ts';

/** What it needs of the server. */
export interface TunnelHost {
  /** The first message came: the session begins. */
  begin(first: SocketMessage): void;
  /** It is over, however it ended. */
  over(): void;
}

/** What may come before anybody listens. */
const MAX_EARLY = 64;
const MAX_EARLY_BYTES = 8 * 1024 * 1024;
/** Of RFC 6455, 7.4.1: what the caller did wrong, what may go well later, what broke. */
const [NORMAL, GOING_AWAY, POLICY, BROKEN, LATER] = [1000, 1001, 1008, 1011, 1013] as const;
/** A reason is at most so long, in bytes. */
const MAX_REASON_BYTES = 123;

export class TunnelEnd implements Exchange, TunnelSink, SocketSession {
  readonly protocols: readonly string[];
  readonly #wire: SocketWire;
  readonly #peerAddress: Peer;
  readonly #host: TunnelHost;
  #peer: TunnelPeer | null = null;
  #early: SocketMessage[] = [];
  #earlyBytes = 0;
  #begun: boolean;
  #leaving = false;

  committed = true;
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

  /** @param waits for the client's first message before the session begins. */
  constructor(wire: SocketWire, peer: Peer, host: TunnelHost, protocols: readonly string[], waits: boolean) {
    this.#wire = wire;
    this.#peerAddress = peer;
    this.#host = host;
    this.#begun = !waits;
    this.protocols = protocols;
  }

  socketAddress(): string {
    return this.#peerAddress.socketAddress();
  }

  proxiedAddress(): string {
    return this.#peerAddress.proxiedAddress();
  }

  // -- SocketSession

  message(text: string): void {
    this.#came(text);
  }

  binary(bytes: Buffer): void {
    this.#came(bytes);
  }

  drained(): void {
    this.#peer?.drained();
  }

  gone(): void {
    if (this.closed) return;
    const { onGone } = this;
    const peer = this.#peer;
    this.#over();
    // Whoever is joined ends the session; else it never came about.
    if (peer !== null) peer.left();
    else onGone?.();
  }

  // -- TunnelSink

  attach(peer: TunnelPeer): void {
    this.#peer = peer;
    const early = this.#early;
    this.#early = [];
    for (const message of early) peer.message(message);
    if (this.#leaving) peer.leave();
  }

  send(message: SocketMessage): boolean {
    if (this.closed) return true;
    this.bytesOut += message.length;
    return this.#wire.send(message);
  }

  sayError(status: number, body: string): void {
    if (!this.closed) this.#wire.send(errorFrame(status, [], body));
  }

  close(code: number, reason: string): void {
    if (this.closed) return;
    this.#over();
    this.#wire.close(code, Buffer.from(reason).subarray(0, MAX_REASON_BYTES).toString('utf8'));
  }

  /** The gateway goes. */
  leave(): void {
    this.#leaving = true;
    if (this.#peer !== null) this.#peer.leave();
    else if (!this.#begun) this.close(GOING_AWAY, 'the gateway is shutting down');
  }

  // -- Exchange

  /** An error: nothing else is answered whole. */
  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    if (this.closed) return;
    this.#wire.send(errorFrame(status, headers, body.toString()));
    this.close(status === 429 || status === 503 ? LATER : status < 500 ? POLICY : BROKEN, `status ${status}`);
  }

  cut(): void {
    this.close(BROKEN, 'cut');
  }

  end(): void {
    this.close(NORMAL, '');
  }

  // A session has neither a head nor a body, and its socket looks after its slow readers itself.
  start(): void {}
  chunk(): boolean {
    return true;
  }
  setBaseHeaders(): void {}
  readBody(): void {}
  openBody(): never {
    throw new Error('a session has no body');
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
  tend(): number {
    return 0;
  }

  #came(message: SocketMessage): void {
    if (this.closed) return;
    if (this.#peer !== null) {
      this.#peer.message(message);
      return;
    }
    this.#earlyBytes += message.length;
    if (this.#early.length >= MAX_EARLY || this.#earlyBytes > MAX_EARLY_BYTES) {
      this.close(POLICY, 'too many messages before the session stands');
      return;
    }
    this.#early.push(message);
    if (this.#begun) return;
    this.#begun = true;
    this.#host.begin(message);
  }

  #over(): void {
    this.closed = true;
    this.#peer = null;
    this.#early = [];
    this.#host.over();
  }
}
