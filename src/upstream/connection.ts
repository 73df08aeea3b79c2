// One socket to a provider, carrying one call at a time.
//
//   connecting ──► sent ──► began ──► head ──► idle ──► due ──► sent …       any ── error, end, abort, close() ──► dead
//
// `due`: it has a call, whose request leaves at the end of the turn.
// `dead` is entered exactly once; the owner hears of it before the call does, so that its place is free by then.
// Of a large answer it takes a slice in each turn of the event loop: node reads 2 MB of a socket before it looks at another,
// and what is made of them takes milliseconds in which nobody else is served.
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { TURN_BYTES } from '../body/turn-bytes.ts';
import { isSource } from '../contracts/body-source.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { UpstreamHeaders } from '../contracts/upstream.ts';
import { behindTurns, type Deadline } from '../ipc/behind-reads.ts';
import { type AnswerLimits, type AnswerListener, AnswerParser } from './answer-parser.ts';
import type { Dial, Dialling, DialStage, SocketListener } from './dial.ts';
import { isUnreachable, type Progress, upstreamFault } from './faults.ts';
import { startsHttp2 } from './http2-preface.ts';
import type { Carrier, LeanCall } from './lean-call.ts';
import type { Outbox, Sender } from './outbox.ts';
import { UploadPump } from './upload-pump.ts';
import { WireFault } from './wire-fault.ts';

export interface ConnectionOwner {
  /** Its answer has ended and it can carry another call; the owner may begin() one at once. */
  idle(connection: Connection, heldMs: number): void;
  gone(connection: Connection): void;
  /** Why it never carried its call: said before `gone`. */
  unreachable(fault: unknown, stage: DialStage): void;
}

export interface ConnectionOptions {
  dial: Dial;
  outbox: Outbox;
  limits: AnswerLimits;
  connectTimeoutMs: number;
  /** Requests carry their whole URL: a forward proxy answers in the origin's place, and for itself with 407. */
  forwarded: boolean;
}

/** Who waits for longer is told why nothing came of it. */
const LONG_MS = 1_000;
/** A read of less is no part of a large answer, or its end: TLS gives as much at a time. */
const LARGE_READ_BYTES = 16 * 1024;

export class Connection implements Carrier, Sender, AnswerListener, SocketListener {
  /** Set by the owner: when the idle connection is too old to be used. */
  expiresAt = 0;
  /** Set by the owner: from then on it carries no further call. */
  retireAt = Number.POSITIVE_INFINITY;
  /** What it is connected to; '' before it is. */
  address = '';
  /** For the call it was opened for only. */
  readonly single: boolean;

