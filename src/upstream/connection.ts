// One socket to a provider, carrying one call at a time.
//
//   connecting ──► sent ──► began ──► head ──► idle ──► sent …       any ── error, end, abort, close() ──► dead
//
// `dead` is entered exactly once; the owner hears of it before the call does, so that its place is free by then.
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { UpstreamHeaders } from '../contracts/upstream.ts';
import { type AnswerLimits, type AnswerListener, AnswerParser } from './answer-parser.ts';
import type { Dial, SocketListener } from './dial.ts';
import { type Progress, upstreamFault } from './faults.ts';
import type { Carrier, LeanCall } from './lean-call.ts';
import { WireFault } from './wire-fault.ts';

/** A reaction to it is a microtask at a quarter of what queueMicrotask() costs, which makes an async resource for each. */
const SETTLED = Promise.resolve();

export interface ConnectionOwner {
  /** Its answer has ended and it can carry another call; the owner may begin() one at once. */
  idle(connection: Connection, heldMs: number): void;
  gone(connection: Connection): void;
}

export interface ConnectionOptions {
  dial: Dial;
  limits: AnswerLimits;
  connectTimeoutMs: number;
}

export class Connection implements Carrier, AnswerListener, SocketListener {
  /** Set by the owner: when the idle connection is too old to be used. */
  expiresAt = 0;
  /** For the call it was opened for only. */
  readonly single: boolean;

  readonly #owner: ConnectionOwner;
  readonly #parser: AnswerParser;
  readonly #socket: Socket;
  #connectTimer: NodeJS.Timeout | undefined;
  #call: LeanCall | null;
  #progress: Progress = 'connecting';
  #dead = false;
  /** The call on it has not heard that it was sent. */
  #unsaid = false;
  readonly #saySent = (): void => {
    if (!this.#unsaid) return;
    this.#unsaid = false;
    this.#call?.sent();
  };

  /** Connects, and sends `call` once connected. */
  constructor(owner: ConnectionOwner, call: LeanCall, single: boolean, options: ConnectionOptions) {
    this.#owner = owner;
    this.#call = call;
    this.single = single;
    this.#parser = new AnswerParser(this, options.limits);
    this.#socket = options.dial(this);
    if (options.connectTimeoutMs > 0) {
      this.#connectTimer = setTimeout(
        () => this.close(new WireFault('CONNECT_TIMEOUT', 'not connected in time')),
        options.connectTimeoutMs,
      );
    }
    call.carrier = this;
  }

  get connected(): boolean {
    return this.#progress !== 'connecting';
  }

  get running(): boolean {
    return this.#call !== null && this.connected;
  }

  /** Sends a call over the idle connection; its onSent comes in a microtask. */
  begin(call: LeanCall): void {
    this.#call = call;
    call.carrier = this;
    this.#send(call);
    void SETTLED.then(this.#saySent);
  }

  /** Ends the connection, and the call on it with `fault`. */
  close(fault: unknown): void {
    if (this.#dead) return;
    const call = this.#call;
    const progress = this.#progress;
    this.#die();
    call?.fail(upstreamFault(fault, progress));
  }

  // -- Carrier

  abandon(): void {
    this.#die();
  }

  flow(call: LeanCall): void {
    if (!this.connected) return; // a paused handshake would never end
    if (call.paused) this.#socket.pause();
    else this.#socket.resume();
  }

  // -- SocketListener

  ready(): void {
    if (this.#dead) return;
    clearTimeout(this.#connectTimer);
    this.#connectTimer = undefined;
    const call = this.#call!;
    this.#send(call);
    if (call.paused) this.#socket.pause();
    this.#saySent();
  }

  read(bytes: Buffer, count: number): void {
    if (this.#dead) return;
    if (this.#unsaid) this.#saySent();
    if (this.#progress === 'sent') this.#progress = 'began';
    try {
      this.#parser.feed(bytes, count);
    } catch (fault) {
      this.close(fault);
    }
  }

  ended(): void {
    if (!this.#dead && !this.#parser.close()) this.#cut();
    else this.#die();
  }

  failed(error: Error): void {
    this.close(error);
  }

  closed(): void {
    this.#cut();
  }

  // -- AnswerListener

  head(status: number, headers: UpstreamHeaders): void {
    this.#progress = 'head';
    this.#call!.head(status, headers);
  }

  data(chunk: Buffer): void {
    this.#call!.data(chunk);
  }

  end(reusable: boolean, heldMs: number): void {
    const call = this.#call!;
    const socket = this.#socket;
    this.#call = null;
    // An answer that came before the request was out leaves the rest of the request in the way of the next.
    if (reusable && !this.single && socket.writable && socket.writableLength === 0) {
      if (call.paused) socket.resume();
      this.#owner.idle(this, heldMs);
    } else {
      this.#die();
    }
    call.end();
  }

  // -- inside

  #send(call: LeanCall): void {
    const socket = this.#socket;
    this.#progress = 'sent';
    this.#unsaid = true;
    this.#parser.begin();
    const { message, body } = call;
    call.message = null;
    call.body = null;
    if (body === null) {
      socket.write(message!);
      return;
    }
    socket.cork();
    socket.write(message!);
    if (Buffer.isBuffer(body)) socket.write(body);
    else for (const piece of body.pieces()) socket.write(piece);
    socket.uncork();
  }

  #cut(): void {
    this.close(new WireFault('CUT', 'the connection was closed'));
  }

  #die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#call = null;
    this.#unsaid = false;
    clearTimeout(this.#connectTimer);
    this.#parser.stop();
    this.#socket.destroy();
    this.#owner.gone(this);
  }
}
