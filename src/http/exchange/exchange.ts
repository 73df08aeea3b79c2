// One request and its answer, whichever listener took it: all that the server's logic knows of a connection. Made by
// uws-listener.ts out of uWebSockets.js; a listener of another kind brings an Exchange and heads of its own.
import type { Buffer } from 'node:buffer';
import type { BodySource } from '../../contracts/body-source.ts';
import type { Call, Peer, RequestHead } from '../../contracts/call.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import type { Silence } from './silence.ts';

/** Why a head is refused; '' = it is fine. The connection is closed after the answer. */
export type HeadFault = '' | string;

/** The head of a request, as far as a listener has looked into it. */
export interface ArrivedHead extends RequestHead {
  /** Declared content-length in bytes, or -1. */
  contentLength: number;
  chunked: boolean;
  /** The client ends the connection with this request. */
  asksClose: boolean;
  fault: HeadFault;
  /** Its address has a connection too many, which ends with this request. */
  crowded?: boolean;
}

/** What happens on a WebSocket. */
export interface SocketSession {
  message(text: string): void;
  /** Absent: bytes are read as text. */
  binary?(bytes: Buffer): void;
  drained(): void;
  /** @param code of RFC 6455, 7.4.1; 1006 = it broke. */
  gone(code?: number): void;
}

/** Makes a WebSocket of the request, in place of an answer. Inside its handler alone. */
export type Upgrade = (open: (wire: SocketWire) => SocketSession) => void;

/** A WebSocket, to be written to. */
export interface SocketWire {
  /** @returns false: more waits than the client takes. */
  send(message: string | Buffer): boolean;
  /** @param code of RFC 6455, 7.4.1. */
  close(code: number, reason: string): void;
}

/**
 * Takes every request of a listener. @param startedAt monotonic ms at its first byte. @param upgrade where the client asks for
 * a WebSocket.
 */
export type RequestHandler = (
  exchange: Exchange,
  head: ArrivedHead,
  startedAt: number,
  upgrade?: Upgrade,
) => void;

/** What an exchange asks of its server. */
export interface ExchangeHost {
  /** Answers say `connection: close`. */
  readonly draining: boolean;
  now(): number;
  /** The exchange is over: ended or gone. Called once. */
  closed(exchange: Exchange): void;
}

export interface Exchange extends Sink, Peer {
  /** The client left before it had its whole answer. */
  onGone: (() => void) | null;
  /** Place among the open exchanges of the server. */
  slot: number;
  /** The connection ends with this answer. */
  closeAfter: boolean;
  /** The client said that it does. */
  clientCloses: boolean;
  /** Answer to a HEAD: its body is announced, not sent. */
  headless: boolean;
  /** The call this exchange carries; null when its head was refused. */
  call: Call | null;
  /** Monotonic ms by which the body must have come; 0 = it has, or none is awaited. */
  bodyBy: number;

  /** @param id clean request id. @param more further headers of every answer; values are ours. */
  setBaseHeaders(id: string, more: HeaderList): void;
  /**
   * Collects the body; `done` gets it whole (a copy), `over` is called instead once more than `maxBytes` came.
   * @param announced its length, -1 when it was not told
   */
  readBody(maxBytes: number, announced: number, done: (body: Buffer) => void, over: () => void): void;
  /**
   * The body as it comes, instead of `readBody`. More than `maxBytes` fails its reader with GW_CLIENT_TOO_LARGE.
   * @param idleMs `bodyBy` is so long after each piece, and 0 while nothing is awaited.
   */
  openBody(maxBytes: number, announced: number, idleMs: number): BodySource;
  /** An answer without a body (HEAD, 204, 304), `length` announced when it is not negative. */
  replyEmpty(status: number, headers: HeaderList, length?: number): void;
  /** Answers inside the handler to a head that cannot be trusted: nothing behind it is taken for a request. */
  refuseHead(status: number, headers: HeaderList, body: string): void;
  /**
   * Answers at once although the body has not come, then reads the rest of it away for a bounded while: a client that
   * sends all before it reads would otherwise see a reset instead of the answer. Then closes.
   */
  refuseAndLinger(status: number, headers: HeaderList, body: string): void;
  /**
   * Looks after what waits for the client or is awaited of it; to be called a few times a second.
   * @returns ms since a client with bytes waiting took any; 0 when nothing waits.
   */
  tend(now: number): number;

  // -- absent where an answer is no stream over HTTP (heartbeat.ts)
  /** How long a stream has said nothing; null or absent = nobody looked yet. */
  silence?: Silence | null;
  /**
   * Begins a stream before there is an answer, which is not committed by it: the head that `start` gives then is too late, and what
   * `reply` gives is told as the stream's end, as `asEnd` makes it.
   */
  openEarly?(headers: HeaderList, asEnd: AsEnd): void;
  /** Says `text` between two events, where a stream is open whose client has taken all it was told; else nothing. */
  sign?(text: string): void;
}

/** What becomes of a whole answer to who was given a stream already. */
export type AsEnd = (status: number, headers: HeaderList, body: Buffer | string) => Buffer | string;
