// The client's end of a tunnel: to the pipeline the sink of a session, which says errors as messages of its protocol.
import type { Peer } from '../../contracts/call.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import type { SocketMessage, TunnelPeer, TunnelSink } from '../../contracts/tunnel.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { MessageQueue } from '../../pipeline/tunnel/message-queue.ts';
import type { SessionKind } from '../../pipeline/tunnel/session-kind.ts';
import type { SocketSession, SocketWire } from '../exchange/exchange.ts';
import { MessageAnswer } from '../exchange/message-answer.ts';
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

export class TunnelEnd extends MessageAnswer implements TunnelSink, SocketSession {
  bytesOut = 0;
  readonly protocols: readonly string[];
  readonly #wire: SocketWire;
  readonly #host: TunnelHost;
  #peer: TunnelPeer | null = null;
  readonly #early = new MessageQueue(MAX_EARLY, MAX_EARLY_BYTES);
  #begun: boolean;
  #leaving = false;

  committed = true;

  readonly #saysErrors: boolean;

  /** @param kind what the session speaks: whether it waits for the client's first message, and how it says errors. */
  constructor(
    wire: SocketWire,
    peer: Peer,
    host: TunnelHost,
    protocols: readonly string[],
    { modelInFirst, saysErrors }: Pick<SessionKind, 'modelInFirst' | 'saysErrors'>,
  ) {
    super(peer);
    this.#wire = wire;
    this.#host = host;
    this.#begun = !modelInFirst;
    this.#saysErrors = saysErrors;
    this.protocols = protocols;
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
    for (let message = this.#early.shift(); message !== null; message = this.#early.shift())
      peer.message(message);
    if (this.#leaving) peer.leave();
  }

  send(message: SocketMessage): boolean {
    if (this.closed) return true;
    this.bytesOut += message.length;
    return this.#wire.send(message);
  }

  sayError(status: number, body: string): void {
    if (!this.closed && this.#saysErrors) this.#wire.send(errorFrame(status, [], body));
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
    const text = body.toString();
    if (this.#saysErrors) this.#wire.send(errorFrame(status, headers, text));
    const reason = this.#saysErrors ? `status ${status}` : reasonIn(text, status);
    this.close(status === 429 || status === 503 ? LATER : status < 500 ? POLICY : BROKEN, reason);
  }

  cut(): void {
    this.close(BROKEN, 'cut');
  }

  end(): void {
    this.close(NORMAL, '');
  }

  // Nothing of a session is an answer that is told in parts.
  start(): void {}
  chunk(): boolean {
    return true;
  }

  #came(message: SocketMessage): void {
    if (this.closed) return;
    if (this.#peer !== null) {
      this.#peer.message(message);
      return;
    }
    if (!this.#early.push(message)) {
      this.close(POLICY, 'too many messages before the session stands');
      return;
    }
    if (this.#begun) return;
    this.#begun = true;
    this.#host.begin(message);
  }

  #over(): void {
    this.closed = true;
    this.#peer = null;
    this.#early.clear();
    this.#host.over();
  }
}

/** What an error says, where nothing but the reason of a close can say it. */
function reasonIn(body: string, status: number): string {
  return stringAt(objectAt(parseObject(body) ?? {}, 'error') ?? {}, 'message') ?? `status ${status}`;
}