  readonly #owner: ConnectionOwner;
  readonly #outbox: Outbox;
  readonly #parser: AnswerParser;
  readonly #forwarded: boolean;
  readonly #dialling: Dialling;
  readonly #dialledAt = performance.now();
  /** Null until it is connected. */
  #socket: Socket | null = null;
  #connectTimer: Deadline | undefined;
  #call: LeanCall | null;
  /** The body of its request, as long as that is on its way; null for one that was written at once. */
  #upload: UploadPump | null = null;
  #progress: Progress = 'connecting';
  #dead = false;
  /** It waits for the end of the turn to send its call. */
  #due = false;
  /** That call waited for no connection. */
  #atOnce = false;
  /** Bytes of large reads in this turn; -1 = none. */
  #turnBytes = -1;
  /** It has had its share of this turn: not read until the next. */
  #rests = false;
  readonly #nextTurn = (): void => {
    this.#turnBytes = -1;
    if (!this.#rests) return;
    this.#rests = false;
    if (!this.#dead && this.#call?.paused !== true) this.#socket!.resume();
  };

  /** Connects, and sends `call` once connected. */
  constructor(owner: ConnectionOwner, call: LeanCall, single: boolean, options: ConnectionOptions) {
    this.#owner = owner;
    this.#outbox = options.outbox;
    this.#call = call;
    this.single = single;
    this.#parser = new AnswerParser(this, options.limits);
    this.#forwarded = options.forwarded;
    this.#dialling = options.dial.open(this);
    if (options.connectTimeoutMs > 0) {
      this.#connectTimer = behindTurns(options.connectTimeoutMs, () => this.close(timedOut()));
    }
    call.carrier = this;
  }

  get connected(): boolean {
    return this.#progress !== 'connecting';
  }

  get running(): boolean {
    return this.#call !== null && this.connected;
  }

  /** Takes a call over the idle connection, to be sent at the end of this turn. */
  begin(call: LeanCall): void {
    this.#call = call;
    this.#atOnce = call.carrier === null;
    call.carrier = this;
    // A connection that closes from here on was found closed: no byte came back, the call may be sent on another.
    this.#expect(call);
    this.#due = true;
    this.#outbox.add(this);
  }

  /** Ends the connection, and the call on it with `fault`. */
  close(fault: unknown): void {
    if (this.#dead) return;
    const call = this.#call;
    const error = call === null ? null : upstreamFault(fault, this.#progress);
    if (error !== null && isUnreachable(error)) this.#owner.unreachable(fault, this.#dialling.stage);
    this.#die();
    if (error !== null) call!.fail(error);
  }

  // -- Carrier

  abandon(): void {
    // The clock of the call is shorter than ours: what it waited for is known only here.
    if (!this.connected && performance.now() - this.#dialledAt >= LONG_MS) {
      this.#owner.unreachable(timedOut(), this.#dialling.stage);
    }
    this.#die();
  }

  flow(call: LeanCall): void {
    const socket = this.#socket;
    if (socket === null) return; // a paused handshake would never end
    if (call.paused) socket.pause();
    else if (!this.#rests) socket.resume();
  }

  // -- Sender

  flush(): void {
    if (!this.#due) return;
    this.#due = false;
    this.#send(this.#call!, this.#atOnce);
  }

  // -- SocketListener

  ready(socket: Socket, address: string): void {
    if (this.#dead) return;
    this.#socket = socket;
    this.address = address;
    this.#connectTimer?.clear();
    this.#connectTimer = undefined;
    const call = this.#call!;
    this.#expect(call);
    this.#send(call, false);
    if (call.paused) socket.pause();
  }

  read(bytes: Buffer, count: number): void {
    if (this.#dead) return;
    if (this.#due) {
      // An answer to what was not asked yet is not this call's.
      this.#cut();
      return;
    }
    if (this.#progress === 'sent') {
      if (startsHttp2(bytes, count)) {
        this.close(new WireFault('HTTP2_ONLY', 'the peer speaks HTTP/2 only'));
        return;
      }
      this.#progress = 'began';
    }
    try {
      this.#parser.feed(bytes, count);
    } catch (fault) {
      this.close(fault);
    }
    if (count >= LARGE_READ_BYTES && this.#call !== null) this.#pace(count);
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
    if (status === 407 && this.#forwarded) {
      throw new WireFault('PROXY_REFUSED', 'the proxy answered 407: it wants another user or password');
    }
    this.#progress = 'head';
    this.#call!.head(status, headers);
  }

  data(chunk: Buffer): void {
    this.#call!.data(chunk);
  }

  end(reusable: boolean, heldMs: number): void {
    const call = this.#call!;
    const socket = this.#socket!;
    this.#call = null;
    // An answer that came before the request was out leaves the rest of the request in the way of the next.
    const sent = this.#upload === null || this.#upload.whole;
    this.#upload?.stop();
    this.#upload = null;
    if (reusable && sent && !this.single && socket.writable && socket.writableLength === 0) {
      if (call.paused || this.#rests) socket.resume();
      this.#rests = false;
      this.#owner.idle(this, heldMs);
    } else {
      this.#die();
    }
    call.end();
  }

  // -- inside

  #pace(count: number): void {
    if (this.#turnBytes === -1) {
      this.#turnBytes = 0;
      setImmediate(this.#nextTurn);
    }
    this.#turnBytes += count;
    if (this.#turnBytes < TURN_BYTES || this.#rests) return;
    this.#rests = true;
    this.#socket!.pause();
  }

  #expect(call: LeanCall): void {
    this.#progress = 'sent';
    this.#parser.begin(call.headless);
  }

  #send(call: LeanCall, atOnce: boolean): void {
    const socket = this.#socket!;
    const { message, body } = call;
    call.message = null;
    call.body = null;
    if (body === null) {
      socket.write(message!);
    } else if (isSource(body)) {
      socket.write(message!);
      // Told first: the pump may find at once that there is nothing to wait for.
      call.sent(atOnce);
      if (!this.#dead && this.#call === call)
        this.#upload = new UploadPump(socket, body, (error) => this.#give(error));
      return;
    } else {
      socket.cork();
      socket.write(message!);
      if (Buffer.isBuffer(body)) socket.write(body);
      else for (const piece of body.pieces()) socket.write(piece);
      socket.uncork();
    }
    call.sent(atOnce);
  }

  /** The body broke off on its way here: nothing that is the provider's fault. */
  #give(error: GatewayError): void {
    const call = this.#call;
    this.#die();
    call?.fail(error);
  }

  #cut(): void {
    this.close(new WireFault('CUT', 'the connection was closed'));
  }

  #die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#call = null;
    this.#due = false;
    this.#connectTimer?.clear();
    this.#upload?.stop();
    this.#upload = null;
    this.#parser.stop();
    if (this.#socket === null) this.#dialling.stop();
    else this.#socket.destroy();
    this.#owner.gone(this);
  }
}

function timedOut(): WireFault {
  return new WireFault('CONNECT_TIMEOUT', 'not connected in time');
}
